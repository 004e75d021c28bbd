"""A stream of bytes cut into blocks of whole records, in the order of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.formats.decode import KEPT_OF_LONGEST, LONGEST_RECORD, TOO_LONG
from workbench.formats.opening import looks_opened

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
    chunks = stream.chunks()
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
        else:
            yield Block(memoryview(data)[:KEPT_OF_LONGEST], offset, TOO_LONG)
            offset, held = _skip_record(chunks, container, offset + len(data))
            wanted = size
    data = b"".join(held)
    if stream.damage:
        cut = container.boundary(data)
        if cut:
            yield Block(memoryview(data)[:cut], offset)
        rest, offset = memoryview(data)[cut:], offset + cut
        if looks_opened(rest):  # what is whole inside it is read, the one that was hit rejected
            yield Block(rest, offset)
            rest, offset = rest[len(rest) :], offset + len(rest)
        yield Block(rest[:KEPT_OF_LONGEST], offset, f"damaged file: {stream.damage}")
    elif data:
        yield Block(memoryview(data), offset)


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
