"""Country and network of addresses from a MaxMind DB, sound or not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import maxminddb
import pyarrow as pa
import pytest

from tests.formats.mmdb import mmdb
from workbench.domain.errors import CancelledError, InputError
from workbench.domain.progress import Job
from workbench.formats.address_tables import AddressDatabase

if TYPE_CHECKING:
    from pathlib import Path

NETWORKS: dict[str, dict[str, Any]] = {
    "192.0.2.0/24": {"country": {"iso_code": "NL"}, "registered_country": {"iso_code": "US"}},
    "198.51.100.0/25": {
        "autonomous_system_number": 64500,
        "autonomous_system_organization": "Example Transit",
    },
    "203.0.113.0/24": {"country_code": "de", "asn": "AS64501", "as_name": "Flat"},
    "2001:db8::/32": {"country": {"iso_code": "SE"}},
    "10.0.0.0/8": {
        "registered_country": {"iso_code": "US"},
        "asn": "unknown",
        "country": "Nowhere",
    },
}


def answers(path: Path, *addresses: str) -> tuple[dict[str, tuple[Any, ...]], Any]:
    asked = pa.table(
        {"address_id": pa.array(range(len(addresses)), pa.int32()), "value": list(addresses)}
    )
    with AddressDatabase(path, Job()) as database:
        (block,) = database.blocks(asked, Job())
    found = {
        addresses[row["address_id"]]: (row["country"], row["asn"], row["network_name"])
        for row in block.rows.to_pylist()
    }
    assert block.rows.num_rows + block.rejects.num_rows + block.blank == len(addresses)
    return found, block


def test_the_shapes_of_several_publishers(tmp_path: Path) -> None:
    path = tmp_path / "a.mmdb"
    path.write_bytes(mmdb(NETWORKS))
    found, block = answers(
        path,
        *("192.0.2.1", "198.51.100.9", "203.0.113.255", "2001:db8::1", "10.1.2.3", "172.16.0.1"),
        *("::ffff:0:0", "no address", ""),
    )
    assert found == {
        "192.0.2.1": ("NL", None, None),
        "198.51.100.9": (None, 64500, "Example Transit"),
        "203.0.113.255": ("DE", 64501, "Flat"),
        "2001:db8::1": ("SE", None, None),
    }
    assert block.blank == 3
    assert block.rejects.column("record_no").to_pylist() == [8, 9]
    assert block.rejects.column("raw").to_pylist() == [b"no address", b""]


def test_a_masked_address_is_answered_where_one_answer_holds_for_all(tmp_path: Path) -> None:
    path = tmp_path / "a.mmdb"
    path.write_bytes(mmdb(NETWORKS))
    found, _ = answers(path, "192.0.2.0/24", "192.0.0.0/16", "198.51.100.0/24", "203.0.113.7/26")
    assert set(found) == {"192.0.2.0/24", "203.0.113.7/26"}


def test_a_database_of_ipv4_says_nothing_of_ipv6(tmp_path: Path) -> None:
    path = tmp_path / "a.mmdb"
    path.write_bytes(mmdb({"192.0.2.0/24": NETWORKS["192.0.2.0/24"]}, ip_version=4))
    found, block = answers(path, "192.0.2.1", "2001:db8::1")
    assert found == {"192.0.2.1": ("NL", None, None)}
    assert block.blank == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"not a database at all",
        lambda data: data[:40],
        lambda data: data.replace(b"MaxMind.com", b"MaxMine.com"),
    ],
)
def test_what_is_no_database_is_named(tmp_path: Path, damage: Any) -> None:
    path = tmp_path / "a.mmdb"
    path.write_bytes(damage(mmdb(NETWORKS)))
    with pytest.raises(InputError, match="is no MaxMind database") as caught:
        AddressDatabase(path, Job())
    assert str(path) in caught.value.fact


@pytest.mark.parametrize("mode", [maxminddb.MODE_AUTO, maxminddb.MODE_MMAP])
def test_every_byte_of_a_damaged_database_is_survived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    """Cut off or overwritten anywhere, it gives answers or one clear error; by both readers."""
    opened = partial(maxminddb.open_database, mode=mode)
    monkeypatch.setattr(maxminddb, "open_database", opened)
    sound = mmdb(NETWORKS)
    path = tmp_path / "a.mmdb"
    damaged = 0
    for at in range(0, len(sound), 5):
        for data in (sound[:at] or b"x", sound[:at] + b"\xff" * 4 + sound[at + 4 :]):
            path.write_bytes(data)
            try:
                answers(path, "192.0.2.1", "198.51.100.9", "2001:db8::1")
            except InputError:
                damaged += 1
    assert damaged > 20


def test_compressed_missing_and_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "a.mmdb"
    path.write_bytes(b"\x1f\x8b\x08\x00")
    with pytest.raises(InputError, match="Decompress it first"):
        AddressDatabase(path, Job())
    with pytest.raises(InputError, match="does not exist"):
        AddressDatabase(tmp_path / "none.mmdb", Job())
    path.write_bytes(mmdb(NETWORKS))
    job = Job()
    job.cancel()
    with pytest.raises(CancelledError):
        AddressDatabase(path, job)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mmdb"
    path.write_bytes(mmdb(NETWORKS))
    with AddressDatabase(path, Job()) as database:
        database.check_unchanged(Job())
        beside = tmp_path / "b.mmdb"
        beside.write_bytes(mmdb(NETWORKS, kind="Another"))
        beside.replace(path)
        with pytest.raises(InputError, match="changed or went away while it was read"):
            database.check_unchanged(Job())
