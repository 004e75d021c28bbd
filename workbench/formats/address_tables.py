"""Country and network of addresses from a MaxMind DB file (.mmdb), as several publishers make it.

Only the addresses that are asked for are looked up, and only what is found of them is kept: the
database itself stays where it is (its licence may forbid a copy). Network addresses only; nothing
here says where a person lives. This room must not know the case.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Final, Self

import maxminddb
import pyarrow as pa

from workbench.domain.added import ADDED_SCHEMAS, AddedKind, AddedRows
from workbench.domain.errors import InputError
from workbench.domain.exchange import REJECT_SCHEMA
from workbench.formats.attendant import Attendant, Wait
from workbench.formats.place import check_same, placed
from workbench.formats.stream import attended

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from workbench.domain.progress import JobContext

#: Addresses looked up between two looks at whether the job goes on.
_AT_ONCE: Final = 4096
#: What the reader raises on files that are no database, cut off or overwritten.
_DAMAGE: Final = (
    maxminddb.InvalidDatabaseError, ValueError, LookupError, TypeError, RecursionError, MemoryError,
)  # fmt: skip


class AddressDatabase:
    """An open database. Use as a context manager.

    Args:
        path: The file.
        job: Progress and cancellation while it is hashed and opened.

    Raises:
        InputError: Missing, no such database, or nothing of it came for too long.
        CancelledError: The user cancelled.
    """

    def __init__(self, path: Path, job: JobContext) -> None:
        self.path = path
        place = placed(path)
        job.check()
        with Attendant() as before:
            self._state = before.do(Wait(job, place), lambda: place.state)
        with attended(place, job) as (stream, attendant):
            if stream.compression:
                raise InputError(
                    f"{path} is {stream.compression}-compressed.", remedy="Decompress it first."
                )
            wait = Wait(job, place, f"Reading {place.short}", lambda: stream.share)
            attendant.do(wait, stream.read_through)
            self.sha256, self.size = stream.sha256, stream.position
            try:
                # From here on it is asked in memory, or as good as: all of it was just read.
                self._reader = attendant.do(wait, lambda: maxminddb.open_database(path))
                self._version = self._reader.metadata().ip_version
            except (*_DAMAGE, OSError) as error:
                raise self._damaged() from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reader.close()

    def blocks(self, addresses: pa.Table, job: JobContext) -> Iterator[AddedRows]:
        """What it says of each address.

        An address of which it says nothing is blank; a text that is no address is a reject, its
        record number the address's code + 1.

        Args:
            addresses: address_id, value.
            job: Progress and cancellation.

        Raises:
            InputError: The database is damaged.
            CancelledError: The user cancelled.
        """
        total = addresses.num_rows
        for low in range(0, total, _AT_ONCE):
            job.check()
            job.report(
                "Looking up addresses", done=low / total, count=low, total=total, unit="addresses"
            )
            yield self._block(addresses.slice(low, _AT_ONCE))

    def check_unchanged(self, job: JobContext) -> None:
        """Refuse answers of another file than the one that the digest is of.

        Raises:
            InputError: The file was changed while it was read.
            CancelledError: The user cancelled.
        """
        place = placed(self.path)
        with Attendant() as attendant:
            attendant.do(
                Wait(job, place),
                lambda: check_same(
                    place, self._state, "Add it again once it rests.", "Nothing was added."
                ),
            )

    def _block(self, addresses: pa.Table) -> AddedRows:
        rows: list[dict[str, Any]] = []
        rejects: list[dict[str, Any]] = []
        blank = 0
        for address_id, text in zip(*(c.to_pylist() for c in addresses.columns), strict=True):
            try:
                network = ipaddress.ip_network(text.strip(), strict=False)
            except ValueError:
                rejects.append(
                    {
                        "record_no": address_id + 1,
                        "byte_offset": -1,
                        "reason": "no address",
                        "raw": text.encode(),
                    }
                )
                continue
            found = self._found(network)
            if any(value is not None for value in found.values()):
                rows.append({"address_id": address_id} | found)
            else:
                blank += 1
        return AddedRows(
            pa.RecordBatch.from_pylist(rows, schema=ADDED_SCHEMAS[AddedKind.ADDRESSES]),
            pa.RecordBatch.from_pylist(rejects, schema=REJECT_SCHEMA),
            blank,
        )

    def _found(self, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> dict[str, Any]:
        """Country and network; of a range of addresses only where one answer holds for all."""
        if network.version == 6 and self._version == 4:
            return {}
        try:
            record, length = self._reader.get_with_prefix_len(str(network.network_address))
        except _DAMAGE as error:
            raise self._damaged() from error
        if not isinstance(record, dict) or length > network.prefixlen:
            return {}
        return {
            "asn": _asn(record),
            "country": _country(record),
            "network_name": _text(
                record.get("autonomous_system_organization")
                or record.get("as_name")
                or record.get("org")
            ),
        }

    def _damaged(self) -> InputError:
        return InputError(
            f"{self.path} is no MaxMind database, or a damaged one.",
            remedy="Name a .mmdb file, unpacked, such as GeoLite2-ASN.mmdb.",
            safe="Nothing was added.",
        )


def _country(record: dict[str, Any]) -> str | None:
    """MaxMind and DB-IP nest the code, IPinfo writes it flat."""
    country = record.get("country")
    if isinstance(country, dict):
        country = country.get("iso_code")
    code = _text(record.get("country_code") or country)
    return code.upper() if code is not None and len(code) == 2 and code.isalpha() else None


def _asn(record: dict[str, Any]) -> int | None:
    """As a number, or as ``AS64500``."""
    value = record.get("autonomous_system_number", record.get("asn"))
    if isinstance(value, str):
        digits = value[2:] if value[:2].upper() == "AS" else value
        value = int(digits) if digits.isascii() and digits.isdigit() else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < 2**32 else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
