"""Results, tables, timeline, selecting and browsing over a planted analysis."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, FakeEngine
from tests.services.planted import BEGIN_US, DAY_US, Planted, plant
from workbench.domain.account import AccountKey
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.finding import ACCOUNTS_SCHEMA, CLUSTERS_SCHEMA, Verdict
from workbench.domain.label import Analyst, Label, LabelState
from workbench.domain.selection import (
    AccountSet,
    ClusterSet,
    Combine,
    Polygon,
    Selection,
    SelectionDefinition,
    TimeRange,
)
from workbench.services.browsing import Browsing
from workbench.services.open_case import OpenCase
from workbench.services.results import NO_TIME, Points, Results
from workbench.services.selecting import Selecting
from workbench.services.tables import accounts_table, activity, by_cluster, clusters_table
from workbench.services.timeline import STEPS, timeline
from workbench.services.told import Told

EVERYTHING = Polygon(((-99.0, -99.0), (99.0, -99.0), (99.0, 99.0), (-99.0, 99.0)))


def brute_inside(points: Points, vertices: np.ndarray) -> np.ndarray:
    """Even-odd rule, one point at a time."""
    inside = np.zeros(points.x.size, dtype=bool)
    for i, (x, y) in enumerate(zip(points.x.tolist(), points.y.tolist(), strict=True)):
        odd = False
        for (x0, y0), (x1, y1) in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
            if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                odd = not odd
        inside[i] = odd
    return inside


@dataclass
class FakeBook:
    labels: dict[str, LabelState] = field(default_factory=dict)
    digest: str = ""


class FakeHeld(OpenCase):
    """An open case over fakes; the labels are given by the test."""

    def __init__(self, case: FakeCase, artifacts: FakeArtifacts) -> None:
        self._fake = case
        self._artifacts = artifacts
        self.fake_book = FakeBook()
        self.calls: list[str] = []

    @contextmanager
    def engine(self) -> Iterator[FakeEngine]:
        engine = self._fake.engine()
        yield engine
        engine.close()

    def results(self) -> Results:
        return Results.read(self._artifacts)

    def book(self) -> FakeBook:  # type: ignore[override]
        return self.fake_book

    def gate(self) -> None:
        """The fake keeps nothing back."""

    def need_texts(self, fact: str) -> None:
        """The fake has its texts."""


@pytest.fixture
def results(planted: Planted) -> Results:
    return Results.read(planted.artifacts)


@pytest.fixture
def selecting(results: Results) -> Selecting:
    return Selecting(lambda: results)


@pytest.fixture
def browsing(planted: Planted, selecting: Selecting) -> Browsing:
    return Browsing(FakeHeld(planted.fake_case(), planted.artifacts), selecting)


def state(label: Label, at_us: int = 1) -> LabelState:
    return LabelState(label, "why", Analyst("SHA256:x", "A"), at_us, "0" * 64)


# --- results ---------------------------------------------------------------------------------
def test_a_case_that_was_never_analysed_has_nothing() -> None:
    results = Results.read(FakeArtifacts())
    assert results.accounts is None
    assert results.points is None
    assert results.keys == ()
    assert accounts_table(results, {}).num_rows == 0
    assert clusters_table(results, {}).num_rows == 0


def test_stages_of_another_population_count_as_not_there(planted: Planted) -> None:
    artifacts = plant().artifacts
    artifacts.publish(
        "clusters", "z", arrays={"cluster": np.zeros(3, np.int32)}, tables={}, info={}
    )
    artifacts.publish("signals", "z", arrays={"value": np.zeros((3, 2))}, tables={}, info={})
    results = Results.read(artifacts)
    assert results.clusters is None
    assert results.signals is None
    assert results.points is not None


def test_the_digest_changes_with_what_is_published(planted: Planted, results: Results) -> None:
    assert Results.read(planted.artifacts).digest == results.digest
    assert Results.read(plant(seed=2).artifacts).digest != results.digest


# --- tables ----------------------------------------------------------------------------------
def test_accounts_follow_the_contract_best_first(results: Results) -> None:
    table = accounts_table(results, {})
    assert table.select(ACCOUNTS_SCHEMA.names).schema.equals(ACCOUNTS_SCHEMA)
    scores = table.column("score").to_pylist()
    assert scores == sorted(scores, reverse=True)
    assert table.num_rows == 40


def test_a_member_below_the_threshold_does_not_inherit_the_verdict(results: Results) -> None:
    rows = {row["index"]: row for row in accounts_table(results, {}).to_pylist()}
    assert rows[0]["verdict"] == Verdict.MULTI_AXIS
    assert rows[7]["cluster_id"] == "C-001"
    assert rows[7]["verdict"] == Verdict.NO_FINDING
    assert rows[39]["cluster_id"] is None
    assert rows[39]["membership"] is None


def test_labels_stand_in_both_tables(results: Results) -> None:
    labels = {results.keys[0]: state(Label.CONFIRMED), results.keys[1]: state(Label.CONFIRMED)}
    rows = {row["index"]: row for row in accounts_table(results, labels).to_pylist()}
    assert rows[0]["label"] == "confirmed"
    assert rows[2]["label"] is None
    # Members that nobody has looked at yet; the one below the threshold is no member.
    assert {i for i, row in rows.items() if row["unreviewed"]} == {2, 3, 4, 5, 6}
    clusters = clusters_table(results, labels)
    assert clusters.select(CLUSTERS_SCHEMA.names).schema.equals(CLUSTERS_SCHEMA)
    first = clusters.to_pylist()[0]
    # Eight accounts, one of them below the threshold, two labelled.
    assert (first["n_labelled"], first["n_unreviewed"], first["label"]) == (2, 5, "confirmed")
    labels[results.keys[1]] = state(Label.BENIGN)
    assert clusters_table(results, labels).to_pylist()[0]["label"] == "mixed"


def test_a_label_of_someone_who_left_is_no_error(results: Results) -> None:
    labels = {"key:other:gone": state(Label.BENIGN)}
    assert clusters_table(results, labels).to_pylist()[0]["n_labelled"] == 0


def test_axes_name_what_stands_out(results: Results) -> None:
    assert clusters_table(results, {}).column("axes")[0].as_py() == "content+automation"


def test_activity_counts_every_dated_exchange(results: Results) -> None:
    first, last, counts = activity(results, 7)
    assert results.points is not None
    dated = results.points.ts[results.points.ts != NO_TIME]
    assert counts.sum() == dated.size
    assert (first, last) == (dated.min(), dated.max())
    summed = by_cluster(results, counts)
    assert summed.shape == (3, 7)
    assert summed[0].sum() == counts[:7].sum()


# --- timeline --------------------------------------------------------------------------------
@pytest.mark.parametrize("bins", [1, 5, 60, 400])
def test_timeline_counts_everything_once(results: Results, bins: int) -> None:
    assert results.points is not None
    counted = timeline(results, np.array([0, 1, 2]), bins)
    assert counted.total.size <= bins
    assert counted.total.sum() + counted.n_undated == results.points.ts.size
    assert counted.chosen is not None
    inside = np.isin(results.points.account, [0, 1, 2])
    assert counted.chosen.sum() == (inside & (results.points.ts != NO_TIME)).sum()
    assert counted.n_chosen == inside.sum()
    assert counted.first_us % counted.bin_us == 0
    assert (counted.chosen <= counted.total).all()


def test_timeline_bins_hold_the_right_exchanges(results: Results) -> None:
    counted = timeline(results, None, 60)
    assert results.points is not None
    assert counted.step in {name for _, name in STEPS}
    ts = results.points.ts
    for i in (0, counted.total.size // 2, counted.total.size - 1):
        low = counted.first_us + i * counted.bin_us
        assert counted.total[i] == ((ts >= low) & (ts < low + counted.bin_us)).sum()


def test_timeline_of_nothing_is_empty() -> None:
    assert timeline(Results.read(FakeArtifacts()), None, 10).total.size == 0


# --- selecting -------------------------------------------------------------------------------
def test_a_polygon_selects_what_brute_force_selects(results: Results, selecting: Selecting) -> None:
    star = Polygon(((-6, -6), (7, 1), (-7, 2), (6, -7), (0, 8)))
    selection = selecting.apply(SelectionDefinition().then(Combine.REPLACE, star))
    assert results.points is not None
    inside = brute_inside(results.points, np.array(star.vertices))
    assert selection.n_exchanges == inside.sum()
    expected = {results.keys[i] for i in np.unique(results.points.account[inside])}
    assert {str(key) for key in selection.accounts} == expected
    assert list(selection.accounts) == sorted(selection.accounts)
    assert selection.digest == Selection.digest_of(selection.accounts)


def test_steps_combine_exchanges(selecting: Selecting) -> None:
    half = TimeRange(BEGIN_US, BEGIN_US + 25 * DAY_US)
    whole = SelectionDefinition().then(Combine.REPLACE, EVERYTHING)
    n_all = selecting.apply(whole).n_exchanges
    n_half = selecting.apply(SelectionDefinition().then(Combine.ADD, half)).n_exchanges
    assert 0 < n_half < n_all
    assert selecting.apply(whole.then(Combine.SUBTRACT, half)).n_exchanges == n_all - n_half
    assert selecting.apply(whole.then(Combine.INTERSECT, half)).n_exchanges == n_half
    nothing = whole.then(Combine.SUBTRACT, EVERYTHING)
    assert selecting.apply(nothing).accounts == ()


def test_undated_exchanges_are_in_no_time_range(results: Results, selecting: Selecting) -> None:
    ever = TimeRange(NO_TIME + 1, np.iinfo(np.int64).max)
    assert results.points is not None
    selection = selecting.apply(SelectionDefinition().then(Combine.REPLACE, ever))
    assert selection.n_exchanges == (results.points.ts != NO_TIME).sum()
    assert selection.n_exchanges < results.points.ts.size


def test_a_cluster_selects_its_bound_members_only(selecting: Selecting) -> None:
    selection = selecting.apply(
        SelectionDefinition().then(Combine.REPLACE, ClusterSet(("C-002", "C-404")))
    )
    assert len(selection.accounts) == 7


def test_accounts_named_one_by_one(results: Results, selecting: Selecting) -> None:
    keys = (AccountKey.parse(results.keys[3]), AccountKey.parse("key:gateway:gone"))
    selection = selecting.apply(SelectionDefinition().then(Combine.REPLACE, AccountSet(keys)))
    assert selection.accounts == keys[:1]
    assert results.points is not None
    assert selection.n_exchanges == (results.points.account == 3).sum()


def test_nothing_can_be_selected_before_the_analysis() -> None:
    selecting = Selecting(lambda: Results.read(FakeArtifacts()))
    with pytest.raises(NotAssessedError):
        selecting.apply(SelectionDefinition().then(Combine.REPLACE, EVERYTHING))


def test_selecting_from_many_threads_gives_the_same(selecting: Selecting) -> None:
    definitions = [
        SelectionDefinition().then(Combine.REPLACE, ClusterSet((f"C-00{n % 3 + 1}",)))
        for n in range(12)
    ]
    alone = [selecting.apply(definition).digest for definition in definitions]
    found: dict[int, str] = {}

    def work(n: int) -> None:
        found[n] = selecting.apply(definitions[n]).digest

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[n] for n in range(12)] == alone


# --- browsing --------------------------------------------------------------------------------
def test_prompts_page_through_everything_once(browsing: Browsing) -> None:
    whole = SelectionDefinition()
    first = browsing.prompts(whole, 0, 64)
    assert first.n_exchanges == 600
    seen: list[int] = []
    asked = 0
    for offset in range(0, first.n_prompts, 64):
        page = browsing.prompts(whole, offset, 64)
        counts = page.table.column("n_exchanges").to_pylist()
        assert counts == sorted(counts, reverse=True)
        asked += sum(counts)
        seen += page.table.column("prompt_id").to_pylist()
    assert len(seen) == len(set(seen)) == first.n_prompts
    assert asked == 600
    assert browsing.prompts(whole, 10_000, 64).table.num_rows == 0


@pytest.mark.parametrize(
    "text", ["question 7", "QUESTION 7", "python", "ÉTÉ", "%", "_", "\x00", "nowhere"]
)
def test_prompts_with_a_text_are_those_that_hold_it(text: str) -> None:
    planted = plant(prompts=("l'été 100 %", "a_b", "nul \x00 inside"))
    artifacts = planted.artifacts
    selecting = Selecting(lambda: Results.read(artifacts))
    browsing = Browsing(FakeHeld(planted.fake_case(), artifacts), selecting)
    for definition in (
        SelectionDefinition(),
        SelectionDefinition().then(Combine.REPLACE, ClusterSet(("C-001",))),
    ):
        every = browsing.prompts(definition, 0, 1000).table.to_pylist()
        slow = [row for row in every if text.lower() in row["text"].lower()]
        page = browsing.prompts(definition, 0, 1000, text=text)
        assert page.table.to_pylist() == slow
        assert page.n_prompts == len(slow)
        assert page.n_exchanges == sum(row["n_exchanges"] for row in slow)
        second = browsing.prompts(definition, 1, 1, text=text)
        assert second.table.to_pylist() == slow[1:2]
    found = browsing.prompts(SelectionDefinition(), text=text).n_prompts
    assert (found == 0) is (text == "nowhere")


def test_prompts_of_a_selection_are_those_inside_it(
    planted: Planted, results: Results, browsing: Browsing
) -> None:
    definition = SelectionDefinition().then(Combine.REPLACE, ClusterSet(("C-001",)))
    page = browsing.prompts(definition)
    assert results.points is not None
    assert results.clusters is not None
    inside = results.points.prompt[results.clusters.bound[results.points.account] == 0]
    assert page.n_exchanges == inside.size
    assert page.n_prompts == np.unique(inside).size
    first = page.table.to_pylist()[0]
    assert browsing.prompt_text(first["prompt_id"]) == first["text"]


def test_a_prompt_that_is_not_there_is_said(browsing: Browsing) -> None:
    with pytest.raises(InputError):
        browsing.prompt_text(10_000_000)


def test_findings_of_clusters_and_accounts(browsing: Browsing, results: Results) -> None:
    assert browsing.finding(cluster_id="C-001").verdict is Verdict.MULTI_AXIS
    member = browsing.finding(account=results.keys[0])
    assert member.verdict is Verdict.MULTI_AXIS
    assert member.q == browsing.finding(cluster_id="C-001").q
    below = browsing.finding(account=results.keys[7])
    assert below.verdict is Verdict.NO_FINDING
    # It stands near the cluster, whose q is not its own: it has no claim that q could be of.
    assert "account.near" in {message.key for message in below.against}
    assert below.q is None
    told = Told(below, {})
    assert told.as_dict()["q"] is None
    assert not any("q =" in line for line in told.lines())
    for finding in (member, below, browsing.finding(account=results.keys[39])):
        assert finding.against
        assert any(measured.value is None for measured in finding.signals)
    for wrong in ({"cluster_id": "C-404"}, {"account": "key::nobody"}):
        with pytest.raises(InputError):
            browsing.finding(**wrong)


def test_tables_are_made_again_only_when_something_changed(
    planted: Planted, selecting: Selecting
) -> None:
    held = FakeHeld(planted.fake_case(), planted.artifacts)
    browsing = Browsing(held, selecting)
    before = browsing.accounts()
    assert browsing.accounts() is before
    held.fake_book = FakeBook({planted.keys[0]: state(Label.SUSPECTED)}, "1")
    assert browsing.accounts() is not before
    assert browsing.verdict_counts() == {"multi-axis": 1, "triage": 1, "no-finding": 1}
