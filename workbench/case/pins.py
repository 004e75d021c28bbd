"""Pins: how far each journal has come. A chain whose last lines were cut off still fits together.

``heads.json`` beside the journals names the last line of each. It is written whole after every
entry. This room must not read what entries say.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.case.casefile import replace_file
from workbench.domain.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: The file of pins in the folder decided/.
PINS: Final = "heads.json"
_NAME: Final = re.compile(r"[0-9a-f]{16}\.jsonl")


@dataclass(frozen=True, slots=True)
class Pin:
    """A line that was written.

    Attributes:
        number: Its place in its journal, from 1.
        digest: SHA-256 (hex) of its bytes.
    """

    number: int
    digest: str


def journal_files(folder: Path) -> Iterator[Path]:
    """The journals in decided/, by name; other files there are none.

    Raises:
        OSError: The folder cannot be read.
    """
    return (path for path in sorted(folder.glob("*.jsonl")) if _NAME.fullmatch(path.name))


def read_pins(path: Path) -> dict[str, Pin] | None:
    """The pins by journal; None where there is no such file.

    Raises:
        VerificationError: It is damaged.
        OSError: It cannot be read.
    """
    try:
        found = json.loads(path.read_bytes())
        return {str(key): Pin(int(pin["number"]), str(pin["digest"])) for key, pin in found.items()}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VerificationError(
            f"{path} is damaged, so a cut-off journal could not be noticed.",
            remedy="Compare the journals with a copy of the case or with a signed bundle.",
        ) from None


def write_pins(path: Path, pins: Mapping[str, Pin]) -> None:
    """Replace the file of pins whole, durably.

    Raises:
        StorageError: It cannot be written; the old one is as it was.
    """
    content = {key: {"number": pin.number, "digest": pin.digest} for key, pin in pins.items()}
    replace_file(path, (json.dumps(content, indent=1, sort_keys=True) + "\n").encode())


def make_pins(folder: Path) -> None:
    """Pin the journals as they lie, where nothing pins them; safe to run again.

    Args:
        folder: The folder decided/.

    Raises:
        StorageError: It cannot be written.
    """
    if (folder / PINS).exists():
        return
    pins = {}
    for path in journal_files(folder):
        last, number = b"", 0
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    last, number = line, number + 1
        if number:
            pins[path.stem] = Pin(number, hashlib.sha256(last[:-1]).hexdigest())
    write_pins(folder / PINS, pins)


class Remembered:
    """What this computer wrote or verified last of a case, kept outside the case.

    Pins within a case are set back with it; these are not. They belong to the case at its place,
    so that a copy elsewhere goes its own way.

    Args:
        folder: Where such files lie, ``heads`` of the user's configuration folder.
        case_id: Id of the case.
        place: The case folder.
    """

    def __init__(self, folder: Path, case_id: str, place: Path) -> None:
        self._about = {"case": case_id, "place": str(place.resolve())}
        name = hashlib.sha256("\n".join(self._about.values()).encode("utf-8", "surrogateescape"))
        self._path = folder / f"{name.hexdigest()[:32]}.json"

    def read(self) -> dict[str, Pin]:
        """The pins by journal; none where nothing was written, or it cannot be read."""
        try:
            found = json.loads(self._path.read_bytes())["heads"]
            return {key: Pin(int(pin["number"]), str(pin["digest"])) for key, pin in found.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def write(self, pins: Mapping[str, Pin]) -> None:
        """Remember these. What cannot be remembered is not: the case's own pins hold."""
        heads = {key: {"number": pin.number, "digest": pin.digest} for key, pin in pins.items()}
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Not waited for until it is on the disk: an older one is true as well.
            beside.write_text(json.dumps(self._about | {"heads": heads}), "utf-8", "replace")
            beside.replace(self._path)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def forget(self) -> None:
        """Forget them: of a case folder that was made for a moment."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
