"""Compressed bytes made plain, as a stream: gzip, zstd, bzip2 and the bare deflate of zip.

What is damaged or cut off gives everything before the damage and then raises ``DamageError``.
Whatever swells out of all proportion is refused by ``bounded``. Must not know files or archives.

Sources: RFC 1952 (gzip), RFC 8878 (zstd), and for the blocks of bzip2, whose check sums follow
them, the format specification of J. Tsai.
"""

from __future__ import annotations

import bz2
import zlib
from typing import TYPE_CHECKING, Final, Protocol

import pyarrow as pa

from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.formats.place import Raw

CHUNK: Final = 1 << 20
#: More than this many bytes out of each byte in, beyond ``SWELLS_FREELY``, are a bomb. Logs that
#: repeat one long system prompt stay below a few hundred.
MOST_SWELL: Final = 1000
SWELLS_FREELY: Final = 1 << 30

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_BZIP2: Final = b"BZh"
#: bzip2 is fed by so much: what comes of it is kept back until the check sum of its block.
_MOUTHFUL: Final = 16 << 10
#: The most that one block of bzip2 can hold: 900,000 bytes, of which 5 may stand for 259.
_LARGEST_BLOCK: Final = 900_000 // 5 * 259 + 259


class DamageError(Exception):
    """What is wrong with compressed data: "the gzip data is cut off at byte 7".

    Args:
        wrong: So much of the sentence.
        altered: Whether what was given before may be altered, too: one check sum covers both.
    """

    def __init__(self, wrong: str, *, altered: bool = False) -> None:
        super().__init__(wrong)
        self.altered = altered

    def within(self, whole: str = "") -> str:
        """The sentence to its end.

        Args:
            whole: Whose bytes are counted, "of the file".
        """
        told = f"{self} {whole}".rstrip()
        doubt = "; what comes before it may be altered, too: one check sum covers both"
        return told + doubt if self.altered else told


class Packed(Protocol):
    """Compressed bytes."""

    @property
    def position(self) -> int:
        """Where in its file the next byte lies."""
        ...

    def read(self, size: int = CHUNK, /) -> bytes:
        """The next bytes."""
        ...

    def again(self) -> Raw:
        """The same bytes from the first, not hashed."""
        ...


def compression_of(magic: bytes) -> str:
    """By the first four bytes of a file: "gzip", "zstd", "bzip2"; empty for none."""
    if magic.startswith(_GZIP):
        return "gzip"
    if magic == _ZSTD:
        return "zstd"
    return "bzip2" if magic.startswith(_BZIP2) and magic[3:4] in _LEVELS else ""


_LEVELS: Final = tuple(b"%d" % level for level in range(1, 10))


def unpacked(packed: Packed, kind: str) -> Iterator[bytes]:
    """The plain bytes, some megabytes at a time.

    Args:
        packed: From its first byte.
        kind: "gzip", "zstd", "bzip2", or "deflate" (bare, one stream).

    Raises:
        DamageError: After everything before the damage.
    """
    if kind == "zstd":
        return _unzstd(packed)
    return _bunzip2(packed) if kind == "bzip2" else _inflate(packed, kind)


def bounded(chunks: Iterator[bytes], packed: Packed, name: object) -> Iterator[bytes]:
    """The same bytes, unless they are a bomb: a small file that would unpack without end.

    Raises:
        InputError: Beyond ``SWELLS_FREELY`` they are more than ``MOST_SWELL`` times the bytes read.
    """
    start, plain = packed.position, 0
    for chunk in chunks:
        plain += len(chunk)
        came_from = max(packed.position - start, 1)
        if plain > SWELLS_FREELY and plain > MOST_SWELL * came_from:
            raise InputError(
                f"{name} swells to more than {MOST_SWELL:,} times its size: its first "
                f"{came_from:,} bytes unpack to {plain:,}.",
                remedy="If it is no bomb, unpack it yourself and import what comes out.",
                safe="Nothing of it was loaded.",
            )
        yield chunk


def _inflate(packed: Packed, kind: str) -> Iterator[bytes]:
    """Every member of gzip; zero padding after the last one is ignored, as gzip does."""
    bits = 31 if kind == "gzip" else -15
    member: zlib._Decompress | None = None
    given = False
    while raw := packed.read(CHUNK):
        while raw:
            if member is None or member.eof:
                if member is not None and kind != "gzip":
                    return
                raw = raw.lstrip(b"\0") if member is not None else raw
                if not raw:
                    break
                member, given = zlib.decompressobj(wbits=bits), False
            before = member.copy()
            try:
                # Bounded, so that a small file that swells to gigabytes stays a stream.
                chunk = member.decompress(raw, 4 * CHUNK)
            except zlib.error:
                good, rest = _up_to_damage(before, raw)
                yield rest
                where = packed.position - len(raw) + good
                raise DamageError(
                    f"the {kind} data is damaged near byte {where:,}", altered=given or bool(rest)
                ) from None
            raw = member.unused_data if member.eof else member.unconsumed_tail
            if chunk:
                given = True
                yield chunk
    if member is not None and not member.eof:
        raise DamageError(f"the {kind} data is cut off at byte {packed.position:,}")


def _up_to_damage(member: zlib._Decompress, raw: bytes) -> tuple[int, bytes]:
    """How many bytes are sound, and what they hold.

    A call that fails gives nothing of what it had decompressed: they are fed one by one.
    """
    plain: list[bytes] = []
    for good in range(len(raw)):
        try:
            plain.append(member.decompress(raw[good : good + 1]))
        except zlib.error:
            return good, b"".join(plain)
    return len(raw), b"".join(plain)


def _unzstd(packed: Packed) -> Iterator[bytes]:
    given = 0
    try:
        with pa.CompressedInputStream(pa.PythonFile(_Feed(packed), mode="r"), "zstd") as plain:
            while chunk := plain.read(CHUNK // 4):
                given += len(chunk)
                yield chunk
    except OSError as error:
        cut = "Truncated" in str(error)
        word = "cut off at" if cut else "damaged near"
        wrong = DamageError(f"the zstd data is {word} byte {packed.position:,}", altered=not cut)
    else:
        return
    # Arrow drops what it had decompressed in the call that failed: read that part anew, a byte
    # at a time, up to the damage.
    yield from _rest_of_zstd(packed.again(), given)
    raise wrong


class _Feed:
    """The stream as a file in the eyes of Arrow, which closes what it has read to the end.

    The stream must outlive that: the digest covers what follows the compressed data as well.
    """

    def __init__(self, packed: Packed | Raw) -> None:
        self.read = packed.read
        self.closed = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def _rest_of_zstd(raw: Raw, given: int) -> Iterator[bytes]:
    """What can be decompressed after the first ``given`` bytes of damaged data."""
    rest: list[bytes] = []
    try:
        with pa.CompressedInputStream(pa.PythonFile(_Feed(raw), mode="r"), "zstd") as plain:
            while given:
                given -= len(plain.read(min(given, CHUNK)))
            while byte := plain.read(1):
                rest.append(byte)
    except OSError:
        pass
    finally:
        raw.close()
    if rest:
        yield b"".join(rest)


def _bunzip2(packed: Packed) -> Iterator[bytes]:
    """Every stream, one after another; of a block whose check sum is wrong nothing is given.

    Its bytes are sorted together: one wrong bit scrambles the text of all of it.
    """
    given = 0
    blocks = _Blocks()
    while raw := packed.read(_MOUTHFUL):
        try:
            for chunk in blocks.feed(raw):
                given += len(chunk)
                yield chunk
        except OSError:
            where = packed.position - len(raw)
            # The call that failed took whole blocks with it: read that part anew.
            yield from _rest_of_bzip2(packed.again(), blocks.fed, given)
            raise DamageError(f"the bzip2 data is damaged near byte {where:,}") from None
    if not blocks.ended:
        raise DamageError(f"the bzip2 data is cut off at byte {packed.position:,}")


class _Blocks:
    """Gives plain bytes once the check sum of their block was right.

    A decoder that has nothing more to give has checked every block of which it gave anything; one
    that gives on is at most a block ahead of the last check.
    """

    def __init__(self) -> None:
        self._decoder = bz2.BZ2Decompressor()
        self._held: list[bytes] = []
        self._size = 0
        #: Compressed bytes taken so far, without those of a call that failed.
        self.fed = 0

    @property
    def ended(self) -> bool:
        """Whether the data may end here."""
        return self._decoder.eof

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """What is certain after these bytes.

        Raises:
            OSError: They are damaged; what was held is dropped.
        """
        length = len(raw)
        while True:
            if self._decoder.eof:
                if not raw:
                    break
                self._decoder = bz2.BZ2Decompressor()
            chunk = self._decoder.decompress(raw, 4 * CHUNK)
            raw = self._decoder.unused_data if self._decoder.eof else b""
            if not chunk and not self._decoder.eof and self._decoder.needs_input:
                break  # it says so too while it still has something to give
            self._held.append(chunk)
            self._size += len(chunk)
            while self._size - len(self._held[0]) >= _LARGEST_BLOCK:
                self._size -= len(self._held[0])
                yield self._held.pop(0)
        self.fed += length
        yield from filter(None, self._held)
        self._held, self._size = [], 0


def _rest_of_bzip2(raw: Raw, sound: int, given: int) -> Iterator[bytes]:
    """What is certain after the first ``given`` plain bytes of damaged data.

    Args:
        raw: From its first byte.
        sound: Compressed bytes that decode without an error; those after them go one by one.
        given: Plain bytes that were given before.
    """
    blocks, rest, seen = _Blocks(), [], 0
    try:
        while data := raw.read(min(_MOUTHFUL, sound) or 1):
            for chunk in blocks.feed(data):
                rest.append(chunk[max(0, given - seen) :])
                seen += len(chunk)
            sound -= min(sound, len(data))
    except OSError:
        pass
    finally:
        raw.close()
    if any(rest):
        yield b"".join(rest)
