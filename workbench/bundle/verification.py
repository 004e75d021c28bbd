"""What verifying a bundle found: plain values, from the signature inwards.

The signature is over the tag manifest, which names the tag files, one of which is the manifest of
everything else. So what is wrong further out says more than what is wrong within it: where the
manifest was changed, the files that no longer fit it were perhaps not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from workbench.bundle.layout import TAG_MANIFEST
from workbench.domain.text import elide

if TYPE_CHECKING:
    from pathlib import Path


class Trouble(StrEnum):
    """What can be wrong with an item; in this order where they are equally far out."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    LINK = "not a plain file"
    NAME = "name refused"
    MANIFEST = "manifest broken"
    SIGNATURE = "signature broken"
    JOURNAL = "journal broken"
    SIGNER = "signer not trusted"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        trouble: What kind.
        item: The file, as named in the bundle; visible characters only.
        detail: More, where there is more to say.
    """

    trouble: Trouble
    item: str
    detail: str = ""

    @classmethod
    def of(cls, trouble: Trouble, item: str, detail: str = "") -> Self:
        """With words from a bundle, which are hostile: visible, and cut."""
        return cls(trouble, elide(item, 200), elide(detail, 200))

    @property
    def rank(self) -> tuple[int, int, str]:
        """Where it stands among others: how far out, what kind, the item."""
        if self.trouble is Trouble.SIGNER:
            ring = 3
        elif self.item == TAG_MANIFEST or self.item.startswith("signatures/"):
            ring = 0
        else:
            ring = 2 if self.item.startswith("data/") else 1
        return ring, list(Trouble).index(self.trouble), self.item

    def __str__(self) -> str:
        return f"{self.item}: {self.trouble.value}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying found.

    Attributes:
        path: The bundle.
        problems: Everything that is wrong, from the signature inwards; empty when intact.
        n_files: Files looked at.
        n_bytes: Their bytes.
        fingerprint: Of the key that signed; empty when there is no valid signature.
        trusted: True when a trusted fingerprint was given and it is the signer's; None when none
            was given; False when it is another.
        case_digest: As bag-info.txt states it; empty when it cannot be read.
    """

    path: Path
    problems: tuple[Problem, ...]
    n_files: int
    n_bytes: int
    fingerprint: str
    trusted: bool | None
    case_digest: str

    @property
    def intact(self) -> bool:
        """Whether everything fits, and the signer is not known to be somebody else."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "bundle": str(self.path),
            "verdict": self.verdict,
            "intact": self.intact,
            "signer": self.fingerprint or None,
            "trusted": self.trusted,
            "files": self.n_files,
            "bytes": self.n_bytes,
            "case_digest": self.case_digest,
            "problems": [
                {"item": one.item, "trouble": one.trouble.value, "detail": one.detail}
                for one in self.problems
            ],
        }

    @property
    def verdict(self) -> str:
        """One phrase: "not intact", "signer not trusted" or "intact, signer trusted (unknown)"."""
        if not self.intact:
            others = any(one.trouble is not Trouble.SIGNER for one in self.problems)
            return "not intact" if others else Trouble.SIGNER.value
        return "intact, signer trusted" if self.trusted else "intact, signer unknown"
