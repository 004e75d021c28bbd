"""What is told of whole files: that nobody is named, and that requests stand there twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from workbench.domain.exchange import Accounting, Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from workbench.services.import_checks import Doubt
    from workbench.services.importing import ImportReport

BARE = {"ts": "2026-05-01T12:00:00Z", "prompt": "why"}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def write(path: Path, records: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def load(workspace: Workspace, *paths: Path, **mapping: str) -> ImportReport:
    return workspace.importing.run(paths, Frame(), ReadOptions(mapping=mapping), Job())


# --- nobody is named -----------------------------------------------------------------------------
def test_a_log_in_which_nobody_is_named_is_told(workspace: Workspace, tmp_path: Path) -> None:
    log = write(tmp_path / "batch.jsonl", [BARE, BARE | {"account_id": "", "session_id": "s"}])
    (doubt,) = load(workspace, log).doubts
    assert doubt.fact == (
        f"No record of {log} names an account (a key, a user, an organisation or an address), so "
        "nobody can be told from anybody: the analysis finds no accounts there."
    )
    assert "--map account_id=FIELD" in doubt.command
    assert "account_id in the step Fields" in doubt.control
    assert "--" not in doubt.control
    assert [d.fact.endswith("nothing changed.") for d in load(workspace, log).doubts] == [True]


@pytest.mark.parametrize(
    "who",
    [{"account_id": "k"}, {"end_user": "u"}, {"org_id": "o"}, {"ip": "192.0.2.1"}],
    ids=lambda who: next(iter(who)),
)
def test_one_who_is_named_is_enough(
    workspace: Workspace, tmp_path: Path, who: dict[str, str]
) -> None:
    assert not load(workspace, write(tmp_path / "log", [BARE, BARE | who])).doubts


def test_files_are_told_in_one_breath(workspace: Workspace, tmp_path: Path) -> None:
    bare = [
        write(tmp_path / f"bare-{n}", [BARE | {"prompt": f"why {n} {i}"} for i in range(2)])
        for n in range(5)
    ]
    named = write(tmp_path / "named", [BARE | {"account_id": "k"}])
    first, *rest = bare
    (doubt,) = load(workspace, named, first).doubts
    assert f"No record of {first} names" in doubt.fact
    (doubt,) = load(workspace, *rest).doubts
    assert f"{rest[2]} and 1 other file names an account" in doubt.fact


def test_lines_of_text_have_no_field_to_map(workspace: Workspace, tmp_path: Path) -> None:
    log = tmp_path / "vllm.log"
    log.write_text(
        "INFO 05-01 12:00:00 [logger.py:39] Received request cmpl-1: prompt: 'why', params: "
        "SamplingParams(n=1, temperature=0.7, max_tokens=16), prompt_token_ids: None.\n"
    )
    report = workspace.importing.run([log], Frame(), ReadOptions("UTC"), Job())
    assert report.total.loaded == 1
    (doubt,) = (d for d in report.doubts if "names an account" in d.fact)
    assert "--map" not in doubt.command
    assert "Export such logs again" in doubt.command


# --- one request, two records --------------------------------------------------------------------
def halves(n: int) -> Iterator[dict[str, Any]]:
    for i in range(n):
        one = {"request_id": f"r{i}", "account_id": "k"}
        yield one | {"prompt": f"why {i}"}
        yield one | {"completion": f"because {i}", "status": 200}


def conflicts(report: ImportReport) -> list[Doubt]:
    return [doubt for doubt in report.doubts if "conflicts" in doubt.fact]


def test_requests_and_answers_in_lines_of_their_own_are_told(
    workspace: Workspace, tmp_path: Path
) -> None:
    log = write(tmp_path / "sep.jsonl", halves(5))
    report = load(workspace, log)
    assert report.total == Accounting(loaded=5, conflict=5)
    (doubt,) = conflicts(report)
    assert doubt.fact == (
        f"{log}: 5 of 10 records are conflicts: each has the request id of another record and "
        "other content, for example record 2 that of record 1. Both are kept, and both count."
    )
    assert "make one record of both before importing" in doubt.command
    assert doubt.control == doubt.command


def test_where_the_others_lie_in_another_file(workspace: Workspace, tmp_path: Path) -> None:
    records = list(halves(6))
    asked = write(tmp_path / "asked", records[::2])
    answered = write(tmp_path / "answered", records[1::2])
    (doubt,) = conflicts(load(workspace, asked, answered))
    assert doubt.fact.startswith(f"{answered}: 6 of 6 records are conflicts: ")
    assert "for example" not in doubt.fact


def test_a_few_conflicts_are_nothing_to_doubt(workspace: Workspace, tmp_path: Path) -> None:
    assert not conflicts(load(workspace, write(tmp_path / "few", halves(4))))
    many = [BARE | {"account_id": "k", "prompt": f"p{n}"} for n in range(50)]
    records = [*many, *({**r, "request_id": f"o{r['request_id']}"} for r in halves(5))]
    report = load(workspace, write(tmp_path / "many", records))
    assert (report.total.conflict, report.total.records) == (5, 60)
    assert not conflicts(report)
