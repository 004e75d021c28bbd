"""A disk that forgets: what a program does to a folder is written down, and replayed with losses.

A kill loses nothing that was written; a power cut does. Of what was not yet synced, data may be
there, lost, torn at a sector, or be zeros where the file had already grown; names appear in the
order in which they were made, as far as they got. What was synced stays. The same record lets an
operation fail instead, as a full or failing disk does.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    import pytest

_SECTOR: Final = 512


@dataclass(frozen=True)
class Write:
    """Bytes of a file that was opened, from an offset on."""

    file: int
    offset: int
    data: bytes


@dataclass(frozen=True)
class Cut:
    """A file got shorter."""

    file: int
    size: int


@dataclass(frozen=True)
class Name:
    """A name stands for a file from now on, or for none; where it was moved from goes."""

    path: str
    file: int | None
    moved_from: str = ""


@dataclass(frozen=True)
class Synced:
    """A file, or the names of a folder, are durable as they are."""

    file: int | None = None
    folder: str = ""


@dataclass(frozen=True)
class Acknowledged:
    """The program said that it is done."""

    what: str


Operation = Write | Cut | Name | Synced | Acknowledged


@dataclass
class Disk:
    """What is done below a folder.

    Attributes:
        folder: Below which everything is written down.
        operations: In order.
        fail_at: The operation (from 0) that fails instead; None for none.
        error: What it fails with.
    """

    folder: Path
    operations: list[Operation] = field(default_factory=list)
    fail_at: int | None = None
    error: int = 0

    def __post_init__(self) -> None:
        self._files: dict[str, int] = {}
        self._open: dict[int, int | str] = {}
        self.before: dict[str, bytes] = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                self.before[str(path)] = path.read_bytes()
                self._files[str(path)] = len(self._files)
        self._n_files = len(self._files)
        self._steps = 0

    @property
    def failed(self) -> bool:
        """Whether the operation that was to fail was reached."""
        return self.fail_at is not None and self._steps > self.fail_at

    def acknowledge(self, what: str) -> None:
        """The program returned."""
        self.operations.append(Acknowledged(what))

    def _do(self, operation: Operation) -> None:
        if self.fail_at is not None and self._steps == self.fail_at:
            self._steps += 1
            raise OSError(self.error, os.strerror(self.error))
        self._steps += 1
        self.operations.append(operation)

    def _holds(self, path: object) -> bool:
        if not isinstance(path, str | os.PathLike):
            return False
        return Path(os.fspath(path)).is_relative_to(self.folder)

    @contextmanager
    def watching(self, patch: pytest.MonkeyPatch) -> Iterator[None]:
        """Write down what is done meanwhile."""
        with patch.context() as patched:
            patched.setattr(io, "open", self._opening(io.open))
            patched.setattr(os, "open", self._opening_folder(os.open))
            patched.setattr(os, "fsync", self._syncing(os.fsync))
            patched.setattr(os, "replace", self._moving(os.replace))
            patched.setattr(os, "rename", self._moving(os.rename))
            patched.setattr(os, "unlink", self._removing(os.unlink))
            patched.setattr(os, "truncate", self._cutting(os.truncate))
            yield

    def _opening(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opening(path: Any, mode: str = "r", *given: Any, **named: Any) -> Any:
            if not self._holds(path) or not set(mode) & set("wax+"):
                return real(path, mode, *given, **named)
            name = str(path)
            there = Path(name).exists()
            if not there:
                self._do(Name(name, self._n_files))
                self._files[name] = self._n_files
                self._n_files += 1
            elif "w" in mode:
                self._do(Cut(self._files[name], 0))
            file = real(path, mode, *given, **named)
            self._open[file.fileno()] = self._files[name]
            return _Watched(file, self, self._files[name])

        return opening

    def _opening_folder(self, real: Callable[..., int]) -> Callable[..., int]:
        def opening(path: Any, *given: Any, **named: Any) -> int:
            descriptor = real(path, *given, **named)
            if self._holds(path) and Path(path).is_dir():
                self._open[descriptor] = str(path)
            else:
                self._open.pop(descriptor, None)
            return descriptor

        return opening

    def _syncing(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def syncing(descriptor: int) -> None:
            known = self._open.get(descriptor)
            if isinstance(known, str):
                self._do(Synced(folder=known))
            elif known is not None:
                self._do(Synced(file=known))
            real(descriptor)

        return syncing

    def _moving(self, real: Callable[..., None]) -> Callable[..., None]:
        def moving(source: Any, target: Any, **named: Any) -> None:
            if self._holds(source) and self._holds(target):
                self._do(Name(str(target), self._files[str(source)], str(source)))
                self._files[str(target)] = self._files.pop(str(source))
            real(source, target, **named)

        return moving

    def _removing(self, real: Callable[..., None]) -> Callable[..., None]:
        def removing(path: Any, **named: Any) -> None:
            if self._holds(path) and Path(path).exists():
                self._do(Name(str(path), None))
                self._files.pop(str(path), None)
            real(path, **named)

        return removing

    def _cutting(self, real: Callable[..., None]) -> Callable[..., None]:
        def cutting(path: Any, size: int) -> None:
            if self._holds(path):
                self._do(Cut(self._files[str(path)], size))
            real(path, size)

        return cutting

    # --- after the power cut -----------------------------------------------------------------
    def after(self, cut: int, random: random.Random, target: Path) -> list[str]:
        """Make the folder as a power cut may leave it.

        Args:
            cut: Operations that were done.
            random: Which of the unsynced is there.
            target: The folder to make.

        Returns:
            What was acknowledged before the cut.
        """
        done = self.operations[:cut]
        names = dict(zip(self.before, range(len(self.before)), strict=True))
        data = {number: bytearray(self.before[path]) for path, number in names.items()}
        for number, step in enumerate(done):
            if isinstance(step, Write | Cut):
                if _synced_later(done, number, file=step.file):
                    _apply(data, step)
                elif random.random() < 0.7:
                    _apply(data, _maimed(step, random))
        for folder in {str(Path(step.path).parent) for step in done if isinstance(step, Name)}:
            mine = [
                (number, step)
                for number, step in enumerate(done)
                if isinstance(step, Name) and str(Path(step.path).parent) == folder
            ]
            sure = sum(_synced_later(done, number, folder=folder) for number, _ in mine)
            for _, step in mine[: random.randint(sure, len(mine))]:
                names.pop(step.moved_from, None)
                if step.file is None:
                    names.pop(step.path, None)
                else:
                    names[step.path] = step.file
        for path, number in names.items():
            place = target / Path(path).relative_to(self.folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data.get(number, b""))
        return [step.what for step in done if isinstance(step, Acknowledged)]


class _Watched:
    """A file whose writes are written down first."""

    def __init__(self, file: Any, disk: Disk, number: int) -> None:
        self._file, self._disk, self._number = file, disk, number

    def write(self, data: Any) -> int:
        self._disk._do(Write(self._number, self._file.tell(), bytes(data)))
        written: int = self._file.write(data)
        return written

    def truncate(self, size: int | None = None) -> int:
        size = self._file.tell() if size is None else size
        self._disk._do(Cut(self._number, size))
        cut: int = self._file.truncate(size)
        return cut

    def __enter__(self) -> _Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if not self._file.closed:
            self._disk._open.pop(self._file.fileno(), None)
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _synced_later(
    done: list[Operation], number: int, *, file: int | None = None, folder: str = ""
) -> bool:
    return any(
        isinstance(step, Synced) and (step.file, step.folder) == (file, folder)
        for step in done[number + 1 :]
    )


def _maimed(step: Write | Cut, random: random.Random) -> Write | Cut:
    """As a cut may leave it: whole, its first sectors, or zeros."""
    if isinstance(step, Cut):
        return step
    kind = random.random()
    if kind < 0.4:
        return step
    if kind < 0.6:
        return Write(step.file, step.offset, bytes(len(step.data)))
    # Sectors count from the beginning of the file.
    sectors = (step.offset + len(step.data)) // _SECTOR - step.offset // _SECTOR
    end = (step.offset // _SECTOR + random.randint(0, max(sectors, 0))) * _SECTOR
    return Write(step.file, step.offset, step.data[: max(end - step.offset, 0)])


def _apply(data: dict[int, bytearray], step: Write | Cut) -> None:
    content = data.setdefault(step.file, bytearray())
    if isinstance(step, Cut):
        del content[step.size :]
        return
    content.extend(bytes(max(step.offset - len(content), 0)))
    content[step.offset : step.offset + len(step.data)] = step.data
