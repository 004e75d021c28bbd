"""Zip archives: each member a log of its own; what cannot be read is refused by name."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import struct
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.archive import Archive, looks_like_archive
from workbench.formats.place import OnDisk, Spooled
from workbench.formats.read import SourceReader, open_source
from workbench.formats.stream import ByteStream

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINES = b"".join(b'{"request_id":"r%d","prompt":"number %d"}\n' % (i, i) for i in range(30_000))


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Archive:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return Archive(OnDisk(path))


def read(source: SourceReader) -> tuple[list[str], list[str]]:
    """Prompts and reasons of rejects."""
    prompts: list[str] = []
    reasons: list[str] = []
    for parsed in source.blocks(Job()):
        prompts += parsed.records["prompt"].to_pylist()
        reasons += parsed.rejects["reason"].to_pylist()
    return prompts, reasons


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_members_are_read_as_files_of_their_own(tmp_path: Path, method: int) -> None:
    path = tmp_path / "logs.zip"
    archive = zipped(path, {"eu/a.jsonl": LINES, "b.jsonl": LINES[:82], "empty/": b""}, method)
    assert [str(member) for member in archive.members] == [f"{path}/eu/a.jsonl", f"{path}/b.jsonl"]
    source = open_source(archive.members[0], ReadOptions())
    prompts, reasons = read(source)
    assert (len(prompts), prompts[-1], reasons) == (30_000, "number 29999", [])
    assert source.sha256 == hashlib.sha256(LINES).hexdigest()
    assert source.read_size == source.size == len(LINES)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert source.reason(Job()).endswith(
        f"in 64 of 64 records, in a zip archive of SHA-256 {digest}"
    )


def test_hidden_members_are_left_out(tmp_path: Path) -> None:
    names = {"a.jsonl": LINES, "__MACOSX/._a.jsonl": b"\0", ".DS_Store": b"\0"}
    archive = zipped(tmp_path / "z", names)
    assert [member.short for member in archive.members] == ["a.jsonl"]
    with pytest.raises(InputError, match="without files"):
        zipped(tmp_path / "z", {"folder/": b"", ".hidden": b"x"})


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_compressed_member_is_unpacked_twice(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(LINES)
    archive = zipped(tmp_path / "z", {"a.jsonl.gz": packed})
    source = open_source(archive.members[0], ReadOptions())
    assert len(read(source)[0]) == 30_000
    assert source.sha256 == hashlib.sha256(packed).hexdigest()


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_columns_in_a_member(tmp_path: Path, kind: str) -> None:
    table = pa.table({"prompt": ["one", "two"], "account_id": ["a", "b"]})
    sink = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, sink)
    else:
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    archive = zipped(tmp_path / "z", {"a": sink.getvalue()})
    source = open_source(archive.members[0], ReadOptions())
    assert read(source) == (["one", "two"], [])
    assert source.sha256 == hashlib.sha256(sink.getvalue()).hexdigest()


def test_an_archive_that_was_piped_in(tmp_path: Path) -> None:
    path = tmp_path / "z"
    zipped(path, {"a": LINES})
    spooled = Spooled("standard input", io.BytesIO(path.read_bytes()))
    assert looks_like_archive(spooled)
    (member,) = Archive(spooled).members
    assert str(member) == "standard input/a"
    assert len(read(open_source(member, ReadOptions()))[0]) == 30_000


def _spoilt(path: Path, at: int) -> Archive:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 0xFF
    path.write_bytes(raw)
    return Archive(OnDisk(path))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("where", [0, 31, 0.3, 0.6, 0.9])
def test_damage_names_the_member_and_the_byte(tmp_path: Path, method: int, where: float) -> None:
    """Whatever comes before it is loaded; what comes after it is another member, untouched."""
    path = tmp_path / "z"
    zipped(path, {"a.jsonl": LINES, "b.jsonl": LINES}, method)
    with zipfile.ZipFile(path) as archive:
        after = archive.getinfo("b.jsonl").header_offset
    at = int(where * after) if isinstance(where, float) else where
    if at == 31:  # in the name, which the list of members has as well: nothing is wrong
        assert read(open_source(_spoilt(path, at).members[0], ReadOptions()))[1] == []
        return
    first, second = _spoilt(path, at).members
    assert len(read(open_source(second, ReadOptions()))[0]) == 30_000
    with ByteStream(first) as stream:
        given = b"".join(stream.chunks())
    assert "of the archive" in stream.damage
    byte = int(stream.damage.partition(" byte ")[2].split()[0].rstrip(":").replace(",", ""))
    assert at - (1 << 16) <= byte <= after
    if given:
        prompts, reasons = read(open_source(first, ReadOptions()))
        assert prompts[:1000] == [f"number {i}" for i in range(1000)]
        assert reasons[-1] == f"damaged file: {stream.damage}"
    else:
        with pytest.raises(InputError, match=r"a\.jsonl holds nothing that can be read"):
            open_source(first, ReadOptions())


def test_an_archive_that_is_cut_off_has_no_list(tmp_path: Path) -> None:
    path = tmp_path / "z"
    zipped(path, {"a": LINES})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"list of members cannot be read.*zip -FF"):
        Archive(OnDisk(path))
    with pytest.raises(InputError, match="list of members cannot be read"):
        open_source(path, ReadOptions())


def _patched(path: Path, offset: int, form: str, value: int) -> None:
    """Change a field of the first local header and of its entry in the list alike."""
    raw = bytearray(path.read_bytes())
    entry = raw.index(b"PK\x01\x02")
    struct.pack_into(form, raw, offset, value)
    struct.pack_into(form, raw, entry + offset + 2, value)
    path.write_bytes(raw)


def test_members_that_cannot_be_read_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "z"
    zipped(path, {"secret.jsonl": LINES})
    _patched(path, 6, "<H", 1)
    with pytest.raises(InputError, match=r"secret\.jsonl is encrypted\. Unpack.*password"):
        Archive(OnDisk(path))
    zipped(path, {"large.jsonl": LINES})
    _patched(path, 8, "<H", 9)
    with pytest.raises(InputError, match=r"large\.jsonl is packed with method 9 of zip"):
        Archive(OnDisk(path))


def test_archives_in_archives_are_refused_and_office_documents_are_no_archives(
    tmp_path: Path,
) -> None:
    zipped(tmp_path / "inner", {"a": LINES})
    inner = (tmp_path / "inner").read_bytes()
    with pytest.raises(InputError, match=r"z/inner\.bin is a zip archive inside an archive"):
        zipped(tmp_path / "z", {"inner.bin": inner})
    with zipfile.ZipFile(tmp_path / "sheet", "w") as sheet:
        sheet.writestr("[Content_Types].xml", "<Types/>")
    assert not looks_like_archive(OnDisk(tmp_path / "sheet"))
    with pytest.raises(InputError, match="office document"):
        open_source(tmp_path / "sheet", ReadOptions())
    assert len(zipped(tmp_path / "z", {"sheet": (tmp_path / "sheet").read_bytes()}).members) == 1


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = json.dumps({"prompt": "p", "padding": "x" * 1000}).encode() + b"\n"
    archive = zipped(tmp_path / "z", {"a": prompt * 20_000})
    monkeypatch.setattr("workbench.formats.unpack.SWELLS_FREELY", 1 << 20)
    monkeypatch.setattr("workbench.formats.unpack.MOST_SWELL", 50)
    with pytest.raises(InputError, match=r"z/a swells to more than 50 times.*unpack it yourself"):
        read(open_source(archive.members[0], ReadOptions()))
    path = tmp_path / "bomb.bz2"
    path.write_bytes(bz2.compress(prompt * 20_000))
    with pytest.raises(InputError, match=r"bomb\.bz2 swells"):
        read(open_source(path, ReadOptions()))
    # What repeats itself as logs do, and what is small, is none.
    monkeypatch.setattr("workbench.formats.unpack.MOST_SWELL", 1000)
    archive = zipped(tmp_path / "z", {"a": prompt * 20_000})
    assert len(read(open_source(archive.members[0], ReadOptions()))[0]) == 20_000


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "z"
    zipped(path, {"a": LINES, "b": LINES}, zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    second = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 1)
    struct.pack_into("<L", raw, second + 42, 0)  # b lies where a lies
    path.write_bytes(raw)
    with pytest.raises(InputError, match="members a and b share bytes"):
        Archive(OnDisk(path))
