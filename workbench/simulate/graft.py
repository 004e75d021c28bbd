"""A campaign grafted onto real traffic: canonical rows that a log could have held.

Each planted exchange follows an exchange of the log: it says something in a column only where
that one does, so that nothing can be seen of a campaign that the log does not show of anybody.
Accounts live where ordinary accounts live, beside them; what a campaign pools comes on top. What
its accounts do besides harvesting are ordinary accounts' own requests, word by word. Text of logs
stays text: it is copied and never looked into.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.account import IdentityKind
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.simulate.chance import below, generator, hexes, salt
from workbench.simulate.clock import DAY_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.simulate.plant import Planted

#: Requests in a row that an account passes on for one customer, before the next one comes.
_RUN: Final = 10
_CHARACTERS_A_TOKEN: Final = 3.8
#: Column that names an account of each kind.
IDENTITY: Final = {
    IdentityKind.KEY: "account_id",
    IdentityKind.USER: "end_user",
    IdentityKind.ORGANISATION: "org_id",
    IdentityKind.ADDRESS: "ip",
}
#: Columns that say what was asked and answered; the others say by whom, where and when.
_CONTENT: Final = (
    "endpoint", "model", "status", "error_type", "stop_reason", "stream", "in_tok", "out_tok",
    "reasoning_tok", "cached_tok", "temperature", "n", "max_tok", "logprobs", "thinking",
    "n_turns", "tools", "latency_ms", "ttft_ms", "system", "prompt", "completion", "reasoning",
    "dialogue",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Ordinary accounts of a log.

    Attributes:
        rows: Their exchanges (``CANONICAL_SCHEMA``), by account, in time order within one.
        offsets: Shape (D + 1,), where each account's rows begin; none is empty.
        kind: What names an account in this log.
        taken: Every account name of the log: a planted one has another.
        begin_us: When the span of the campaign begins, UTC microseconds.
    """

    rows: pa.Table
    offsets: NDArray[np.int64]
    kind: IdentityKind
    taken: frozenset[str]
    begin_us: int

    def __len__(self) -> int:
        return len(self.offsets) - 1


def donors_needed(planted: Planted) -> int:
    """How many ordinary accounts let each be followed, or served, once."""
    own = np.bincount(planted.account[~planted.planned], minlength=planted.n_accounts)
    return planted.n_accounts + int(np.sum(-(-own // _RUN)))


def graft(planted: Planted, ordinary: Ordinary, *, seed: int) -> tuple[pa.Table, tuple[str, ...]]:
    """The campaign as rows of the log.

    Args:
        planted: The campaign.
        ordinary: Whom its accounts follow: account i the i-th, as far as there are so many.
        seed: Root of every random number.

    Returns:
        Rows of ``CANONICAL_SCHEMA`` in time order, and the name of each planted account.
    """
    home = _home(planted, ordinary)
    content = _served(planted, ordinary, home, generator(seed, "served"))
    names = _names(planted.n_accounts, ordinary, seed)
    made = _Made(planted, ordinary, seed, names, home)
    content_rows = ordinary.rows.take(content)
    home_rows = ordinary.rows.take(home)
    columns = []
    for field in CANONICAL_SCHEMA:
        source = content_rows if field.name in _CONTENT else home_rows
        model = source.column(field.name).combine_chunks()
        make = made.by_column.get(field.name)
        values = model if make is None else make(model)
        columns.append(_where_said(values.cast(field.type), model))
    table = pa.Table.from_arrays(columns, schema=CANONICAL_SCHEMA)
    return table.take(np.argsort(planted.days, kind="stable")), names


def _where_said(values: pa.Array, model: pa.Array) -> pa.Array:
    """The values where the exchange that is followed has one; NULL elsewhere."""
    return pc.if_else(model.is_valid(), values, pa.scalar(None, values.type))


# --- whom a planted exchange follows -----------------------------------------------------------
def _home(planted: Planted, ordinary: Ordinary) -> NDArray[np.int64]:
    """Row of the ordinary exchange that each follows, (N,): in the order of time."""
    counts = np.bincount(planted.account, minlength=planted.n_accounts)
    first = np.cumsum(counts) - counts
    number = np.arange(len(planted.account)) - first[planted.account]
    donor = planted.account % len(ordinary)
    length = np.diff(ordinary.offsets)[donor]
    step = number * length // counts[planted.account]
    return (ordinary.offsets[donor] + step).astype(np.int64)


def _served(
    planted: Planted,
    ordinary: Ordinary,
    home: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Row whose request each exchange repeats, (N,): of a customer; ``home`` where it harvests.

    A customer asks a few things in a row, and no two planted accounts serve the same one while
    there are customers enough.
    """
    out = home.copy()
    customer = planted.n_accounts
    rows = np.flatnonzero(~planted.planned)
    for mine in np.split(rows, np.flatnonzero(np.diff(planted.account[rows])) + 1):
        for low in range(0, len(mine), _RUN):
            here = mine[low : low + _RUN]
            first, end = ordinary.offsets[customer % len(ordinary) :][:2].tolist()
            start = int(rng.integers(first, end))
            out[here] = first + (start - first + np.arange(len(here))) % (end - first)
            customer += 1
    return out


def _names(count: int, ordinary: Ordinary, seed: int) -> tuple[str, ...]:
    """A name for each account that the log does not hold."""
    names: list[str] = []
    turn = 0
    while len(names) < count:
        drawn = hexes(seed, f"account {turn}", count, 16).tolist()
        if ordinary.kind is IdentityKind.ADDRESS:
            drawn = [str(ipaddress.IPv4Address(0xF0000000 + int(n[:6], 16))) for n in drawn]
        else:
            drawn = [f"planted-{name}" for name in drawn]
        fresh = [n for n in drawn if n not in ordinary.taken and n not in names]
        names += list(dict.fromkeys(fresh))
        turn += 1
    return tuple(names[:count])


class _Made:
    """Makes the columns that a planted exchange does not take over as they are."""

    def __init__(
        self,
        planted: Planted,
        ordinary: Ordinary,
        seed: int,
        names: tuple[str, ...],
        home: NDArray[np.int64],
    ) -> None:
        self._planted = planted
        self._ordinary = ordinary
        self._seed = seed
        self._home = home
        own = pa.array(names).take(planted.account)
        exits = np.flatnonzero(ordinary.rows.column("ip").is_valid().to_numpy())
        #: Row whose address a pooled exit is: somebody's home.
        self._exit = (
            exits[below(_number(planted.place), salt("exit"), max(len(exits), 1))]
            if len(exits)
            else np.zeros(len(home), np.int64)
        )
        self.by_column: dict[str, Callable[[pa.Array], pa.Array]] = {
            "request_id": lambda _: self._each("request"),
            "ts": lambda _: self._instants(),
            "account_id": lambda was: self._of_account("key", was),
            "org_id": lambda was: self._of_account("org", was),
            "end_user": lambda was: self._of_account("user", was),
            "session_id": lambda _: self._numbered("session", planted.sitting),
            "ip": self._ip,
            "asn": lambda was: self._exits("asn", was),
            "country": lambda was: self._exits("country", was),
            "user_agent": self._agent,
            "ja3": lambda was: self._handshake(was, lambda h: h),
            "ja4": lambda was: self._handshake(was, lambda h: f"t13d1516h2_{h[:12]}_{h[12:24]}"),
            "account_created_at": lambda _: self._created(),
            "email_domain": self._mail,
            "payment_hash": lambda _: self._cards(),
            "in_tok": lambda was: self._harvested(was, _tokens(planted.prompt)),
            "n_turns": lambda was: self._harvested(was, pa.array(planted.turn)),
            "prompt": lambda was: self._harvested(was, planted.prompt),
            "completion": lambda was: self._harvested(was, planted.answer),
            "reasoning": lambda was: self._harvested(was, planted.answer),
            "dialogue": lambda was: self._harvested(was, pa.nulls(len(planted.prompt), was.type)),
            "embedding": lambda was: pa.nulls(len(was), was.type),
            IDENTITY[ordinary.kind]: lambda _: own,
        }

    # --- who -----------------------------------------------------------------------------------
    def _each(self, what: str) -> pa.Array:
        return pa.array([f"planted-{h}" for h in hexes(self._seed, what, len(self._home), 20)])

    def _numbered(self, what: str, number: NDArray[np.int64]) -> pa.Array:
        """A name for each number."""
        used, inverse = np.unique(number, return_inverse=True)
        names = [f"planted-{h}" for h in hexes(self._seed, what, len(used), 16)]
        return pa.array(names).take(inverse)

    def _of_account(self, what: str, was: pa.Array) -> pa.Array:
        """A name for each account and value that it follows."""
        codes = np.asarray(was.dictionary_encode().indices.fill_null(0))
        return self._numbered(what, self._planted.account * (len(was) + 1) + codes)

    def _instants(self) -> pa.Array:
        thousandths = np.floor(self._planted.days * DAY_US / 1000).astype(np.int64)
        return pa.array(self._ordinary.begin_us + thousandths * 1000).cast(pa.timestamp("us"))

    def _created(self) -> pa.Array:
        seconds = np.floor(self._planted.created * DAY_US / 1e6).astype(np.int64)
        created = self._ordinary.begin_us + seconds * 1_000_000
        return pa.array(created[self._planted.account]).cast(pa.timestamp("us"))

    # --- from where, by which means ------------------------------------------------------------
    def _ip(self, was: pa.Array) -> pa.Array:
        """Where it is: at a pooled exit, beside whom it follows, or where strangers meet.

        An address that strangers share (a carrier, a VPN) is taken over as it is; of any other
        network another host.
        """
        account = self._planted.account
        pairs = pa.table({"ip": was, "account": account}).group_by(["ip", "account"]).aggregate([])
        beside = {
            (row["ip"], row["account"]): _beside(row["ip"], f"{self._seed}/{row['account']}")
            for row in pairs.to_pylist()
            if row["ip"] is not None
        }
        keys = zip(was.to_pylist(), account.tolist(), strict=True)
        own = pa.array([beside.get(key) for key in keys], pa.string())
        shared, _ = self._among_strangers("ip")
        return self._exits("ip", pc.if_else(pc.is_in(was, value_set=shared), was, own))

    def _exits(self, name: str, was: pa.Array) -> pa.Array:
        there = self._ordinary.rows.column(name).combine_chunks().take(self._exit)
        return pc.if_else(pa.array(self._planted.place >= 0), there, was)

    def _agent(self, was: pa.Array) -> pa.Array:
        """A pooled build goes by a user agent that others go by, too."""
        known = self._ordinary.rows.column("user_agent").drop_null().combine_chunks()
        if not len(known):
            return was
        shared = known.take(below(_number(self._planted.build), salt("agent"), len(known)))
        return pc.if_else(pa.array(self._planted.build >= 0), shared, was)

    def _handshake(self, was: pa.Array, form: Callable[[str], str]) -> pa.Array:
        """A pooled build's handshake is its own."""
        used, inverse = np.unique(self._planted.build, return_inverse=True)
        own = pa.array([form(h) for h in hexes(self._seed, "handshake", len(used), 32)])
        return pc.if_else(pa.array(self._planted.build >= 0), own.take(inverse), was)

    def _mail(self, was: pa.Array) -> pa.Array:
        """A provider that strangers use; else a domain of one's own, or the pooled one."""
        common, _ = self._among_strangers("email_domain")
        pooled = self._planted.mail[self._planted.account]
        alone = self._numbered("mail", np.where(pooled >= 0, pooled, -1 - self._planted.account))
        alone = pc.binary_join_element_wise(alone, "example", ".")
        as_it_was = pc.and_(pc.is_in(was, value_set=common), pa.array(pooled < 0))
        return pc.if_else(as_it_was, was, alone)

    def _cards(self) -> pa.Array:
        """A card of one's own, the pooled one, or one that strangers share.

        The last where whom it follows has such a card; another one, or the two were one customer.
        """
        card = self._planted.card
        alone = self._numbered(
            "card", np.where(card >= 0, card, -1 - np.arange(len(card)))[self._planted.account]
        )
        shared, held = self._among_strangers("payment_hash")
        if len(shared) < 2:
            return alone
        mine = held[np.arange(len(card)) % len(held)]
        step = 1 + below(np.arange(len(card), dtype=np.uint64), salt("shared"), len(shared) - 1)
        other = shared.take(((mine + step) % len(shared))[self._planted.account])
        joins = ((mine >= 0) & (card < 0))[self._planted.account]
        return pc.if_else(pa.array(joins), other, alone)

    def _among_strangers(self, name: str) -> tuple[pa.Array, NDArray[np.int64]]:
        """Values that several accounts of no organisation hold, and which each account holds.

        Returns:
            The values, sorted, and for each ordinary account the place of one that it holds; -1.
        """
        lent = self._ordinary
        owner = np.repeat(np.arange(len(lent)), np.diff(lent.offsets))
        table = pa.table({"value": lent.rows.column(name), "owner": owner})
        table = table.filter(pc.is_null(lent.rows.column("org_id"))).drop_null()
        owners = table.group_by("value").aggregate([("owner", "count_distinct")])
        several = owners.filter(pc.greater(owners.column("owner_count_distinct"), 1))
        values = several.sort_by("value").column("value").combine_chunks()
        places = pc.index_in(table.column("value"), value_set=values).combine_chunks()
        held = np.full(len(lent), -1, dtype=np.int64)
        held[table.column("owner").to_numpy()] = np.asarray(places.fill_null(-1), dtype=np.int64)
        return values, held

    # --- what ----------------------------------------------------------------------------------
    def _harvested(self, was: pa.Array, values: pa.Array) -> pa.Array:
        return pc.if_else(pa.array(self._planted.planned), values.cast(was.type), was)


def _tokens(prompt: pa.StringArray) -> pa.Array:
    length = np.asarray(pc.utf8_length(prompt), dtype=np.float64)
    return pa.array(6 + np.ceil(length / _CHARACTERS_A_TOKEN).astype(np.int64))


def _number(of: NDArray[np.int64]) -> NDArray[np.uint64]:
    return np.maximum(of, 0).astype(np.uint64)


def _beside(ip: str, who: str) -> str:
    """Another host of the address's network (/24, or /64); what is no address stays as it is."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    drawn = int(hexes(0, f"{who}/{ip}", 1, 12)[0], 16)
    size = 256 if address.version == 4 else 1 << 64
    host = int(address) % size
    other = 1 + (host + drawn % (size - 3)) % (size - 2)
    return str(type(address)(int(address) - host + other))
