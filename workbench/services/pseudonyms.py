"""Pseudonyms: names in logs and tables replaced before anything is written to a case.

A pseudonym is HMAC-SHA256 (RFC 2104) of column and value with a key outside the case, cut to 80
bits and written in base 32: the same name has the same pseudonym wherever the key is the same, and
without the key nobody can tell which name it was, nor test a guess. Different names get the same
pseudonym with probability below n^2 / 2^81: of a million accounts 4e-13, of 29 million requests
3.5e-10.

Of an address two things are kept: whether two are equal, and whether they lie in one network, which
is all that the analysis reads of them (``analysis.signals.ties``): the /24 of an IPv4, the /48 of
an IPv6 address. A pseudonym is the network's, a dot, and the address's own 50 bits. Crypto-PAn (Xu
et al. 2002) would keep the common prefix of any two addresses, whatever its length: more than is
read here, and what attacks on such traces begin with (Burkhart et al. 2010); its pseudonyms also
are addresses of somebody else, which must not stand in evidence.

This room must not decide what is replaced (``services.door`` does).
"""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from workbench.analysis.signals.ties import network_of
from workbench.domain.account import IdentityKind
from workbench.domain.door import PSEUDONYMS
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.keyed import WORD, keyed_word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.domain.ports import Parsed

#: Characters of an address within its network.
_HOST: Final = 10
#: Addresses whose pseudonyms are remembered.
_REMEMBERED: Final = 1 << 16
#: Kind of identity -> the canonical column that holds its values.
COLUMN_OF: Final = {
    IdentityKind.KEY.value: "account_id",
    IdentityKind.USER.value: "end_user",
    IdentityKind.ORGANISATION.value: "org_id",
    IdentityKind.ADDRESS.value: "ip",
}
#: Field of an added table -> the canonical column whose names it holds.
_FIELDS: Final = {
    "email_domain": "email_domain",
    "payment_hash": "payment_hash",
    "parent_org": "org_id",
    "signup_address": "ip",
}


class Pseudonyms:
    """Replaces the values of some columns.

    Args:
        secret: The key.
        columns: Canonical columns, each one of ``PSEUDONYMS``.
    """

    def __init__(self, secret: bytes, columns: Iterable[str]) -> None:
        self._secret = secret
        wanted = set(columns)
        # Addresses come again, block after block, and are slow to read.
        self._address = lru_cache(_REMEMBERED)(self._address_of)
        #: In the schema's order.
        self.columns = tuple(name for name in CANONICAL_SCHEMA.names if name in wanted)

    def of(self, column: str, value: str) -> str:
        """The pseudonym of a value; the value itself where the column is not replaced."""
        if column not in self.columns:
            return value
        if column == "ip":
            return self._address(value)
        return f"{PSEUDONYMS[column]}-{self._word(column, value)}"

    def records(self, parsed: Parsed) -> Parsed:
        """A block of a log with its names replaced."""
        records = parsed.records
        for name in self.columns:
            index = records.schema.get_field_index(name)
            records = records.set_column(index, name, self._array(name, records.column(index)))
        halves = parsed.halves
        if halves is not None and "request_id" in self.columns:
            # What halves are joined by names requests, and waits on the disk until they are.
            for name in ("batch", "key"):
                index = halves.schema.get_field_index(name)
                replaced = self._array("request_id", halves.column(index))
                halves = halves.set_column(index, halves.schema.field(index), replaced)
        return replace(parsed, records=records, halves=halves)

    def rows(self, rows: pa.RecordBatch, level: str) -> pa.RecordBatch:
        """Rows of an added table with their names replaced.

        Args:
            rows: Of the kind's schema.
            level: Kind of identity that rows mean which say none; it is written into them, since
                the pseudonym holds for that kind alone.
        """
        names = rows.schema.names
        for field, column in _FIELDS.items():
            if field in names and column in self.columns:
                index = names.index(field)
                rows = rows.set_column(index, field, self._array(column, rows.column(index)))
        if "kind" not in names:
            return rows
        kinds = [kind or level for kind in rows.column("kind").to_pylist()]
        values = [
            None if value is None else self.of(COLUMN_OF[kind], value)
            for kind, value in zip(kinds, rows.column("value").to_pylist(), strict=True)
        ]
        for field, found in (("kind", kinds), ("value", values)):
            rows = rows.set_column(names.index(field), field, pa.array(found, pa.string()))
        return rows

    def _array(self, column: str, values: pa.Array) -> pa.Array:
        if values.null_count == len(values):
            return values
        local = values.dictionary_encode()
        replaced = [self.of(column, value) for value in local.dictionary.to_pylist()]
        return pa.array(replaced, pa.string()).take(local.indices)

    def _address_of(self, value: str) -> str:
        network = self._word("network", network_of(value))
        return f"{PSEUDONYMS['ip']}-{network}.{self._word('ip', _one_spelling(value), _HOST)}"

    def _word(self, domain: str, value: str, characters: int = WORD) -> str:
        return keyed_word(self._secret, domain, value, characters)


def _one_spelling(address: str) -> str:
    """An address as ``network_of`` reads it; other text without blanks around it."""
    text = address.strip()
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(parsed)


def without_bytes(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Rejects, or halves, that keep where they were and why, and nothing of what they held."""
    index = rows.schema.get_field_index("raw")
    return rows.set_column(index, rows.schema.field(index), pa.nulls(len(rows), pa.binary()))
