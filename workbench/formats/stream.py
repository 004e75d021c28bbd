"""A log as a stream of plain bytes: hashed and decompressed in one pass.

Compression is told by the first bytes, not by the name. What is cut off or damaged gives
everything before the damage and then says what is wrong with it; it raises nothing.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from workbench.domain.errors import CancelledError, InputError
from workbench.formats.attendant import Attendant, Wait
from workbench.formats.place import Place, Raw, placed
from workbench.formats.unpack import CHUNK, DamageError, bounded, compression_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from workbench.domain.progress import JobContext

__all__ = ["CHUNK", "ByteStream", "SoFar", "attended"]

_MAGIC: Final = 4


class SoFar(NamedTuple):
    """How much of a file was read.

    Attributes:
        share: In [0, 1].
        size: Bytes, as it lies there.
        sha256: Hex digest of these.
    """

    share: float
    size: int
    sha256: str


class ByteStream:
    """One log, read once from its beginning.

    Args:
        where: The file, or another place.

    Raises:
        InputError: Missing, a folder, no regular file, empty, or not readable.
    """

    def __init__(self, where: Path | Place) -> None:
        self.place = placed(where)
        self._raw = self.place.open()
        self._hash = hashlib.sha256()
        self._wrong = ""
        self._left = False
        #: Bytes of the place, as it knows before it is read.
        self.size = self.place.size
        #: Bytes read so far, for progress.
        self.position = 0
        try:
            self._ahead = self._take(_MAGIC)
        except BaseException:
            self._raw.close()
            raise
        #: "", "gzip", "zstd" or "bzip2".
        self.compression = compression_of(self._ahead)

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
        self._raw.close()

    def leave(self) -> None:
        """Have nothing more read, whoever is reading on another thread."""
        self._left = True

    @property
    def damage(self) -> str:
        """What is wrong with the compressed data; empty when nothing is. Known at the end."""
        return self._wrong

    @property
    def share(self) -> float:
        """How much has been read, in [0, 1]."""
        return min(1.0, self.position / max(self.size, 1))

    @property
    def sha256(self) -> str:
        """Hex digest of the place as it lies there; of the part read so far before the end."""
        return self._hash.hexdigest()

    @property
    def so_far(self) -> SoFar:
        """What was read up to here."""
        return SoFar(self.share, self.position, self.sha256)

    def chunks(self) -> Iterator[bytes]:
        """The decompressed bytes, a megabyte or so at a time.

        Raises:
            InputError: The disk failed while reading, or the data is a bomb.
        """
        if self.compression:
            try:
                yield from bounded(unpacked(self, self.compression), self, self.place)
            except DamageError as damage:
                self._wrong = self._wrong or damage.within("of the file")
        else:
            while chunk := self.read(CHUNK):
                yield chunk
        self.read_through()  # after damage: the digest is of the whole file

    def read_through(self) -> None:
        """Read to the end, for the digest alone.

        Raises:
            InputError: The disk failed.
            CancelledError: The stream was left.
        """
        while self.read(CHUNK):
            pass

    def again(self) -> Raw:
        """The same bytes from the first, not hashed."""
        return self.place.open()

    def read(self, size: int = CHUNK) -> bytes:
        """Raw bytes of the place, hashed as they pass.

        Raises:
            InputError: The disk failed.
            CancelledError: The stream was left.
        """
        if self._left:
            raise CancelledError
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        data += self._take(size - len(data)) if len(data) < size else b""
        self.position += len(data)
        self._hash.update(data)
        return data

    def _take(self, size: int) -> bytes:
        try:
            return self._raw.read(size) or b""
        except DamageError as damage:  # of the archive around it
            self._wrong = self._wrong or damage.within()
            return b""
        except OSError as error:
            raise InputError(
                f"{self.place} stopped reading at byte {self.position:,}: {error.strerror}.",
                remedy="Copy the file to a healthy disk and import it again.",
                safe="Nothing of it was loaded.",
            ) from error


@contextmanager
def attended(place: Place, job: JobContext) -> Iterator[tuple[ByteStream, Attendant]]:
    """A place opened, and who alone may read it: where it hangs it can still be left.

    Raises:
        InputError: As ``ByteStream``, or nothing came for too long.
        CancelledError: The user cancelled.
    """
    with Attendant() as attendant:
        stream = attendant.enter(Wait(job, place), lambda: ByteStream(place))
        try:
            yield stream, attendant
        finally:
            stream.leave()
