"""A bundle gives the exact values behind each sentence and number of its report."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.services.traced import lines_of, untraced
from workbench.domain.finding import Finding, Verdict
from workbench.domain.progress import Job
from workbench.domain.signal import Message
from workbench.services.come_about import FORMULAS, STAGES, come_about
from workbench.services.export_scope import Scope
from workbench.services.sentences import SENTENCES
from workbench.services.statements import statements
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace(harbour: Path) -> Iterator[Workspace]:
    with Workspace.open(harbour, analyst="M. Keller") as workspace:
        yield workspace


@pytest.mark.parametrize(
    "what",
    [Scope(clusters=("C-001", "C-002")), Scope(accounts=("key-015",)),
     Scope(accounts=("key-015", "key-016")), Scope(clusters=("C-001",), accounts=("key-015",))],
    ids=["clusters", "account", "accounts", "both"],
)  # fmt: skip
def test_every_sentence_and_row_has_its_values(
    workspace: Workspace, tmp_path: Path, what: Scope
) -> None:
    workspace.exporting.run(what, tmp_path / "out", Job())
    lines = lines_of(tmp_path / "out")
    content = workspace.exporting.gathering.content(what, marking=None, job=Job())
    assert untraced(content, lines) == []
    assert [set(line) for line in lines] == [
        {"subject", "part", "of", "text", "values", "how"}
    ] * len(lines)
    case = lines[0]
    assert (case["part"], case["subject"]) == ("case", None)
    assert case["values"]["n_exchanges"] == content.case.n_exchanges
    assert case["values"]["exported"]["n_exchanges"] == content.n_evidence
    assert [
        (line["part"], line["of"])
        for line in lines
        # Measures and signals of this made-up case are in no catalogue.
        if line["part"] not in ("what to check next", "measures", "signals")
        and not {"row", "formula", "query"} & set(line["how"])
    ] == []
    query = tmp_path / "out" / case["how"]["query"]
    assert "count(*) AS n_exchanges" in query.read_text()


def test_a_number_that_was_not_traced_is_found(workspace: Workspace) -> None:
    """The check above can fail: a sentence, a p and a count that no line has."""
    what = Scope(clusters=("C-001",))
    content = workspace.exporting.gathering.content(what, marking=None, job=Job())
    told = content.subjects[0]
    lines = [
        {"subject": told.id, "part": one.part, "of": one.of, "text": one.text,
         "values": one.values, "how": one.how}
        for one in told.statements
    ]  # fmt: skip
    assert untraced(content, lines) == []
    other = replace(
        told, story=("7 accounts.",), axes=told.axes | {"content": 0.123}, n_exchanges=1
    )
    assert len(untraced(replace(content, subjects=(other,)), lines)) == 3


def test_every_key_of_the_catalogue_has_its_stage() -> None:
    for key in SENTENCES:
        assert any(key.startswith(start) for start in STAGES), key
    for start in STAGES:
        assert any(key.startswith(start) for key in SENTENCES), start
    # The longest beginning comes first: "cluster.attributed" is no mere "cluster.".
    starts = list(STAGES)
    for place, start in enumerate(starts):
        assert not any(later.startswith(start) for later in starts[place + 1 :]), start


def test_every_sentence_with_numbers_has_a_formula_or_a_row() -> None:
    measured = {"cluster.measure", "measure.cluster", "measure.not_assessed"}
    for key in SENTENCES:
        # A question to look into has no numbers but those of the sentence it follows from.
        if not key.startswith(("check.", "signal.account", "entity.single", "clusters.no_prompts")):
            params = {"measure": "same_source"} if key in measured else {}
            assert {"row", "formula"} & set(come_about(Message(key, params))), key
    assert set(FORMULAS) <= set(SENTENCES)


def test_a_finding_of_nothing_states_no_more_than_its_standing() -> None:
    nothing = Finding("key:a", Verdict.NOT_ASSESSED, None, None, q_nominal=True)
    (only,) = statements(nothing, (), {"n_accounts": 1})
    assert (only.part, only.values) == ("standing", {"n_accounts": 1})


def test_hostile_text_of_a_sentence_stays_one_line_of_json(tmp_path: Path) -> None:
    from workbench.bundle.payload import write_lines

    hostile = Message("cluster.cells", {"names": ["a\n{}\u2028\ud800", '"']})
    nothing = Finding("C-1", Verdict.NOT_ASSESSED, None, None, q_nominal=True)
    (_, told) = statements(nothing, (hostile,), {})
    path = tmp_path / "lines.jsonl"
    write_lines(path, [{"text": told.text, "values": told.values}])
    (line,) = path.read_bytes().splitlines()
    assert json.loads(line)["values"]["names"][1] == '"'
