"""What accounts show of themselves: values of identity and infrastructure, and who holds them.

A tie is a value that two customers share; it weighs -log of the share of customers who hold the
value, so that a carrier's address says little and one card says much. Values that many hold are
hubs and tie nobody. Reads no country and nothing that stands for one.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.domain.door import network_of_pseudonym

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

#: A value held by more accounts than this ties nobody.
HUB: Final = 60
#: Kinds that may tie strangers, and what share of the evidence they carry: a network operator
#: (asn) is what most people of a place share, and would betray where they live.
KINDS: Final[dict[str, float]] = {
    "network": 1.0,
    "payment": 1.0,
    "domain": 1.0,
    "client": 1.0,
    "asn": 0.25,
}


@dataclass(frozen=True, slots=True)
class Held:
    """Values of one kind as compressed rows: who holds each.

    Attributes:
        offsets: i64[V+1].
        holder: i32[nnz] accounts, ascending within a value.
        text: Each value as the log has it; empty where nobody asks for it.
    """

    offsets: NDArray[np.int64]
    holder: NDArray[np.int32]
    text: Sequence[str] = ()

    @property
    def sizes(self) -> NDArray[np.int64]:
        """i64[V]: holders of each value."""
        return np.diff(self.offsets)

    @property
    def value(self) -> NDArray[np.int64]:
        """i64[nnz]: the value beside each holder."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.sizes)

    @classmethod
    def of(
        cls, account: NDArray[np.int64], value: NDArray[np.int64], text: Sequence[str] = ()
    ) -> Held:
        """From pairs in any order; repeats count once, codes are made dense.

        Args:
            account: Holders.
            value: Code of what each holds.
            text: Each value; only where codes are dense already.
        """
        if len(account) == 0:
            return cls(np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32))
        _, dense = np.unique(value, return_inverse=True)
        width = int(account.max()) + 1
        pairs = np.unique(dense.astype(np.int64) * width + account)
        offsets = np.zeros(int(dense.max()) + 2, dtype=np.int64)
        np.cumsum(np.bincount(pairs // width, minlength=len(offsets) - 1), out=offsets[1:])
        return cls(offsets, (pairs % width).astype(np.int32), text)

    def shared_by(self, customer: NDArray[np.int32]) -> NDArray[np.int64]:
        """i64[V]: different customers who hold each value."""
        pairs = np.unique(self.value * (int(customer.max(initial=0)) + 1) + customer[self.holder])
        found = pairs // (int(customer.max(initial=0)) + 1)
        return np.bincount(found, minlength=len(self.offsets) - 1)


@dataclass(frozen=True, slots=True)
class Ties:
    """Everything shown, by kind.

    Attributes:
        held: Kind -> who holds each value. A kind without any value in the log is absent.
        customer: i32[A] accounts that are openly one customer share a number.
    """

    held: Mapping[str, Held]
    customer: NDArray[np.int32]

    @property
    def n_customers(self) -> int:
        """Different customers."""
        return int(self.customer.max(initial=-1)) + 1

    def evidence(self, kind: str) -> NDArray[np.float64]:
        """f64[V] nats: -log share of the customers who hold each value; 0 where it ties nobody."""
        held = self.held[kind]
        customers = held.shared_by(self.customer)
        ties = (customers >= 2) & (held.sizes <= HUB)
        # log(all / holders), not -log(holders / all): what everybody holds is 0.0, never -0.0.
        rarity = np.log(max(self.n_customers, 1) / np.maximum(customers, 1))
        return np.where(ties, rarity, 0.0) * KINDS.get(kind, 1.0)


def network_of(address: str) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 address; any other text as it is.

    A pseudonym tells its network, which is one of these.
    """
    if (network := network_of_pseudonym(address)) is not None:
        return network
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        return address.strip()
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, bits), strict=False))


def held_values(shown: pa.Table, account_of: Mapping[int, int]) -> dict[str, Held]:
    """Who holds which value, from the statement ``shown_values``.

    Args:
        shown: Columns account_id, kind, value (text). Kind ``address`` becomes ``network``;
            ``ja3``, ``ja4`` and ``agent`` are all ``client``.
        account_of: Identity code -> position of the account.
    """
    found: dict[str, tuple[list[int], list[str]]] = {}
    networks: dict[str, str] = {}
    rows = zip(
        shown.column("account_id").to_pylist(),
        shown.column("kind").to_pylist(),
        shown.column("value").to_pylist(),
        strict=True,
    )
    for code, kind, value in rows:
        if kind == "address":
            if value not in networks:
                networks[value] = network_of(value)
            name, text = "network", networks[value]
        elif kind in ("ja3", "ja4", "agent"):
            name, text = "client", f"{kind} {value}"
        else:
            name, text = kind, value
        accounts, values = found.setdefault(name, ([], []))
        accounts.append(account_of[code])
        values.append(text)
    return {name: _coded(accounts, values) for name, (accounts, values) in sorted(found.items())}


def _coded(accounts: Sequence[int], values: Sequence[str]) -> Held:
    codes: dict[str, int] = {}
    coded = [codes.setdefault(value, len(codes)) for value in values]
    return Held.of(
        np.array(accounts, dtype=np.int64), np.array(coded, dtype=np.int64), tuple(codes)
    )


def strongest_share(ties: Ties, kind: str, n_accounts: int) -> NDArray[np.float64]:
    """f64[A] nats: evidence of the rarest value that the account shares with another customer.

    0 where it shares none; NaN for an account without any value of this kind.
    """
    found = np.full(n_accounts, np.nan)
    if kind not in ties.held:
        return found
    held = ties.held[kind]
    found[np.unique(held.holder)] = 0.0
    np.fmax.at(found, held.holder, ties.evidence(kind)[held.value])
    return found
