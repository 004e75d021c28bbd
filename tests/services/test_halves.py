"""Halves of exchanges in real imports: what is joined, what is not, and what is said of it."""

from __future__ import annotations

import errno
import itertools
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.batch_records import (
    anthropic_answered,
    anthropic_asked,
    generation,
    openai_answered,
    openai_asked,
    openai_expired,
    trace,
)
from tests.services.halves import Record, ask, fates, load, odd, write
from workbench.case.half_rows import Spool
from workbench.domain.errors import CancelledError, StorageError
from workbench.domain.exchange import Accounting, Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


PROVIDERS = {
    "openai": (openai_asked, openai_answered),
    "anthropic": (anthropic_asked, anthropic_answered),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


@pytest.fixture(params=sorted(PROVIDERS))
def lines(request: pytest.FixtureRequest) -> tuple[Callable[..., Record], Callable[..., Record]]:
    return PROVIDERS[request.param]


EXCHANGES = (
    "SELECT request_id, text, completion FROM exchange LEFT JOIN prompt USING (prompt_id) "
    "ORDER BY request_id, text, completion"
)


def whole(*numbers: int) -> list[tuple[str, str, str]]:
    return [(f"request-{i}", f"Question {i}", f"Answer {i}") for i in numbers]


# --- two files of one batch ----------------------------------------------------------------------
@pytest.mark.parametrize("turned", [False, True])
def test_requests_and_results_become_exchanges(
    workspace: Workspace, tmp_path: Path, lines: Any, turned: bool
) -> None:
    asked, answered = lines
    files = [
        write(tmp_path / "asked", *map(asked, range(4))),
        write(tmp_path / "answered", *map(answered, (2, 0, 3, 1))),
    ]
    report = load(workspace, *(reversed(files) if turned else files))
    assert fates(report) == [{"loaded": 4}, {"joined": 4}]
    assert report.total == Accounting(loaded=4, joined=4)
    assert ask(workspace, EXCHANGES) == whole(0, 1, 2, 3)
    assert not odd(report)
    # Each record of both files is found where it lies.
    places = ask(workspace, "SELECT source_id, record_no FROM exchange ORDER BY ALL")
    places += ask(workspace, "SELECT source_id, record_no FROM joined_exchange ORDER BY ALL")
    assert sorted(places) == [(s, r) for s in (0, 1) for r in range(1, 5)]
    ((model, tokens, limit),) = set(
        ask(workspace, "SELECT value, out_tok, max_tok FROM exchange JOIN model USING (model_id)")
    )
    assert model in ("gpt-4o-2024-08-06", "claude-sonnet-4-20250514")
    assert (tokens, limit) in ((7, 100), (7, 1024))


def test_one_file_that_holds_both(workspace: Workspace, tmp_path: Path, lines: Any) -> None:
    asked, answered = lines
    mixed = [make(i) for i in range(5) for make in (answered, asked)]
    report = load(workspace, write(tmp_path / "both", *mixed, asked(7), answered(8)))
    assert fates(report) == [{"loaded": 7, "joined": 5}]
    assert ask(workspace, EXCHANGES)[:5] == whole(*range(5))
    assert [doubt.fact.split(": ")[1].split(" loaded")[0] for doubt in odd(report)] == [
        "1 request",
        "1 result",
    ]


def test_both_halves_in_one_record_are_whole(
    workspace: Workspace, tmp_path: Path, lines: Any
) -> None:
    """Of two batches, which both count from 0: neither a conflict nor a copy of the other."""
    asked, answered = lines
    one = write(tmp_path / "one", *({**asked(i), **answered(i)} for i in range(3)))
    report = load(workspace, one)
    again = [{**asked(i + 10), **answered(i + 10), "custom_id": f"request-{i}"} for i in range(3)]
    more = load(workspace, write(tmp_path / "two", *again, {**asked(1), **answered(1)}))
    assert (fates(report), fates(more)) == ([{"loaded": 3}], [{"loaded": 3, "duplicate": 1}])


def test_output_and_error_file(workspace: Workspace, tmp_path: Path) -> None:
    report = load(
        workspace,
        write(tmp_path / "errors", openai_expired(4), openai_expired(5)),
        write(tmp_path / "asked", *map(openai_asked, range(6))),
        write(tmp_path / "output", *map(openai_answered, range(4))),
    )
    assert report.total == Accounting(loaded=6, joined=6)
    assert ask(
        workspace, "SELECT request_id, error_type, prompt_id IS NULL FROM exchange "
        "WHERE error_type IS NOT NULL ORDER BY 1",
    ) == [("request-4", "batch_expired", False), ("request-5", "batch_expired", False)]  # fmt: skip


# --- what is not there, or there twice -----------------------------------------------------------
def test_a_half_without_the_other_is_loaded_and_told(
    workspace: Workspace, tmp_path: Path, lines: Any
) -> None:
    asked, answered = lines
    report = load(
        workspace,
        write(tmp_path / "asked", *map(asked, range(5))),
        write(tmp_path / "answered", *map(answered, (1, 3))),
    )
    assert fates(report) == [{"loaded": 5}, {"joined": 2}]
    answers = [row[2] for row in ask(workspace, EXCHANGES)]
    assert answers == [None, "Answer 1", None, "Answer 3", None]
    (doubt,) = odd(report)
    assert "3 requests loaded without the other half: no result of this import" in doubt.fact


def test_a_result_without_its_request_is_of_another_batch(
    workspace: Workspace, tmp_path: Path, lines: Any
) -> None:
    asked, answered = lines
    report = load(
        workspace,
        write(tmp_path / "asked", *map(asked, range(5))),
        write(tmp_path / "answered", *map(answered, range(3, 8))),
    )
    assert fates(report) == [{"loaded": 5}, {"loaded": 5}]
    assert all("lack some of the results' requests" in doubt.fact for doubt in odd(report))
    assert len(odd(report)) == 2


def test_but_for_requests_that_could_not_be_read(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path / "asked", *map(openai_asked, range(5)))
    path.write_text(path.read_text().replace('{"custom_id": "request-2"', '{"custom_id": "requ'))
    report = load(workspace, path, write(tmp_path / "answered", *map(openai_answered, range(5))))
    assert fates(report) == [{"loaded": 4, "rejected": 1}, {"loaded": 1, "joined": 4}]


def test_a_half_that_is_there_twice(workspace: Workspace, tmp_path: Path, lines: Any) -> None:
    """The same again is a copy; another one with its name leaves both alone."""
    asked, answered = lines
    other = answered(2)
    other = json.loads(json.dumps(other).replace("Answer 2", "Answer two"))
    report = load(
        workspace,
        write(tmp_path / "asked", *map(asked, range(3)), asked(1)),
        write(tmp_path / "answered", *map(answered, range(3)), other, answered(0)),
    )
    assert fates(report) == [{"loaded": 3, "duplicate": 1}, {"loaded": 2, "joined": 2,
                                                            "duplicate": 1}]  # fmt: skip
    assert ask(workspace, EXCHANGES)[:2] == whole(0, 1)
    assert ["custom_id is there more than once" in d.fact for d in odd(report)] == [False, True]


# --- several batches that count alike ------------------------------------------------------------
def other(record: Record, word: str) -> Record:
    changed: Record = json.loads(json.dumps(record).replace("Question", word).replace("Ans", word))
    return changed


def test_batches_that_cannot_be_told_apart_stay_apart(
    workspace: Workspace, tmp_path: Path, lines: Any
) -> None:
    asked, answered = lines
    report = load(
        workspace,
        write(tmp_path / "a", *map(asked, range(3))),
        write(tmp_path / "b", *(other(asked(i), "B") for i in range(3))),
        write(tmp_path / "c", *map(answered, range(3))),
        write(tmp_path / "d", *(other(answered(i), "B") for i in range(3))),
    )
    assert fates(report) == [{"loaded": 3}] * 4
    assert len(odd(report)) == 4
    assert all("more than one file could hold" in doubt.fact for doubt in odd(report))
    assert all("put both into one file" in doubt.command for doubt in odd(report))
    assert all(text is None or done is None for _, text, done in ask(workspace, EXCHANGES))


def test_what_can_be_told_is_joined_by_elimination(
    workspace: Workspace, tmp_path: Path, lines: Any
) -> None:
    """The longer results have one set of requests; the shorter ones then have the other."""
    asked, answered = lines
    files = [
        write(tmp_path / "a", *map(asked, range(5))),
        write(tmp_path / "b", *(other(asked(i), "B") for i in range(3))),
        write(tmp_path / "c", *map(answered, range(5))),
        write(tmp_path / "d", *(other(answered(i), "B") for i in range(3))),
    ]
    random.Random(5).shuffle(files)
    report = load(workspace, *files)
    assert report.total == Accounting(loaded=8, joined=8)
    found = {(text, done) for _, text, done in ask(workspace, EXCHANGES)}
    assert found == {(f"Question {i}", f"Answer {i}") for i in range(5)} | {
        (f"B {i}", f"Bwer {i}") for i in range(3)
    }


def test_a_batch_that_is_named_decides(workspace: Workspace, tmp_path: Path, lines: Any) -> None:
    """Whatever file its lines are in, in one import."""
    asked, answered = lines
    records = [make(i, batch_id="one") for i in range(3) for make in lines]
    records += [other(make(i, batch_id="two"), "B") for i in range(3) for make in lines]
    random.Random(3).shuffle(records)
    report = load(
        workspace, write(tmp_path / "a", *records[:5]), write(tmp_path / "b", *records[5:])
    )
    assert report.total == Accounting(loaded=6, joined=6)
    for _, text, done in ask(workspace, EXCHANGES):
        assert (text[0] == "B") == (done[0] == "B")
    named = [asked(9, batch_id="three")], [answered(9, batch_id="four")]
    report = load(workspace, write(tmp_path / "c", *named[0]), write(tmp_path / "d", *named[1]))
    assert report.total == Accounting(loaded=2)


@pytest.mark.parametrize(
    ("asked_more", "answered_more"),
    [
        ({"body": {"max_completion_tokens": 6}}, {}),
        ({"body": {"model": "gpt-4.1"}}, {}),
        ({"api_key_id": "key-1"}, {"api_key_id": "key-2"}),
        ({"org_id": "org-1"}, {"org_id": "org-2"}),
        ({"timestamp": "2026-05-02T00:00:00Z"}, {}),
        ({"body": {"messages": [{"role": "user", "content": "word " * 400}]}}, {}),
    ],
)
def test_halves_that_contradict_each_other_are_not_joined(
    workspace: Workspace, tmp_path: Path, asked_more: Record, answered_more: Record
) -> None:
    """One is enough: their files are of two batches."""
    report = load(
        workspace,
        write(tmp_path / "asked", openai_asked(1), openai_asked(2, **asked_more)),
        write(tmp_path / "answered", openai_answered(1), openai_answered(2, **answered_more)),
    )
    assert report.total == Accounting(loaded=4)
    assert all("contradicts it" in doubt.fact for doubt in odd(report))


@pytest.mark.parametrize(
    ("model", "answering"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gpt-4-turbo-preview", "gpt-4-0125-preview"),
        ("ft:gpt-4o-mini:acme::7p4", "ft:gpt-4o-mini-2024-07-18:acme::7p4"),
        ("gpt-4o-batch", "gpt-4o-2024-08-06"),
        ("our-deployment", "gpt-4o-2024-08-06"),
        ("gpt-4o", None),
    ],
)
def test_models_are_answered_under_longer_names(
    workspace: Workspace, tmp_path: Path, model: str, answering: str | None
) -> None:
    report = load(
        workspace,
        write(tmp_path / "asked", openai_asked(1, body={"model": model})),
        write(tmp_path / "answered", openai_answered(1, body={"model": answering})),
    )
    assert report.total == Accounting(loaded=1, joined=1)


# --- what comes again ----------------------------------------------------------------------------
def test_halves_that_come_again_are_copies(
    workspace: Workspace, tmp_path: Path, lines: Any
) -> None:
    asked, answered = lines
    load(
        workspace,
        write(tmp_path / "a", *map(asked, range(3))),
        write(tmp_path / "b", *map(answered, range(3))),
    )
    report = load(
        workspace,
        write(tmp_path / "c", *map(asked, range(4))),
        write(tmp_path / "d", *map(answered, range(4))),
        write(tmp_path / "b", *map(answered, range(3))),
    )
    assert fates(report) == [
        {"loaded": 1, "duplicate": 3}, {"joined": 1, "duplicate": 3}, {"duplicate": 3}]  # fmt: skip
    assert report.files[2].already
    assert ask(workspace, EXCHANGES) == whole(0, 1, 2, 3)


def test_a_file_that_is_named_twice(workspace: Workspace, tmp_path: Path, lines: Any) -> None:
    asked, answered = lines
    a = write(tmp_path / "a", *map(asked, range(3)), {"prompt": "p"})
    b = write(tmp_path / "b", *map(asked, range(3)), {"prompt": "p"})
    c = write(tmp_path / "c", *map(answered, range(3)))
    report = load(workspace, a, b, c)
    assert fates(report) == [{"loaded": 4}, {"loaded": 1, "duplicate": 3}, {"joined": 3}] or fates(
        report
    ) == [{"loaded": 4}, {"duplicate": 4}, {"joined": 3}]
    assert report.files[1].already
    assert ask(workspace, EXCHANGES)[:3] == whole(0, 1, 2)


def test_the_other_half_in_a_later_import_is_loaded_and_told(
    workspace: Workspace, tmp_path: Path, lines: Any
) -> None:
    asked, answered = lines
    first = load(workspace, write(tmp_path / "a", asked(1)))
    second = load(workspace, write(tmp_path / "b", answered(1)))
    assert fates(first) == fates(second) == [{"loaded": 1}]
    assert "no request of this import has its custom_id" in second.doubts[0].fact


# --- all orders ----------------------------------------------------------------------------------
def test_the_order_of_files_decides_nothing(tmp_path: Path) -> None:
    files = [
        write(tmp_path / "a", *map(openai_asked, range(4))),
        write(tmp_path / "b", *map(openai_answered, range(2))),
        write(tmp_path / "c", openai_expired(2), {"prompt": "p"}, trace(1)),
        write(tmp_path / "d", generation(1, of=1), openai_expired(3)),
    ]
    seen = set()
    for number, order in enumerate(itertools.permutations(files)):
        if number % 5:
            continue
        with Workspace.create(tmp_path / f"{number}.case") as workspace:
            report = load(workspace, *order)
            assert report.total == Accounting(loaded=6, joined=5)
            seen.add(tuple(ask(workspace, EXCHANGES)))
    assert len(seen) == 1


def test_cancelled_while_halves_are_joined(workspace: Workspace, tmp_path: Path) -> None:
    files = [
        write(tmp_path / "a", *map(openai_asked, range(4))),
        write(tmp_path / "b", *map(openai_answered, range(4))),
    ]
    job = Job(lambda progress: job.cancel() if progress.step == "Joining halves" else None)
    with pytest.raises(CancelledError):
        workspace.importing.run(files, Frame(), ReadOptions(), job)
    assert workspace.importing.provenance.info().counts["exchanges"] == 0
    report = load(workspace, *files)
    assert report.total == Accounting(loaded=4, joined=4)


def test_a_full_disk_leaves_the_case_as_it_was(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(workspace, write(tmp_path / "c", {"prompt": "p"}))
    files = [
        write(tmp_path / "a", *map(openai_asked, range(9))),
        write(tmp_path / "b", *map(openai_answered, range(9))),
    ]
    append = Spool.append

    def full(spool: Spool, *rows: Any) -> None:
        if len(spool):
            raise OSError(errno.ENOSPC, "No space left on device")
        append(spool, *rows)

    monkeypatch.setattr(Spool, "append", full)
    with pytest.raises(StorageError, match="The disk is full"):
        load(workspace, *files)
    monkeypatch.undo()
    assert not list((tmp_path / "a.case" / "computed").glob("spill*/*"))
    assert workspace.importing.provenance.info().counts["exchanges"] == 1
    assert load(workspace, *files).total == Accounting(loaded=9, joined=9)


def test_rejected_traces_are_counted_among_all_records(
    workspace: Workspace, tmp_path: Path
) -> None:
    """What waited is counted: one of five is no reason to doubt the whole file."""
    log = write(
        tmp_path / "a", *map(trace, range(5)), *(generation(number, number) for number in range(4))
    )
    report = load(workspace, log)
    assert fates(report) == [{"loaded": 4, "joined": 4, "rejected": 1}]
    (told,) = (doubt.fact for doubt in odd(report) if "rejected" in doubt.fact)
    assert told.endswith("1 of 9 records rejected, as 'no exchange'.")
