"""case.toml: who a case is, which versions its parts have, and its settings.

This room must not know what the parts hold.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from workbench.case.database import storage_error
from workbench.domain.account import IdentityLevel
from workbench.domain.errors import CaseError
from workbench.domain.settings import CaseSettings

if TYPE_CHECKING:
    from pathlib import Path

#: What this program writes. Each part of a case has a version of its own.
VERSIONS: Final = {"given": 6, "computed": 1, "decided": 2}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What case.toml says.

    Attributes:
        id: Random, hex; names the case in bundles.
        name: Caption.
        created: RFC 3339, UTC.
        versions: Part -> version.
        settings: Settings of the case.
    """

    id: str
    name: str
    created: str
    versions: dict[str, int] = field(default_factory=lambda: dict(VERSIONS))
    settings: CaseSettings = field(default_factory=CaseSettings)

    def to_toml(self) -> str:
        """Text of the file; reading it gives an equal value."""
        lines = [f"{key} = {_quoted(getattr(self, key))}" for key in ("id", "name", "created")]
        lines += ["", "[versions]"]
        lines += [f"{part} = {version}" for part, version in sorted(self.versions.items())]
        lines += ["", "[settings]"]
        lines.append(f"identity = {_quoted(self.settings.identity.value)}")
        lines.append(f"marking = {_quoted(self.settings.marking)}")
        return "\n".join(lines) + "\n"

    @classmethod
    def read(cls, path: Path) -> CaseFile:
        """Read case.toml.

        Raises:
            CaseError: It is damaged.
            StorageError: It cannot be read.
        """
        try:
            found = tomllib.loads(path.read_text("utf-8"))
            settings = found["settings"]
            return cls(
                id=str(found["id"]),
                name=str(found["name"]),
                created=str(found["created"]),
                versions={part: int(found["versions"][part]) for part in VERSIONS},
                settings=CaseSettings(
                    identity=IdentityLevel(settings["identity"]), marking=str(settings["marking"])
                ),
            )
        except OSError as error:
            raise storage_error(error, str(path)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise CaseError(
                f"{path} is damaged ({type(error).__name__}: {error}).",
                remedy="Restore it from a copy of the case folder.",
                safe="Nothing was changed.",
            ) from error

    def write(self, path: Path) -> None:
        """Replace case.toml whole: a reader sees the old text or the new one.

        Raises:
            StorageError: It cannot be written.
        """
        replace_file(path, self.to_toml().encode("utf-8"))


def replace_file(path: Path, data: bytes) -> None:
    """Write beside, fsync, rename, fsync the folder.

    Raises:
        StorageError: It cannot be written; the old file is as it was.
    """
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        fsync_folder(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise storage_error(error, str(path), "The file is as it was.") from error


def fsync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the system can (Windows cannot open folders)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _quoted(text: str) -> str:
    """A TOML basic string; what is no text at all (lone surrogates) becomes "?"."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")
