"""A stream of bytes cut into blocks of whole records, in the order of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.formats.containers import Rows
from workbench.formats.decode import KEPT_OF_LONGEST, LONGEST_RECORD, TOO_LONG
from workbench.formats.opening import looks_opened
from workbench.formats.stream import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.formats.containers import Container
    from workbench.formats.stream import ByteStream

#: Large enough that the costs of a block vanish, small enough that a dozen fit in memory.
BLOCK: Final = 8 << 20
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records.

    Attributes:
        data: Their bytes.
        offset: Where they begin in the decompressed file.
        reason: Empty; else the block is one record, rejected for this reason.
    """

    data: memoryview
    offset: int
    reason: str = ""


def cut_blocks(
    stream: ByteStream,
    container: Container,
    *,
    opening: bytes = b"",
    size: int = BLOCK,
) -> Iterator[Block]:
    """The whole file in blocks; every byte of a record is in exactly one of them.

    A byte order mark and the opening bracket of a JSON array belong to no record. A record
    that is too long becomes a block of its own with a reason. Damage of the compressed
    data ends the last block: the record it hit (perhaps none of it is left) is a block with the
    reason.

    Args:
        stream: The file, not yet read.
        container: How records lie in it.
        opening: Bytes before the first record, after white space (``[``).
        size: Bytes of a block, about.
    """
    chunks = _Chunks(stream.chunks())
    offset, held = _skip_opening(chunks, opening)
    wanted = size
    for chunk in chunks:
        held.append(chunk)
        if sum(map(len, held)) < wanted:
            continue
        data = b"".join(held)
        cut = container.boundary(data)
        if cut:
            yield Block(memoryview(data)[:cut], offset)
            offset += cut
            held, wanted = [data[cut:]], size
        elif len(data) <= LONGEST_RECORD:
            # One record longer than a block: look again when there is twice as much.
            held, wanted = [data], 2 * len(data)
        elif cut := _given_up(container, data, len(data) - LONGEST_RECORD):
            yield Block(memoryview(data)[:cut], offset)
            offset += cut
            chunks.give_back(memoryview(data)[cut:])
            held, wanted = [], size
        else:
            yield Block(memoryview(data)[:KEPT_OF_LONGEST], offset, TOO_LONG)
            offset, held = _skip_record(chunks, container, offset + len(data))
            wanted = size
    yield from _last_blocks(b"".join(held), offset, stream, container, size)


def _last_blocks(
    data: bytes, offset: int, stream: ByteStream, container: Container, size: int
) -> Iterator[Block]:
    """What is left when the file has ended; it may be a lost quote that held it together."""
    while len(data) > size and (cut := _given_up(container, data, size)):
        yield Block(memoryview(data)[:cut], offset)
        data, offset = data[cut:], offset + cut
    if stream.damage:
        cut = _given_up(container, data, len(data)) or container.boundary(data)
        if cut:
            yield Block(memoryview(data)[:cut], offset)
        rest, offset = memoryview(data)[cut:], offset + cut
        if looks_opened(rest):  # what is whole inside it is read, the one that was hit rejected
            yield Block(rest, offset)
            rest, offset = rest[len(rest) :], offset + len(rest)
        yield Block(rest[:KEPT_OF_LONGEST], offset, f"damaged file: {stream.damage}")
    elif data:
        yield Block(memoryview(data), offset)


def _given_up(container: Container, data: bytes, within: int) -> int:
    """Length of a prefix after which a record begins, where one that is open never ends; or 0."""
    return container.given_up(data, within) if isinstance(container, Rows) else 0


class _Chunks:
    """Chunks of a stream; some of what was taken can be given back.

    Args:
        chunks: As the stream gives them.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._back = memoryview(b"")

    def __iter__(self) -> _Chunks:
        return self

    def __next__(self) -> bytes:
        if not self._back:
            return next(self._chunks)
        chunk, self._back = bytes(self._back[:CHUNK]), self._back[CHUNK:]
        return chunk

    def give_back(self, data: memoryview) -> None:
        """Have these bytes come next."""
        self._back = memoryview(bytes(data) + bytes(self._back))


def _skip_opening(chunks: Iterator[bytes], opening: bytes) -> tuple[int, list[bytes]]:
    """Length of what comes before the first record, and the bytes read after it."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 4096:
            break
    skipped = len(_BOM) if head.startswith(_BOM) else 0
    if opening:
        blank = len(head[skipped:]) - len(head[skipped:].lstrip())
        if head[skipped + blank :].startswith(opening):
            skipped += blank + len(opening)
    return skipped, [head[skipped:]]


def _skip_record(
    chunks: Iterator[bytes], container: Container, offset: int
) -> tuple[int, list[bytes]]:
    """Pass over the rest of an endless record: to the next line, or to the end of the file."""
    for chunk in chunks:
        if container.resumes_at_newline and b"\n" in chunk:
            after = chunk.index(b"\n") + 1
            return offset + after, [chunk[after:]]
        offset += len(chunk)
    return offset, []
