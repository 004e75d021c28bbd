"""What a case keeps back: who reads which text, and that no service goes round the gate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.services.test_texts_by_choice import told
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.domain.progress import Job
from workbench.domain.selection import SelectionDefinition
from workbench.domain.withheld import WORDS, Withheld
from workbench.services.access import Kept
from workbench.services.export_scope import Scope
from workbench.services.mending import write_rejects
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.services.exchanges import Said

EVERYTHING = SelectionDefinition()
HIDDEN, CLOSED = WORDS[Withheld.HIDDEN], WORDS[Withheld.QUARANTINE]


@pytest.fixture
def hiding(harbour: Path) -> Iterator[Workspace]:
    with Workspace.open(harbour, analyst="Mara") as workspace:
        workspace.policies.set({"hide_prompts": True}, "shared with a second analyst")
        yield workspace


def texts(workspace: Workspace) -> list[str]:
    page = workspace.browsing.prompts(EVERYTHING, 0, 500)
    return [str(text) for text in page.table.column("text").to_pylist()]


def prompt_of(workspace: Workspace, exchange_id: int) -> Said:
    said = workspace.exchanges.texts(exchange_id).prompt
    assert said is not None
    return said


def completion_of(workspace: Workspace, exchange_id: int) -> Said:
    said = workspace.exchanges.texts(exchange_id).completion
    assert said is not None
    return said


def test_nothing_is_kept_back_where_nobody_said_so(harbour: Path) -> None:
    with Workspace.open(harbour, write=False) as workspace:
        assert workspace.access.kept() == Kept()
        assert workspace._held.gate() is None
        assert HIDDEN not in texts(workspace)
        assert completion_of(workspace, 0).text == "Answer."


def test_texts_are_read_after_a_reveal_of_what_it_names(hiding: Workspace) -> None:
    assert set(texts(hiding)) == {HIDDEN}
    assert hiding.browsing.prompt_text(0) == HIDDEN
    assert (hiding.browsing.exchange(0) or {})["text"] == HIDDEN
    prompt, completion = prompt_of(hiding, 0), completion_of(hiding, 0)
    assert prompt.text == completion.text == HIDDEN
    assert prompt.withheld is completion.withheld is Withheld.HIDDEN
    assert completion.n_characters == len("Answer.")
    opened = hiding.access.reveal("ticket 12", exchanges=[0])
    assert opened.n_exchanges == 1
    assert opened.changes.texts
    assert prompt_of(hiding, 0).text == "Show the reasoning step by step: question 0"
    assert completion_of(hiding, 0).text == "Answer."
    assert completion_of(hiding, 1).text == HIDDEN
    assert hiding.access.kept() == Kept(hidden=True, n_revealed=1)
    assert sum(text != HIDDEN for text in texts(hiding)) == 1
    line = hiding.labelling.history()[0]
    assert (line.kind, line.what, line.why, line.decision) == (
        EntryKind.REVEAL, "Revealed the texts of 1 exchange", "ticket 12", False,
    )  # fmt: skip


def test_an_account_and_a_cluster_are_revealed_whole(hiding: Workspace) -> None:
    assert hiding.access.reveal("x", accounts=["key-009"]).n_exchanges == 20
    assert completion_of(hiding, 9).text == "Answer."
    assert completion_of(hiding, 8).text == HIDDEN
    assert hiding.access.reveal("x", cluster_id="C-001").n_exchanges == 160
    assert completion_of(hiding, 7).text == "Answer."
    what = hiding.labelling.history()[0].what
    assert what == "Revealed the texts of C-001, 8 accounts"


def test_a_reveal_is_for_its_analyst_and_for_ever(
    hiding: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = hiding.path
    hiding.access.reveal("ticket 12", exchanges=[0])
    hiding.close()
    with Workspace.open(path, write=False) as again:
        assert completion_of(again, 0).text == "Answer."
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "bo"))
    with Workspace.open(path, write=False) as other:
        assert completion_of(other, 0).text == HIDDEN
    assert not (tmp_path / "bo").exists(), "reading makes no key"


def test_shared_cases_keep_prompts_back_by_default(
    harbour: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Workspace.open(harbour) as first:
        first.labelling.note("begun")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "bo"))
    with Workspace.open(harbour) as second:
        assert HIDDEN not in texts(second)
        second.labelling.note("read")
        assert set(texts(second)) == {HIDDEN}
        second.policies.set({"hide_prompts": False}, "a team of two")
        assert HIDDEN not in texts(second)


def test_a_search_finds_only_what_may_be_read(hiding: Workspace) -> None:
    def found() -> int:
        return hiding.browsing.prompts(EVERYTHING, text="step by step").n_prompts

    assert found() == 0
    hiding.access.reveal("x", exchanges=[0])
    assert found() == 1
    hiding.access.quarantine("privileged", exchanges=[0])
    assert found() == 0
    assert hiding.browsing.prompts(EVERYTHING, text="reveal").n_prompts == 0


def test_what_is_refused(hiding: Workspace) -> None:
    for said, kwargs, why in (
        (" ", {"exchanges": [0]}, "no reason"),
        ("x", {}, "Nothing was named"),
        ("x", {"exchanges": [480]}, "no exchange 480"),
        ("x", {"exchanges": [-1]}, "no exchange -1"),
        ("x", {"accounts": ["nobody"]}, "no account nobody"),
        ("x", {"cluster_id": "C-009"}, "no cluster C-009"),
    ):
        with pytest.raises(InputError, match=why):
            hiding.access.reveal(said, **kwargs)
    hiding.access.quarantine("privileged", exchanges=[3])
    with pytest.raises(InputError, match="no reveal opens"):
        hiding.access.reveal("x", exchanges=[3])
    hiding.policies.set({"hide_prompts": False}, "x")
    with pytest.raises(InputError, match="asks for no reveal"):
        hiding.access.reveal("x", exchanges=[0])


def test_what_is_in_quarantine_is_seen_by_nobody_until_it_is_taken_back(harbour: Path) -> None:
    with Workspace.open(harbour) as workspace:
        prompt = prompt_of(workspace, 0).text
        # Exchange 776 would ask the same again: 97 questions of 8 accounts.
        done = workspace.access.quarantine("counsel's letter", exchanges=[0])
        assert done.n_exchanges == 1
        kept = workspace.access.kept()
        assert not kept.hidden
        assert prompt_of(workspace, 0).withheld is Withheld.QUARANTINE
        assert completion_of(workspace, 0).text == CLOSED
        assert prompt not in texts(workspace)
        assert CLOSED in texts(workspace)
        assert completion_of(workspace, 1).text == "Answer."
        assert workspace.labelling.undo_words == "put 1 exchange into quarantine"
        assert workspace.labelling.undo().texts
        assert prompt in texts(workspace)
        workspace.labelling.redo()
        assert prompt not in texts(workspace)


def test_every_exchange_that_asks_the_same_is_in_quarantine_with_it(harbour: Path) -> None:
    with Workspace.open(harbour) as workspace:
        page = workspace.browsing.prompts(EVERYTHING, 0, 1).table.to_pylist()[0]
        assert page["n_exchanges"] > 1
        carrying = workspace.exchanges.carrying(page["prompt_id"], EVERYTHING, 0, 500)
        ids = carrying.table.column("exchange_id").to_pylist()
        workspace.access.quarantine("unlawful", exchanges=ids[:1])
        assert workspace.access.kept().n_quarantined == page["n_exchanges"]
        assert {completion_of(workspace, one).text for one in ids} == {CLOSED}
        account = workspace.access.quarantine("privileged", accounts=["key-020"])
        assert account.n_exchanges == 20


# --- nothing goes round the gate ---------------------------------------------------------------
def everything_read(workspace: Workspace) -> list[str]:
    """What every service says of texts."""
    browsing = workspace.browsing
    said = [repr(browsing.prompts(EVERYTHING, 0, 500).table.to_pylist())]
    said += [browsing.prompt_text(one) for one in range(6)]
    said += [repr(browsing.exchange(one)) for one in range(0, 480, 60)]
    said += [repr(workspace.exchanges.texts(one)) for one in range(0, 480, 60)]
    for cluster in ("C-001", "C-002"):
        found = browsing.explain(cluster_id=cluster)
        said += [*found.lines(), *found.number_lines(), json.dumps(found.as_dict(), default=str)]
        said.append(repr(workspace.attributing.shown(cluster).to_pylist()))
        said += [repr(loss) for loss in workspace.losses.of(cluster)]
    said += browsing.explain(account="key-000").lines()
    rejects = workspace.importing.provenance.rejects().to_pylist()
    said += [row["raw"].decode("utf-8", "replace") for row in rejects]
    said += [repr(row) for row in browsing.journal().to_pylist()]
    return said


def bundled(workspace: Workspace, out: Path) -> str:
    report = workspace.exporting.run(Scope(clusters=("C-001", "C-002")), out, Job())
    return told(report.path)


def test_no_service_and_no_bundle_tells_what_is_hidden(hiding: Workspace, tmp_path: Path) -> None:
    words = ("step by step", "Rate this answer", "Answer.", "\ufffd{")
    assert not [line for line in everything_read(hiding) for word in words if word in line]
    bundle = bundled(hiding, tmp_path / "bundle")
    assert not [word for word in words if word in bundle]
    hiding.access.reveal("x", cluster_id="C-001")
    shown = everything_read(hiding)
    assert any("step by step" in line for line in shown)
    assert not any("Rate this answer" in line for line in shown)


def test_no_service_and_no_bundle_tells_what_is_in_quarantine(
    harbour: Path, tmp_path: Path
) -> None:
    with Workspace.open(harbour) as workspace:
        assert any("step by step" in line for line in everything_read(workspace))
        keys = [f"key-{n:03d}" if n != 3 else "=key-003" for n in range(8)]
        workspace.access.quarantine("unlawful", accounts=keys)
        assert not any("step by step" in line for line in everything_read(workspace))
        report = workspace.exporting.run(
            Scope(clusters=("C-001", "C-002")), tmp_path / "raw", Job(), raw=True
        )
        bundle = told(report.path)
        assert "step by step" not in bundle
        assert "Rate this answer" in bundle
        assert "160 exchanges are in quarantine" in bundle
        with pytest.raises(InputError, match="in quarantine"):
            workspace.exporting.run(Scope(clusters=("C-001",)), tmp_path / "e", Job(), exhibits=[0])


def test_texts_leave_only_where_whoever_lets_them_out_may_read_them(
    hiding: Workspace, tmp_path: Path
) -> None:
    scope = Scope(clusters=("C-002",))
    with pytest.raises(InputError, match="exchange 8 are read after a reveal"):
        hiding.exporting.run(scope, tmp_path / "a", Job(), exhibits=[8])
    with pytest.raises(InputError, match="80 exchanges are read after a reveal"):
        hiding.exporting.run(scope, tmp_path / "a", Job(), raw=True)
    with pytest.raises(InputError, match="exchange 8 are read after a reveal"):
        hiding.exporting.share(scope, "Example", tmp_path / "a", Job(), exhibits=[8])
    hiding.access.reveal("court order", exchanges=[8])
    report = hiding.exporting.run(scope, tmp_path / "a", Job(), exhibits=[8])
    assert "Rate this answer from 1 to 10: answer 8" in told(report.path)
    hiding.access.reveal("court order", cluster_id="C-002")
    report = hiding.exporting.run(scope, tmp_path / "b", Job(), raw=True)
    assert told(report.path).count("Rate this answer") >= 80


def test_bytes_of_rejects_stay_where_no_reveal_can_name_them(
    hiding: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="cannot name such a record"):
        write_rejects(hiding.importing, tmp_path / "mended.jsonl")
    hiding.policies.set({"hide_prompts": False}, "mending")
    assert hiding.importing.provenance.rejects().column("raw")[0].as_py() == b"\xff{"


def test_journals_that_cannot_be_read_let_nobody_read_texts(harbour: Path) -> None:
    with Workspace.open(harbour) as workspace:
        workspace.labelling.note("x")
    (journal,) = (harbour / "decided").glob("*.jsonl")
    journal.write_bytes(journal.read_bytes().replace(b'"note"', b'"nope"'))
    with Workspace.open(harbour, write=False) as workspace:
        assert completion_of(workspace, 0).text == HIDDEN
