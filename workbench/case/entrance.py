"""Whether what lies at a path may be opened as a case, before anything in it is read.

This room must not open databases or journals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.domain.errors import CaseError
from workbench.domain.text import visible_text

if TYPE_CHECKING:
    from pathlib import Path


def require_case(path: Path) -> None:
    """Refuse what is no case folder.

    Raises:
        CaseError: It is none.
    """
    if not (path / "case.toml").is_file():
        what = "is not a case folder: it has no case.toml" if path.is_dir() else "is no folder"
        raise CaseError(
            f"{path} {what}." if path.exists() else f"{path} does not exist.",
            remedy="Name a folder that the workbench made, or create a case.",
        )


def refuse_links(path: Path) -> None:
    """A case that somebody else made must not lead to files of whoever opens it.

    They would be written to, or deleted as what is no longer needed. Only what lies in the case
    is looked at: the folder itself may be reached by a link.
    """
    for folder in (path, path / "computed", path / "decided", path / "decided" / "stamps"):
        for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
            if entry.is_symlink():
                inside = visible_text(str(entry.relative_to(path)))
                raise CaseError(
                    f"{inside} of the case {path} is a link that leads elsewhere.",
                    remedy="Do not trust this case, or put what it leads to in its place.",
                    safe="Nothing was read or changed.",
                )
