"""Labels, notes, undo and history on a real case folder; they survive a restart."""

from pathlib import Path

import pytest

from tests.services.planted import Planted, plant
from workbench.domain.account import AccountKey
from workbench.domain.errors import InputError
from workbench.domain.exchange import Frame
from workbench.domain.label import EntryKind, Label
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace


def label_of(workspace: Workspace, account: str) -> str | None:
    value: str | None = workspace.browsing.account_row(account)["label"]
    return value


def test_a_cluster_label_binds_its_members_as_they_are(
    workspace: Workspace, planted: Planted
) -> None:
    changes = workspace.labelling.label(
        Label.CONFIRMED, "one grid", cluster_id="C-001", initiator="dossier"
    )
    assert changes.decided
    assert changes.initiator == "dossier"
    # Eight in the cluster, one of them below the threshold.
    assert changes.accounts == frozenset(planted.keys[:7])
    row = workspace.browsing.cluster_row("C-001")
    assert (row["label"], row["n_labelled"], row["n_unreviewed"]) == ("confirmed", 7, 0)
    assert label_of(workspace, planted.keys[7]) is None


def test_accounts_are_named_by_key_or_as_the_log_does(
    workspace: Workspace, planted: Planted
) -> None:
    key = AccountKey.parse(planted.keys[3])
    by_key = workspace.labelling.label(Label.BENIGN, "known", accounts=(key,))
    by_text = workspace.labelling.label(Label.BENIGN, "known", accounts=(str(key),))
    by_value = workspace.labelling.label(Label.BENIGN, "known", accounts=("key-00003",))
    assert by_key.accounts == by_text.accounts == by_value.accounts == {planted.keys[3]}


@pytest.mark.parametrize(
    "subject", [{"accounts": ("nobody",)}, {"cluster_id": "C-404"}, {"accounts": ()}]
)
def test_a_subject_that_is_not_there_is_said_and_nothing_is_decided(
    workspace: Workspace, subject: dict
) -> None:
    with pytest.raises(InputError):
        workspace.labelling.label(Label.BENIGN, "why", **subject)
    assert workspace.labelling.history() == []


def test_undo_and_redo_without_limit_across_a_restart(path: Path, planted: Planted) -> None:
    account = planted.keys[0]
    labels = [Label.SUSPECTED, Label.CONFIRMED, Label.BENIGN, Label.NEEDS_REVIEW]
    with Workspace.open(path) as workspace:
        for label in labels:
            workspace.labelling.label(label, "step", accounts=(account,))
    with Workspace.open(path) as workspace:
        for expected in [*labels[-2::-1], None]:
            assert workspace.labelling.can_undo
            changes = workspace.labelling.undo()
            assert changes.accounts == {account}
            assert label_of(workspace, account) == (expected and expected.value)
        assert not workspace.labelling.can_undo
        with pytest.raises(InputError):
            workspace.labelling.undo()
    with Workspace.open(path) as workspace:
        for expected in labels:
            assert workspace.labelling.can_redo
            workspace.labelling.redo()
            assert label_of(workspace, account) == expected.value
        assert not workspace.labelling.can_redo
        with pytest.raises(InputError):
            workspace.labelling.redo()


def test_a_new_decision_ends_redo(workspace: Workspace, planted: Planted) -> None:
    workspace.labelling.label(Label.BENIGN, "a", accounts=(planted.keys[0],))
    workspace.labelling.undo()
    workspace.labelling.note("something else")
    assert not workspace.labelling.can_redo


def test_history_says_who_what_why_and_what_stands(workspace: Workspace) -> None:
    workspace.labelling.label(Label.CONFIRMED, "one grid", cluster_id="C-001")
    workspace.labelling.note("Asked billing")
    workspace.labelling.undo()
    undid, noted, labelled = workspace.labelling.history()
    assert (labelled.what, labelled.why) == ("Labelled C-001, 7 accounts: confirmed", "one grid")
    assert labelled.analyst == "Mara"
    assert labelled.stands
    assert (noted.kind, noted.why, noted.stands) == (EntryKind.NOTE, "Asked billing", False)
    assert undid.what == "Undid: noted"
    assert undid.decision
    workspace.labelling.redo()
    assert workspace.labelling.history()[0].what == "Redid: noted"
    table = workspace.browsing.journal()
    assert table.num_rows == 4
    assert table.column("what")[0].as_py() == "Redid: noted"
    assert workspace.auditing.verify()["entries"] == 4


def test_an_empty_note_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InputError):
        workspace.labelling.note("  \n")


def test_later_joiners_are_unreviewed(path: Path, planted: Planted) -> None:
    with Workspace.open(path) as workspace:
        workspace.labelling.label(Label.CONFIRMED, "one grid", cluster_id="C-001")
    grown = plant()
    membership = grown.membership.copy()
    membership[7] = 0.9
    table = grown.artifacts.tables["clusters", "clusters"]
    arrays = {name: grown.artifacts.arrays["clusters", name] for name in ("cluster", "score")}
    with Workspace.open(path) as workspace:
        case = workspace._case
        case.artifacts.publish(
            "clusters",
            "grown",
            arrays=arrays | {"membership": membership},
            tables={"clusters": table},
            info={},
        )
        workspace.renew()
        row = workspace.browsing.cluster_row("C-001")
        assert (row["n_labelled"], row["n_unreviewed"]) == (7, 1)
        assert label_of(workspace, planted.keys[7]) is None


def test_every_way_into_the_case_calls_the_hook(path: Path) -> None:
    calls: list[int] = []
    with Workspace.open(path, on_call=lambda: calls.append(1)) as workspace:
        ways = [
            workspace.browsing.accounts,
            workspace.browsing.info,
            workspace.browsing.journal,
            workspace.browsing.timeline,
            workspace.analysing.last_settings,
            lambda: workspace.labelling.can_undo,
            lambda: workspace.browsing.prompt_text(0),
            lambda: workspace.labelling.note("x"),
        ]
        for way in ways:
            before = len(calls)
            way()
            assert len(calls) > before


def test_info_counts_what_the_case_holds(workspace: Workspace) -> None:
    told = workspace.browsing.info()
    assert (told.n_exchanges, told.n_accounts) == (600, 40)
    assert told.accounting.loaded == 600


def test_explain_words_every_part(workspace: Workspace, planted: Planted) -> None:
    told = workspace.browsing.explain(cluster_id="C-001")
    assert told.as_dict()["against"]
    assert "What speaks against it" in told.lines()
    account = workspace.browsing.explain(account="key-00027")
    assert account.as_dict()["subject"] == planted.keys[39]
    assert any("No cluster was found that it belongs to" in line for line in account.lines())


def test_what_is_no_part_of_the_test_is_told_after_what_is(
    workspace: Workspace, planted: Planted
) -> None:
    told = workspace.browsing.explain(account=planted.keys[39])
    lines = told.lines()
    context = lines.index("Automation, for context: not part of the test")
    assert lines.index("Content") < lines.index("Coordination") < context
    assert "Regular pace" in lines[context + 1]
    assert [s["tested"] for s in told.as_dict()["signals"]] == [True, False, True]
    ordinary = next(m for m in told.finding.against if m.key == "account.ordinary_signals")
    assert ordinary.params["n_assessed"] == 1


# --- of others, and of clocks ------------------------------------------------------------------
def _as(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / name))


def test_what_another_decided_is_taken_back_with_a_reason(
    path: Path, planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = planted.keys[0]
    _as("ana", tmp_path, monkeypatch)
    with Workspace.open(path, analyst="Ana") as workspace:
        workspace.labelling.label(Label.CONFIRMED, "one grid", accounts=(account,))
    _as("bo", tmp_path, monkeypatch)
    with Workspace.open(path, analyst="Bo") as workspace:
        labelling = workspace.labelling
        (line,) = labelling.history()
        which = f"{line.journal[:8]}:{line.line}"
        with pytest.raises(InputError, match="decided by Ana"):
            labelling.undo_entry(which)
        changes = labelling.undo_entry(which, "the grid is a university's")
        assert changes.accounts == {account}
        assert label_of(workspace, account) is None
        undone = labelling.history()[0]
        assert undone.what == "Undid, of Ana: labelled 1 account: confirmed"
        assert undone.why == "the grid is a university's"
        with pytest.raises(InputError, match="taken back before"):
            labelling.undo_entry(line.entry, "again")
        with pytest.raises(InputError, match="nothing to undo"):
            labelling.undo()  # of one's own decisions
        labelling.redo()
        assert label_of(workspace, account) == "confirmed"


def test_entries_that_cannot_be_taken_back(workspace: Workspace) -> None:
    workspace.labelling.note("one")
    workspace._case.journals.append(EntryKind.RUN, {}, workspace.signer())
    journal = workspace.labelling.history()[0].journal
    for which, words in [
        (f"{journal}:2", "no decision"),
        (f"{journal}:3", "have no entry"),
        ("ffff:1", "have no entry"),
        (":1", "have no entry"),
        ("x", "have no entry"),
    ]:
        with pytest.raises(InputError, match=words):
            workspace.labelling.undo_entry(which, "why")
    workspace.labelling.undo_entry(f"{journal[:4]}:1")
    assert [line.stands for line in workspace.labelling.history()][-1] is False


def test_a_clock_that_was_set_back_is_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at_us in (5_000_000_000_000, 5_000_000_000_000 - 7_200_000_000, 5_000_000_000_001):
        monkeypatch.setattr("workbench.case.journal.now_us", lambda at_us=at_us: at_us)
        workspace.labelling.note(str(at_us))
    assert [line.clock for line in workspace.labelling.history()] == [
        "",
        "set back by 2 hours",
        "",
    ]
    (late,) = workspace.auditing.verify()["clock"]
    assert late == (workspace.signer().journal, 2, 7_200_000_000)
    assert workspace.auditing.verify(every=True)["clock"] == [late]


def test_a_clock_behind_what_it_had_seen_of_another_is_told(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, at_us in (("ana", 9_000_000), ("bo", 6_500_000)):
        _as(name, tmp_path, monkeypatch)
        monkeypatch.setattr("workbench.case.journal.now_us", lambda at_us=at_us: at_us)
        with Workspace.open(path) as workspace:
            workspace.labelling.note(name)
    with Workspace.open(path, write=False) as workspace:
        assert workspace.labelling.history()[0].clock == "set back by 2.5 s"
        ((_, line, us),) = workspace.auditing.verify()["clock"]
        assert (line, us) == (1, 2_500_000)


def test_completing_a_frame_is_recorded(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"request_id":"a","prompt":"one"}\n')
    with Workspace.create(tmp_path / "a.case") as workspace:
        workspace.importing.run([log], Frame(), ReadOptions(), Job())
        workspace.importing.provenance.amend_frame({"gaps": "2 June"}, why="operations said so")
        line = workspace.labelling.history()[0]
        assert (line.kind, line.decision, line.why) == (
            EntryKind.FRAME,
            False,
            "operations said so",
        )
        (entry, *_) = reversed(workspace._case.journals.entries())
        assert entry.body["frame"] == {"gaps": "2 June"}
        assert entry.body["was"] == {"gaps": ""}
