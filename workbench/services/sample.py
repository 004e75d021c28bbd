"""The sample data that ships with the program: its logs, and what is said of where they are from.

The demonstration at the command line and the start page of the window fill a case with the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.resources import sample_path

if TYPE_CHECKING:
    from workbench.domain.progress import JobContext
    from workbench.services.importing import ImportReport
    from workbench.services.workspace import Workspace

SAMPLE_FRAME: Final = Frame(
    custodian="Distillation Workbench",
    system="sample",
    query="workbench simulate (see sample_data/README.md)",
    population="simulated traffic: benign accounts, look-alikes and one planted campaign",
    sampling="none",
    zone="UTC",
)


def import_sample(workspace: Workspace, job: JobContext) -> ImportReport:
    """Import the sample logs; those that the case holds already change nothing.

    Raises:
        CancelledError: The job was cancelled; nothing of it is in the case.
        StorageError: The case cannot be written.
    """
    logs = sorted(path for path in sample_path().iterdir() if path.name.startswith("log-"))
    return workspace.importing.run(logs, SAMPLE_FRAME, ReadOptions(zone="UTC"), job)
