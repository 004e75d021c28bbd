"""Zip archives: each member is a log of its own, named ``archive.zip/member``.

A member is read as a stream from its place in the archive; nothing is unpacked to a folder. Refused
by name: members that are encrypted, packed in a way not known here, or archives themselves.

Source: PKWARE's APPNOTE.TXT 6.3.10, 4.3 (layout) and 4.4.5 (compression methods).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from workbench.domain.errors import InputError
from workbench.formats.place import Place, Raw, Spooled, digest_of, empty
from workbench.formats.unpack import CHUNK, DamageError, bounded, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.domain.progress import JobContext

#: First bytes of an archive: with members, without any, and in several parts.
_MAGICS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
#: What the first member of office documents is called (ECMA-376, ODF 1.3).
_OFFICE: Final = (b"[Content_Types].xml", b"_rels/", b"mimetype")
_HEADER: Final = struct.Struct("<4s22xHH")
_STORED: Final = 0
_METHODS: Final = {8: "deflate", 12: "bzip2", 93: "zstd"}
_HEAD: Final = 64


def is_archive(head: bytes) -> bool:
    """Whether the first bytes are those of a zip archive that is no office document."""
    names = head[_HEADER.size :]
    return head.startswith(_MAGICS) and not names.startswith(_OFFICE)


def looks_like_archive(place: Place) -> bool:
    """Whether a place holds a zip archive; what cannot be read does not, and is told later."""
    try:
        raw = place.open()
    except InputError:
        return False
    try:
        return is_archive(raw.read(_HEAD) or b"")
    except (OSError, DamageError, InputError):
        return False
    finally:
        raw.close()


class Archive:
    """A zip archive.

    Args:
        place: Where it lies.

    Raises:
        InputError: It is damaged, or one of its members cannot be read here.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._digest = ""
        source = place.seekable()
        try:
            with zipfile.ZipFile(source) as file:
                found = file.infolist()
        # A damaged list shows as what zipfile takes it for: no zip, a seek to nowhere, a number out
        # of range, a version of the future.
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise InputError(
                f"{place} is a zip archive whose list of members cannot be read: {error}.",
                remedy="Fetch it again from its source, or repair it (zip -FF) and try that.",
            ) from error
        finally:
            if isinstance(source, io.IOBase):
                source.close()
        _refuse_shared_bytes(place, found)
        #: Its members in the order in which they are listed; folders and hidden ones left out.
        self.members: tuple[Member, ...] = tuple(
            Member(self, info) for info in found if not info.is_dir() and _visible(info.filename)
        )
        for member in self.members:
            member.check()
        if not self.members:
            raise InputError(f"{place} is a zip archive without files.", remedy="Leave it out.")

    def digest(self, job: JobContext) -> str:
        """SHA-256 of the archive as it lies there; read once, however many members ask.

        Raises:
            InputError: The disk failed.
        """
        if not self._digest:
            self._digest = digest_of(self.place, job)
        return self._digest


class Member:
    """One file in an archive, as a place: its size and digest are those of its own bytes.

    Args:
        archive: The archive.
        info: Its entry in the list of members.
    """

    def __init__(self, archive: Archive, info: zipfile.ZipInfo) -> None:
        self.archive = archive
        self._info = info
        #: Bytes as the archive declares them.
        self.size = info.file_size

    def __str__(self) -> str:
        return f"{self.archive.place}/{self._info.filename}"

    @property
    def short(self) -> str:
        """Its name without folders."""
        return self._info.filename.rpartition("/")[2]

    @property
    def identity(self) -> object:
        """The archive's, and where in it."""
        return self.archive.place.identity, self._info.header_offset

    @property
    def state(self) -> object:
        """The archive's."""
        return self.archive.place.state

    def check(self) -> None:
        """Whether it can be read here.

        Raises:
            InputError: It is encrypted, packed in a way not known here, or an archive itself.
        """
        if self._info.flag_bits & 1:
            raise InputError(
                f"{self} is encrypted.", remedy="Unpack the archive with its password first."
            )
        if self._info.compress_type != _STORED and self._info.compress_type not in _METHODS:
            raise InputError(
                f"{self} is packed with method {self._info.compress_type} of zip, which is not "
                "read here.",
                remedy="Unpack the archive first.",
            )
        if looks_like_archive(self):
            raise InputError(
                f"{self} is a zip archive inside an archive.",
                remedy="Unpack the outer one, and import what comes out.",
            )

    def open(self) -> Raw:
        """Its plain bytes from the first; damage of the archive is told where it hits."""
        if not self._info.file_size:
            raise empty(self)
        return _MemberReader(self, self._info, self.archive.place.open())

    def seekable(self) -> Path | BinaryIO:
        """A file of its plain bytes, unpacked anew, and gone when it is closed.

        Not kept from one look to the next: an archive of many tables would fill the disk.
        """
        raw = self.open()
        try:
            return Spooled(str(self), raw).seekable()
        except DamageError as damage:
            raise InputError(
                f"{self} cannot be read: {damage.within()}.",
                remedy="Fetch the archive from its source.",
            ) from damage
        finally:
            raw.close()


class _Part:
    """The packed bytes of one member, as ``unpack`` takes them."""

    def __init__(self, raw: Raw, info: zipfile.ZipInfo, archive: Archive) -> None:
        self._raw = raw
        self._info = info
        self._archive = archive
        #: In the archive.
        self.position = 0
        header = self._seek(info.header_offset, _HEADER.size)
        magic, name, extra = _HEADER.unpack(header.ljust(_HEADER.size, b"\0"))
        if magic != _MAGICS[0]:
            raise DamageError(f"no member begins at byte {info.header_offset:,} of the archive")
        self._seek(info.header_offset + _HEADER.size + name + extra, 0)
        self._end = self.position + info.compress_size

    def _seek(self, position: int, size: int) -> bytes:
        file = cast("BinaryIO", self._raw)  # files and spools are: members hold no members
        file.seek(position)
        data = file.read(size)
        self.position = position + len(data)
        return data

    def read(self, size: int = CHUNK, /) -> bytes:
        data = self._raw.read(min(size, self._end - self.position)) or b""
        self.position += len(data)
        return data

    def again(self) -> Raw:
        return cast("Raw", _Closing(self._archive, self._info))


class _Closing:
    """The packed bytes of a member in a file of their own."""

    def __init__(self, archive: Archive, info: zipfile.ZipInfo) -> None:
        self._raw = archive.place.open()
        self._part = _Part(self._raw, info, archive)
        self.read = self._part.read

    def close(self) -> None:
        self._raw.close()


class _MemberReader:
    """The plain bytes of a member, checked against the archive's list at the end."""

    def __init__(self, member: Member, info: zipfile.ZipInfo, raw: Raw) -> None:
        self._member = member
        self._info = info
        self._raw = raw
        self._left = b""
        self._chunks = self._checked()

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; empty at the end.

        Raises:
            DamageError: Names the byte of the archive.
        """
        if not self._left:
            self._left = next(self._chunks, b"")
        data, self._left = self._left[:size], self._left[size:]
        return data

    def close(self) -> None:
        self._raw.close()

    def _checked(self) -> Iterator[bytes]:
        info, size, crc = self._info, 0, 0
        part = None
        try:
            part = _Part(self._raw, info, self._member.archive)
            for chunk in self._plain(part):
                size += len(chunk)
                crc = zlib.crc32(chunk, crc)
                yield chunk
        except DamageError as damage:
            where = "" if part is None else " of the archive"
            raise DamageError(f"{damage}{where}", altered=damage.altered) from damage
        if size != info.file_size or crc != info.CRC:
            short = part.position < info.header_offset + info.compress_size
            raise DamageError(
                f"the archive is cut off at byte {part.position:,}"
                if short
                else f"the data that ends at byte {part.position:,} of the archive is not what "
                "was packed: its length or its check sum differs",
                altered=not short,
            )

    def _plain(self, part: _Part) -> Iterator[bytes]:
        if self._info.compress_type == _STORED:
            while chunk := part.read(CHUNK):
                yield chunk
        else:
            kind = _METHODS[self._info.compress_type]
            yield from bounded(unpacked(part, kind), part, self._member)


def _visible(name: str) -> bool:
    return not any(part.startswith(".") for part in name.split("/"))


def _refuse_shared_bytes(place: Place, found: list[zipfile.ZipInfo]) -> None:
    """Members that lie over each other are how a few bytes are made to unpack to terabytes."""
    ordered = sorted(found, key=lambda info: info.header_offset)
    for one, other in pairwise(ordered):
        if one.header_offset + _HEADER.size + one.compress_size > other.header_offset:
            raise InputError(
                f"{place} is no sound zip archive: its members {one.filename} and "
                f"{other.filename} share bytes.",
                remedy="Treat it as a bomb; ask its source for another archive.",
            )
