"""Selections that are kept: in the journal, across restarts, against other results."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.planted import BEGIN_US, DAY_US, Planted
from workbench.domain.account import AccountKey, IdentityKind
from workbench.domain.errors import InputError
from workbench.domain.label import Label
from workbench.domain.selection import (
    AccountSet,
    ClusterSet,
    Combine,
    Polygon,
    Selection,
    SelectionDefinition,
    Step,
    TimeRange,
)
from workbench.services.keeping import understood, written
from workbench.services.workspace import Workspace

LASSO = Polygon(((-6.25, -6.0), (7.1, 1.3), (-7.0, 2.0), (6.0, -7.0), (0.0, 8.0)))


def lasso_then_time() -> SelectionDefinition:
    span = TimeRange(BEGIN_US, BEGIN_US + 20 * DAY_US)
    return SelectionDefinition().then(Combine.REPLACE, LASSO).then(Combine.INTERSECT, span)


def of_cluster(name: str) -> SelectionDefinition:
    return SelectionDefinition().then(Combine.REPLACE, ClusterSet((name,)))


def test_a_selection_is_kept_listed_and_recalled_after_a_restart(path: Path) -> None:
    with Workspace.open(path, analyst="Mara") as workspace:
        selection = workspace.selecting.apply(lasso_then_time())
        assert selection.accounts
        workspace.keeping.keep("  the corner\n", selection)
        workspace.keeping.keep("other", workspace.selecting.apply(of_cluster("C-002")))
    with Workspace.open(path) as workspace:
        other, corner = workspace.keeping.kept()
        assert (other.name, corner.name) == ("other", "the corner")
        assert corner.accounts == selection.accounts
        assert corner.digest == selection.digest
        assert corner.n_exchanges == selection.n_exchanges
        assert corner.analyst.name == "Mara"
        recalled = workspace.keeping.recall("the corner")
        assert not recalled.frozen
        assert recalled.definition == lasso_then_time()
        assert workspace.selecting.apply(recalled.definition) == selection
        assert workspace.labelling.history()[1].what.startswith("Saved the selection the corner")


def test_what_was_frozen_counts_where_the_shapes_find_other_accounts_now(
    workspace: Workspace, planted: Planted, tmp_path: Path
) -> None:
    kept = workspace.selecting.apply(of_cluster("C-001"))
    stale = Selection(of_cluster("C-002"), kept.accounts, kept.n_exchanges, kept.digest)
    workspace.keeping.keep("before the new run", stale)
    recalled = workspace.keeping.recall("before the new run")
    assert recalled.frozen
    assert recalled.n_missing == 0
    again = workspace.selecting.apply(recalled.definition)
    assert again.accounts == kept.accounts
    gone = AccountKey(IdentityKind.KEY, "gateway", "gone")
    accounts = (*kept.accounts, gone)
    workspace.keeping.keep(
        "with one that is gone",
        Selection(of_cluster("C-001"), accounts, 1, Selection.digest_of(accounts)),
    )
    assert workspace.keeping.recall("with one that is gone").n_missing == 1


def test_undo_takes_a_kept_selection_back_and_redo_brings_it_again(workspace: Workspace) -> None:
    workspace.keeping.keep("mine", workspace.selecting.apply(of_cluster("C-001")))
    workspace.labelling.label(Label.BENIGN, "known", cluster_id="C-002")
    assert workspace.labelling.undo_words.startswith("labelled")
    workspace.labelling.undo()
    assert workspace.labelling.undo_words.startswith("saved the selection mine")
    workspace.labelling.undo()
    assert workspace.keeping.kept() == []
    workspace.labelling.redo()
    assert [kept.name for kept in workspace.keeping.kept()] == ["mine"]


def test_one_is_forgotten_whatever_came_after_it(workspace: Workspace) -> None:
    for name in ("first", "second"):
        workspace.keeping.keep(name, workspace.selecting.apply(of_cluster("C-001")))
    entry = workspace.keeping.kept()[1].entry
    workspace.keeping.forget(entry)
    assert [kept.name for kept in workspace.keeping.kept()] == ["second"]
    with pytest.raises(InputError, match="no saved selection"):
        workspace.keeping.recall("first")


def test_of_several_with_one_name_the_newest_is_meant(workspace: Workspace) -> None:
    for cluster in ("C-001", "C-002"):
        workspace.keeping.keep("same", workspace.selecting.apply(of_cluster(cluster)))
    assert workspace.keeping.recall("same").definition == of_cluster("C-002")


def test_a_selection_of_another_analyst_is_recalled_and_not_forgotten(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace.open(path, analyst="Mara") as workspace:
        workspace.keeping.keep("hers", workspace.selecting.apply(of_cluster("C-001")))
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "another"))
    with Workspace.open(path, analyst="Noor") as workspace:
        assert workspace.keeping.recall("hers").kept.analyst.name == "Mara"
        with pytest.raises(InputError, match="saved by Mara"):
            workspace.keeping.forget("hers")


@pytest.mark.parametrize("name", ["", " \n"])
def test_a_selection_needs_a_name_and_accounts(workspace: Workspace, name: str) -> None:
    selection = workspace.selecting.apply(of_cluster("C-001"))
    with pytest.raises(InputError, match="no name"):
        workspace.keeping.keep(name, selection)
    with pytest.raises(InputError, match="no account"):
        workspace.keeping.keep("empty", workspace.selecting.apply(SelectionDefinition()))
    assert workspace.labelling.history() == []


numbers = st.floats(-1e6, 1e6)
keys = st.builds(AccountKey, st.sampled_from(IdentityKind), st.just("gw"), st.text(max_size=8)).map(
    lambda key: AccountKey(key.kind, key.namespace, key.value)
)
shapes = st.one_of(
    st.lists(st.tuples(numbers, numbers), max_size=6).map(lambda v: Polygon(tuple(v))),
    st.builds(TimeRange, st.integers(-(2**50), 2**50), st.integers(-(2**50), 2**50)),
    st.lists(keys, max_size=4).map(lambda k: AccountSet(tuple(k))),
    st.lists(st.text(max_size=6), max_size=3).map(lambda c: ClusterSet(tuple(c))),
)


@given(st.lists(st.builds(Step, st.sampled_from(Combine), shapes), max_size=5))
def test_a_definition_is_understood_as_it_was_written(steps: list[Step]) -> None:
    definition = SelectionDefinition(tuple(steps))
    assert understood(written(definition)) == definition


@pytest.mark.parametrize(
    "body",
    [
        None,
        "text",
        [{}],
        [{"combine": "replace"}],
        [{"combine": "replace", "sphere": [1, 2]}],
        [{"combine": "swap", "clusters": ["C-001"]}],
        [{"combine": "replace", "polygon": [["a", "b"]]}],
        [{"combine": "replace", "accounts": ["no key"]}],
        ["text"],
    ],
)
def test_what_another_version_wrote_is_left_and_the_accounts_stay(body: object) -> None:
    assert understood(body) is None
