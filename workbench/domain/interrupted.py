"""An import that was cut short and may go on: what it was to read, and how far it came."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.text import plural

#: Said where neither can be done.
NOTHING_WAITS: Final = "No import into this case waits to go on, or to be taken back."
#: Which imports leave nothing behind to go on with.
TOO_EARLY: Final = (
    "before its first milestone (there is one every 500,000 records), or while it read what was "
    "piped in"
)
#: What a person chooses between.
GO_ON: Final = (
    "To go on: workbench import CASE --resume. To take it back: workbench import CASE --roll-back. "
    "The window offers both above the map."
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.domain.door import Door
    from workbench.domain.exchange import Frame


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a file was read, to the end of a block.

    Attributes:
        blocks: Blocks before it: the same file is always cut in the same places.
        records: Records in them.
        size: Bytes of the file, as it lies there, that were read by then; of one that is kept by
            column all of them.
        sha256: Of these bytes.
    """

    blocks: int = 0
    records: int = 0
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class WentOn:
    """That an import which was cut short went on.

    Attributes:
        at: When, RFC 3339, UTC.
        records: Records of all files up to there.
    """

    at: str
    records: int


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of an import, as it is found again.

    Attributes:
        name: As it was named, which the case says of it.
        path: The file, absolute; of a member the archive's.
        size: Bytes when the import began.
        archive: As the archive was named; empty where there is none.
        member: The how-many-eth member of the archive, from 0; -1 where there is none.
    """

    name: str
    path: str
    size: int
    archive: str = ""
    member: int = -1


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an import needs to go on, beside its frame and options, which the batch has.

    Attributes:
        files: In their order; those that are no logs left out.
        format_name: For all files; empty where it was found for each.
        made_by: Version of the program: another may read the same bytes otherwise.
        said: What a person was to know before the first record: fact, command, control.
    """

    files: tuple[PlannedFile, ...]
    format_name: str = ""
    made_by: str = ""
    said: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An import that a process left behind; what is before it stands, nothing of it is seen.

    Attributes:
        batch_id: The number it will have.
        began: When, RFC 3339, UTC.
        frame: Where its logs come from.
        zone: Of times that name none.
        mapping: Canonical column -> source.
        door: What is left out.
        plan: What it was to read.
        records: Records of all files up to where it goes on.
        file: The file that it goes on in; empty between two files.
        reached: How far that was read.
        notes: What whoever reads wanted to know again; ``files`` has an entry for each that was
            begun.
        went_on: Each time that it went on before, and was cut short again.
    """

    batch_id: int
    began: str
    frame: Frame
    zone: str
    mapping: Mapping[str, str]
    door: Door
    plan: Plan
    records: int
    file: str = ""
    reached: Reached | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    went_on: tuple[WentOn, ...] = ()

    @property
    def n_read(self) -> int:
        """Files that were read whole."""
        return len(self.notes.get("files", ())) - bool(self.file)

    @property
    def record_no(self) -> int:
        """The last record of the file that is kept."""
        return self.reached.records if self.reached else 0

    @property
    def fact(self) -> str:
        """What happened, and where, one sentence."""
        files = plural(len(self.plan.files), "file", "files")
        kept = plural(self.records, "record is kept", "records are kept")
        where = f"{self.n_read} read whole"
        if self.file:
            where = f"file {self.n_read + 1}, {self.file}, up to record {self.record_no:,}"
        return (
            f"An import of {files} that began at {self.began} was interrupted: "
            f"{kept} ({where}), and the case is as it was before it."
        )

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "batch": self.batch_id,
            "began": self.began,
            "files": [file.name for file in self.plan.files],
            "files_read": self.n_read,
            "records": self.records,
            "file": self.file,
            "record_no": self.record_no,
            "went_on": [asdict(each) for each in self.went_on],
        }
