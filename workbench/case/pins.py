"""Pins: how far each journal has come. A chain whose last lines were cut off still fits together.

``heads.json`` beside the journals names the last line of each. It is written whole after every
entry. This room must not read what entries say.
"""

from __future__ import annotations

import hashlib
import json
import re
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
        *whole, _ = path.read_bytes().split(b"\n")
        if whole:
            pins[path.stem] = Pin(len(whole), hashlib.sha256(whole[-1]).hexdigest())
    write_pins(folder / PINS, pins)
