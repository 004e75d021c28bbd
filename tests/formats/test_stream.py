"""Bytes of a file: decompressed, hashed, and honest about damage."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from workbench.domain.errors import InputError
from workbench.formats.blocks import Block, cut_blocks
from workbench.formats.containers import Lines, Rows, Values
from workbench.formats.decode import KEPT_OF_LONGEST, TOO_LONG
from workbench.formats.stream import ByteStream

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = b"".join(b'{"prompt":"number %d"}\n' % i for i in range(60_000))


def zstd(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data, asbytes=True))


def read(path: Path) -> tuple[bytes, ByteStream]:
    with ByteStream(path) as stream:
        return b"".join(stream.chunks()), stream


@pytest.mark.parametrize(
    ("raw", "compression"),
    [
        (LINES, ""),
        (gzip.compress(LINES), "gzip"),
        (gzip.compress(LINES[:999]) + gzip.compress(LINES[999:]), "gzip"),
        (gzip.compress(LINES) + b"\0" * 512, "gzip"),
        (zstd(LINES), "zstd"),
        (zstd(LINES[:999]) + zstd(LINES[999:]), "zstd"),
        (bz2.compress(LINES), "bzip2"),
        (bz2.compress(LINES[:999]) + bz2.compress(LINES[999:], 1), "bzip2"),
    ],
)
def test_whole_files(tmp_path: Path, raw: bytes, compression: str) -> None:
    path = tmp_path / "misleading.txt"
    path.write_bytes(raw)
    data, stream = read(path)
    assert data == LINES
    assert stream.compression == compression
    assert stream.damage == ""
    assert stream.sha256 == hashlib.sha256(raw).hexdigest()
    assert stream.position == stream.size == len(raw)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd, bz2.compress])
def test_a_file_that_ends_in_the_first_read_is_hashed_whole(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "log"
    path.write_bytes(pack(b"x"))  # type: ignore[operator]
    data, stream = read(path)
    assert data == b"x"
    assert stream.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def _wrong_checksum(data: bytes) -> bytes:
    raw = bytearray(gzip.compress(data))
    raw[-8] ^= 0xFF
    return bytes(raw)


def _wrong_block(data: bytes) -> bytes:
    raw = bytearray(bz2.compress(data, 1))
    raw[len(raw) * 2 // 3] ^= 0xFF
    return bytes(raw)


@pytest.mark.parametrize("chunk", [1 << 20, 4096])
@pytest.mark.parametrize(
    ("raw", "words", "lost"),
    [
        (gzip.compress(LINES)[:-2000], "gzip data is cut off at byte", None),
        (gzip.compress(LINES)[:-4], "gzip data is cut off at byte", 0),
        (_wrong_checksum(LINES), "gzip data is damaged near byte", 0),
        (gzip.compress(LINES) + b"garbage" * 9999, "gzip data is damaged near byte", 0),
        (zstd(LINES)[:-2000], "zstd data is cut off at byte", None),
        (zstd(LINES) + b"garbage" * 9999, "zstd data is damaged near byte", 0),
        (bz2.compress(LINES)[:-2000], "bzip2 data is cut off at byte", None),
        (bz2.compress(LINES) + b"garbage" * 9999, "bzip2 data is damaged near byte", 0),
        (_wrong_block(LINES), "bzip2 data is damaged near byte", None),
    ],
)
def test_damage_is_told_and_everything_before_it_is_given(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    raw: bytes,
    words: str,
    lost: int | None,
    chunk: int,
) -> None:
    monkeypatch.setattr("workbench.formats.unpack.CHUNK", chunk)
    path = tmp_path / "log"
    path.write_bytes(raw)
    data, stream = read(path)
    assert words in stream.damage
    assert LINES.startswith(data)
    assert stream.sha256 == hashlib.sha256(raw).hexdigest()
    if lost is not None:
        assert len(data) == len(LINES) - lost


def _flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def test_where_one_check_sum_covers_all_what_came_before_is_in_doubt(tmp_path: Path) -> None:
    first, second = gzip.compress(LINES), gzip.compress(LINES)
    path = tmp_path / "log"
    doubt = "; what comes before it may be altered, too: one check sum covers both"
    for raw, doubtful in (
        (_flipped(first, len(first) // 2), True),
        (_wrong_checksum(LINES), True),
        (first + _flipped(second, len(second) // 2), True),
        # The first member was whole, and nothing came of the second.
        (first + _flipped(second, 2), False),
        (first[:-5], False),
        (_flipped(zstd(LINES), 3000), True),
        (_wrong_block(LINES), False),
    ):
        path.write_bytes(raw)
        _, stream = read(path)
        assert stream.damage.endswith(doubt) == doubtful


def test_a_cut_gzip_gives_every_byte_that_zlib_can_give(tmp_path: Path) -> None:
    raw = gzip.compress(LINES)[:-3001]
    path = tmp_path / "log"
    path.write_bytes(raw)
    assert read(path)[0] == zlib.decompressobj(31).decompress(raw)


def test_a_cut_zstd_loses_nothing_that_is_whole(tmp_path: Path) -> None:
    """Arrow drops what it had decompressed in the call that fails; it is fetched anew."""
    raw = zstd(LINES)
    raw = raw[: len(raw) * 2 // 3]
    path = tmp_path / "log"
    path.write_bytes(raw)
    one_by_one = bytearray()
    with (
        suppress(OSError),
        pa.CompressedInputStream(pa.BufferReader(raw), "zstd") as plain,
    ):
        while byte := plain.read(1):
            one_by_one += byte
    assert one_by_one
    assert read(path)[0] == bytes(one_by_one)


def test_of_a_damaged_bzip2_all_blocks_before_are_given_and_nothing_of_the_damaged_one(
    tmp_path: Path,
) -> None:
    """Blocks of 100,000 bytes: the damage scrambles one, and what is given is text as it was."""
    path = tmp_path / "log"
    # No four equal bytes in a row, which would be one in the block.
    plain = b"".join(b'{"prompt":"%s"}\n' % "-".join(str(i)).encode() for i in range(60_000))
    path.write_bytes(_wrong_block(plain))
    given = read(path)[0]
    assert plain.startswith(given)
    assert len(given) % (100_000 - 19) == 0  # 19 bytes of a block are left free
    assert len(given) > len(plain) // 2


@pytest.mark.parametrize("pack", [lambda data: gzip.compress(data, 9), bz2.compress])
def test_a_small_file_that_swells_stays_a_stream(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(pack(bytes(200 << 20)))
    with ByteStream(path) as stream:
        assert max(map(len, stream.chunks())) <= 4 << 20


def test_files_that_are_none(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    for path, words in (
        (tmp_path / "missing", "does not exist"),
        (tmp_path, "is a folder"),
        (empty, "is empty"),
        (Path("/dev/null"), "not a regular file"),
        (tmp_path / "nul\0", "cannot be read"),
    ):
        with pytest.raises(InputError, match=words):
            ByteStream(path)


def blocks_of(path: Path, raw: bytes, container: object = None, **settings: object) -> list[Block]:
    path.write_bytes(raw)
    with ByteStream(path) as stream:
        return list(cut_blocks(stream, container or Lines(), **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 1000, 1 << 20, 1 << 30])
def test_blocks_join_to_the_file(tmp_path: Path, size: int) -> None:
    blocks = blocks_of(tmp_path / "log", LINES[:300_000], size=size)
    assert b"".join(block.data for block in blocks) == LINES[:300_000]
    assert [block.offset for block in blocks] == [
        sum(len(b.data) for b in blocks[:i]) for i in range(len(blocks))
    ]
    assert all(bytes(block.data).endswith(b"\n") for block in blocks[:-1])


def test_mark_and_bracket_belong_to_no_record(tmp_path: Path) -> None:
    raw = b'\xef\xbb\xbf \n[{"a":1},\n{"b":2}]'
    (block,) = blocks_of(tmp_path / "log", raw, Values(), opening=b"[")
    assert bytes(block.data) == b'{"a":1},\n{"b":2}]'
    assert block.offset == 6
    (block,) = blocks_of(tmp_path / "log", b"\xef\xbb\xbfx", Lines())
    assert (bytes(block.data), block.offset) == (b"x", 3)


@pytest.fixture
def _megabyte_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.formats.blocks.LONGEST_RECORD", 1 << 20)


@pytest.mark.usefixtures("_megabyte_records")
def test_a_record_without_end_is_one_reject_and_lines_go_on(tmp_path: Path) -> None:
    raw = b"first\n" + b"y" * (3 << 20) + b"\nlast\n"
    blocks = blocks_of(tmp_path / "log", raw, size=1 << 16)
    assert [(b.offset, b.reason, len(b.data)) for b in blocks] == [
        (0, "", 6),
        (6, TOO_LONG, KEPT_OF_LONGEST),
        (7 + (3 << 20), "", 5),
    ]


@pytest.mark.usefixtures("_megabyte_records")
def test_values_end_at_one_without_end(tmp_path: Path) -> None:
    raw = b'{"a":"' + b"y" * (3 << 20) + b"\nmore\n"
    blocks = blocks_of(tmp_path / "log", raw, Values(), size=9)
    assert [(b.offset, b.reason) for b in blocks] == [(0, TOO_LONG)]


@pytest.mark.usefixtures("_megabyte_records")
def test_rows_go_on_after_a_line_without_end(tmp_path: Path) -> None:
    """Its quote is never closed, which is not to cost the lines behind it."""
    raw = b'"' + b"y" * (3 << 20) + b"\nmore\n"
    blocks = blocks_of(tmp_path / "log", raw, Rows(), size=9)
    assert [(b.offset, b.reason) for b in blocks] == [(0, TOO_LONG), (2 + (3 << 20), "")]


def test_damage_is_one_reject_with_what_is_left(tmp_path: Path) -> None:
    raw = gzip.compress(b"whole\npart")[:-9]
    blocks = blocks_of(tmp_path / "log", raw)
    assert [bytes(b.data) for b in blocks] == [b"whole\n", b"part"]
    assert blocks[1].reason.startswith("damaged file: the gzip data is cut off")
    assert blocks[1].offset == 6
