"""Halves of exchanges at the door: what waits to be joined is let in as everything else is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.formats.batch_records import generation, openai_answered, openai_asked, trace
from tests.services.halves import fates, write
from tests.services.held import every_value, everything
from workbench.case.folder import Case
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.door import Privacy
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.services.importing import ImportReport

EVERYTHING = Privacy(("request_id", "account_id", "end_user", "ip"), drop_text=True)
SECRETS = ("request-", "person-", "192.0.2.", "Question", "Answer", "Be brief")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def load(workspace: Workspace, *paths: Path) -> ImportReport:
    frame = Frame(system="gateway")
    return workspace.importing.run(paths, frame, ReadOptions(), Job(), privacy=EVERYTHING)


def test_joined_halves_hold_neither_names_nor_texts(workspace: Workspace, tmp_path: Path) -> None:
    logs = [
        write(tmp_path / "asked", *map(openai_asked, range(4))),
        write(tmp_path / "answered", *map(openai_answered, range(4))),
        write(tmp_path / "traced", *map(trace, range(3)), generation(0, 0), generation(1, 1)),
    ]
    report = load(workspace, *logs)
    assert fates(report) == [
        {"loaded": 4},
        {"joined": 4},
        {"loaded": 2, "joined": 2, "rejected": 1},
    ]
    (reject,) = workspace.importing.provenance.rejects().to_pylist()
    assert reject["raw"] == b"", "a trace without a generation is whose it is"
    while_open = everything(workspace.path)
    workspace.close()
    given = "".join(log.read_text() for log in logs)
    for secret in SECRETS:
        assert secret in given
        assert secret.encode() not in while_open
        assert secret.encode() not in everything(workspace.path)
        assert secret not in every_value(workspace.path)


def test_what_a_killed_import_left_goes_when_the_case_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.case"
    Case.create(path).close()
    left = path / "computed" / "spill-halves-texts"
    left.mkdir()
    (left / "halves.arrow").write_bytes(json.dumps(openai_asked(1)).encode())
    Case.open(path, write=False).close()
    assert left.exists(), "who only reads changes nothing"
    Case.open(path, write=True).close()
    assert not left.exists()
    assert b"Question" not in everything(path)
