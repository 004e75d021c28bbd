"""A folder on the network that answers only now and then, as far as files in it are opened."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.formats.place import OnDisk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from workbench.formats.place import Raw


@dataclass
class Network:
    """A folder: files in it are opened so many times, and then only once it answers.

    Attributes:
        path: The folder.
        left: How often a file in it is still opened.
        answers: Set while it answers.
        asked: Set once somebody waits for it.
    """

    path: Path
    left: int = 0
    answers: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)


@contextmanager
def hanging(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """One that hangs until this ends; so do the threads that wait for it. It is told at once."""
    monkeypatch.setattr("workbench.formats.attendant.TOLD_AFTER_S", 0.0)
    made = Network(path)
    made.path.mkdir()
    plainly = OnDisk.open

    def open_(place: OnDisk) -> Raw:
        if made.path in place.path.parents:
            made.left -= 1
            if made.left < 0:
                made.asked.set()
                made.answers.wait()
        return plainly(place)

    monkeypatch.setattr(OnDisk, "open", open_)
    try:
        yield made
    finally:
        made.answers.set()
