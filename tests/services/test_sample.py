"""The shipped logs enter a case whole, once, and with their frame."""

from pathlib import Path

from workbench.domain.progress import Job
from workbench.services.sample import SAMPLE_FRAME, import_sample
from workbench.services.workspace import Workspace


def test_the_sample_is_imported_whole_and_once(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "sample.case") as workspace:
        report = import_sample(workspace, Job())
        assert report.total.loaded > 0
        assert report.total.rejected == report.total.coerced == 0
        assert list(workspace.importing.provenance.frames().values()) == [SAMPLE_FRAME]
        again = import_sample(workspace, Job())
        assert all(file.already for file in again.files)
        assert workspace.browsing.info().n_exchanges == report.total.loaded
