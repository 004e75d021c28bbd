"""Traces in real imports: what they say of the observations in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.formats.batch_records import generation, trace
from tests.formats.reading import as_csv
from tests.services.halves import ask, fates, load, write
from workbench.domain.exchange import Accounting, Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


WHOSE = (
    "SELECT request_id, i.value, session_id, a.value FROM exchange e "
    "LEFT JOIN identity i ON i.identity_id = e.user_id "
    "LEFT JOIN address a USING (address_id) ORDER BY request_id"
)
OF_TRACE_1 = ("person-1", "session-1", "192.0.2.7")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("how", ["lines", "array", "csv", "mixed"])
def test_traces_tell_whose_observations_were(
    workspace: Workspace, tmp_path: Path, how: str, turned: bool
) -> None:
    traces = [trace(1), trace(2, userId=None, sessionId=None)]
    seen = [generation(1, of=1), generation(2, of=1), generation(3, of=2), generation(4, of=9)]
    if how == "mixed":
        files = [write(tmp_path / "log", *(seen + traces if turned else traces + seen))]
    else:
        files = []
        for name, records in (("traces", traces), ("observations", seen)):
            path = tmp_path / f"{name}.{how}"
            if how == "csv":
                path.write_bytes(as_csv(records))
            elif how == "array":
                path.write_text(json.dumps(records))
            else:
                write(path, *records)
            files.append(path)
        if turned:
            files.reverse()
    report = workspace.importing.run(files, Frame(), ReadOptions(), Job())
    header = 2 if how == "csv" else 0
    assert report.total == Accounting(loaded=4, joined=2, header=header)
    assert ask(workspace, WHOSE) == [
        ("obs-1", *OF_TRACE_1),
        ("obs-2", *OF_TRACE_1),
        ("obs-3", None, "trace-2", "192.0.2.7"),
        ("obs-4", None, "trace-9", None),
    ]
    # Two of the first trace, one of the second.
    assert ask(workspace, "SELECT count(*) FROM joined_exchange") == [(3,)]


def test_what_an_observation_says_itself_stays(workspace: Workspace, tmp_path: Path) -> None:
    own = generation(1, of=1, userId="me", sessionId="here")
    report = load(workspace, write(tmp_path / "log", own, trace(1)))
    assert report.total == Accounting(loaded=1, joined=1)
    assert ask(workspace, WHOSE) == [("obs-1", "me", "here", "192.0.2.7")]


def test_traces_that_disagree_say_nothing_of_that(workspace: Workspace, tmp_path: Path) -> None:
    records = [generation(1, of=1), trace(1), trace(1), trace(1, userId="person-2")]
    report = load(workspace, write(tmp_path / "log", *records))
    assert fates(report) == [{"loaded": 1, "joined": 2, "duplicate": 1}]
    assert ask(workspace, WHOSE) == [("obs-1", None, "session-1", "192.0.2.7")]


def test_a_trace_without_observations_is_rejected_with_its_bytes(
    workspace: Workspace, tmp_path: Path
) -> None:
    span = generation(2, of=3) | {"type": "SPAN"}
    path = write(tmp_path / "log", generation(1, of=1), trace(3), span, trace(1))
    report = load(workspace, path)
    assert fates(report) == [{"loaded": 1, "joined": 1, "rejected": 2}]
    rejects = workspace.importing.provenance.rejects().to_pylist()
    assert [row["record_no"] for row in rejects] == [2, 3]
    assert json.loads(rejects[0]["raw"]) == trace(3)
    assert rejects[0]["reason"].startswith("no exchange: ")
    again = load(workspace, write(tmp_path / "again", generation(1, of=1), trace(1)))
    assert fates(again) == [{"duplicate": 2}]


def test_an_observation_that_changed_is_a_conflict_and_knows_whose_it_is(
    workspace: Workspace, tmp_path: Path
) -> None:
    changed = generation(1, of=1, output="Something else")
    report = load(workspace, write(tmp_path / "log", generation(1, of=1), trace(1), changed))
    assert fates(report) == [{"loaded": 1, "joined": 1, "conflict": 1}]
    assert ask(workspace, WHOSE) == [("obs-1", *OF_TRACE_1)] * 2
