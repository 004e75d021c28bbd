"""A log file as a stream of plain bytes: hashed and decompressed in one pass.

Compression is told by the first bytes, not by the name. A file that is cut off or damaged gives
everything before the damage and then says what is wrong with it; it raises nothing.
"""

from __future__ import annotations

import hashlib
import stat
import zlib
from typing import TYPE_CHECKING, Final, Self

import pyarrow as pa

from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path
    from types import TracebackType

CHUNK: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_READ_ON: Final = "Check the path and your rights to the file."


class ByteStream:
    """One file, read once from its beginning.

    Args:
        path: The file.

    Raises:
        InputError: Missing, a folder, no regular file, empty, or not readable.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _opened(path)
        self._hash = hashlib.sha256()
        self._wrong = ""
        #: Bytes on disk.
        self.size = path.stat().st_size
        #: Bytes of the file read so far, for progress.
        self.position = 0
        magic = self._file.read(4)
        self._file.seek(0)
        #: "", "gzip" or "zstd".
        self.compression = "gzip" if magic.startswith(_GZIP) else "zstd" if magic == _ZSTD else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def damage(self) -> str:
        """What is wrong with the compressed data; empty when nothing is. Known at the end."""
        return self._wrong

    @property
    def sha256(self) -> str:
        """Hex digest of the file as it lies on disk; of the part read so far before the end."""
        return self._hash.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """The decompressed bytes, a megabyte or so at a time.

        Raises:
            InputError: The disk failed while reading.
        """
        if self.compression == "gzip":
            yield from self._gunzip()
        elif self.compression == "zstd":
            yield from self._unzstd()
        else:
            while chunk := self.read(CHUNK):
                yield chunk
        while self.read(CHUNK):  # after damage: the digest is of the whole file
            pass

    def read(self, size: int = CHUNK) -> bytes:
        """Raw bytes of the file, hashed as they pass."""
        try:
            data = self._file.read(size) or b""
        except OSError as error:
            raise InputError(
                f"{self.path} stopped reading at byte {self.position:,}: {error.strerror}.",
                remedy="Copy the file to a healthy disk and import it again.",
                safe="Nothing of it was loaded.",
            ) from error
        self.position += len(data)
        self._hash.update(data)
        return data

    def _gunzip(self) -> Iterator[bytes]:
        """Every member of the file; zero padding after the last one is ignored, as gzip does."""
        member: zlib._Decompress | None = None
        while raw := self.read(CHUNK):
            while raw:
                if member is None or member.eof:
                    raw = raw.lstrip(b"\0") if member is not None else raw
                    if not raw:
                        break
                    member = zlib.decompressobj(wbits=31)
                before = member.copy()
                try:
                    # Bounded, so that a small file that swells to gigabytes stays a stream.
                    chunk = member.decompress(raw, 4 * CHUNK)
                except zlib.error:
                    good, rest = _up_to_damage(before, raw)
                    where = self.position - len(raw) + good
                    self._wrong = f"the gzip data is damaged near byte {where:,} of the file"
                    yield rest
                    return
                raw = member.unused_data if member.eof else member.unconsumed_tail
                if chunk:
                    yield chunk
        if member is not None and not member.eof:
            self._wrong = f"the gzip data is cut off at byte {self.size:,} of the file"

    def _unzstd(self) -> Iterator[bytes]:
        given = 0
        try:
            with pa.CompressedInputStream(pa.PythonFile(_Feed(self), mode="r"), "zstd") as plain:
                while chunk := plain.read(CHUNK // 4):
                    given += len(chunk)
                    yield chunk
        except OSError as error:
            cut = "Truncated" in str(error)
            where = self.size if cut else self.position
            word = "cut off at" if cut else "damaged near"
            self._wrong = f"the zstd data is {word} byte {where:,} of the file"
        if self._wrong:
            # Arrow drops what it had decompressed in the call that failed: read that part anew,
            # a byte at a time, up to the damage.
            yield from _rest_of_zstd(self.path, given)


class _Feed:
    """The stream as a file in the eyes of Arrow, which closes what it has read to the end.

    The stream must outlive that: the digest covers what follows the compressed data as well.
    """

    def __init__(self, stream: ByteStream) -> None:
        self.read = stream.read
        self.closed = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


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


def _rest_of_zstd(path: Path, given: int) -> Iterator[bytes]:
    """What can be decompressed after the first ``given`` bytes of a damaged file."""
    rest: list[bytes] = []
    try:
        with path.open("rb") as file, pa.CompressedInputStream(file, "zstd") as plain:
            while given:
                given -= len(plain.read(min(given, CHUNK)))
            while byte := plain.read(1):
                rest.append(byte)
    except OSError:
        pass
    if rest:
        yield b"".join(rest)


def _opened(path: Path) -> FileIO:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{path} is a folder, not a file.", remedy="Name the files in it.")
        if not stat.S_ISREG(mode):
            raise InputError(
                f"{path} is not a regular file.", remedy="Save the data to a file first."
            )
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty.", remedy="Leave it out, or export it again.")
        return path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.", remedy="Check the path.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path} cannot be read: {reason}.", remedy=_READ_ON) from error
