"""Detection from end to end: what is planted passes, what is not does not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analysis.clusters.planted import detected, plant, run
from tests.analysis.fakes import RecordingJob
from workbench.analysis.clusters.calibrate import both_discovered
from workbench.analysis.clusters.detect import detect
from workbench.domain.errors import CancelledError
from workbench.domain.signal import Axis

LEVEL = 0.05
NO_TIES = ("payment", "network")
NO_COORDINATION = (*NO_TIES, "created")
FORMING = {
    (): (Axis.AUTOMATION, Axis.COORDINATION),
    NO_TIES: (Axis.AUTOMATION, Axis.COORDINATION),
    NO_COORDINATION: (Axis.AUTOMATION,),
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("drop", FORMING)
def test_planted_strangers_are_found_and_pass(seed: int, drop: tuple[str, ...]) -> None:
    made, found = detected(seed, drop)
    best = int(np.argmin(found.q))
    members = found.members[best]
    assert found.q[best] <= LEVEL
    assert made.harvester[members].mean() >= 0.95
    assert np.isin(made.campaign, members).mean() >= 0.9
    assert made.bundles.forms_by == found.forms_by == FORMING[drop]
    assert found.p[Axis.CONTENT][best] <= LEVEL
    assert all(found.p[axis][best] <= LEVEL for axis in found.forms_by)
    assert np.isnan(found.p[Axis.COORDINATION]).all() == (drop == NO_COORDINATION)


def test_a_campaign_is_found_where_hardly_anything_clusters_by_chance() -> None:
    """Fewer than 19 looks came of 400 worlds: that a candidate exists at all is what is rare."""
    made, found = detected(17)
    assert np.isin(made.campaign, found.members[0]).all()
    assert found.q.min() <= LEVEL


@pytest.mark.parametrize("seed", range(2))
def test_who_asks_far_more_than_anybody_else_is_found_as_well(seed: int) -> None:
    """Dealt out among those of their volume alone, they would be dealt to each other."""
    made = plant(seed=seed, loud=8)
    found = run(made, seed)
    best = int(np.argmin(found.q))
    assert found.q[best] <= LEVEL
    assert np.isin(made.campaign, found.members[best]).mean() >= 0.9


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("drop", FORMING)
def test_where_nothing_is_planted_nothing_passes(seed: int, drop: tuple[str, ...]) -> None:
    _, found = detected(seed, drop, 600, 0)
    assert (found.q > LEVEL).all()


@pytest.mark.parametrize("seed", range(2))
def test_sign_ups_alone_do_not_make_an_operator(seed: int) -> None:
    """A firm's keys are made in one week and follow one list, too."""
    found = run(plant(seed=seed, paced=False, drop=NO_TIES), seed)
    assert (found.q > LEVEL).all()


def test_what_forms_by_chance_is_tested_and_does_not_pass() -> None:
    """The first of the worlds above: a candidate does form, so that there is one to refuse."""
    _, found = detected(0, NO_COORDINATION, 600, 0)
    assert len(found.members) >= 1
    assert (found.q > LEVEL).all()


def test_one_list_without_anything_shared_does_not_pass() -> None:
    """Content alone is no finding: those who ask off the list have nothing else in common."""
    found = run(plant(seed=1, shared=False, paced=False), 1)
    assert (found.q > LEVEL).all()


def test_no_candidates_give_an_empty_result() -> None:
    made = plant(people=120, harvesters=0, interests=0, seed=3)
    found = run(made, 3)
    assert found.formed == found.members == ()
    assert found.q.shape == found.combined.shape == (0,)
    assert found.z.shape == found.effects.size.shape == (len(found.statistics), 0)
    assert {axis: p.shape for axis, p in found.p.items()} == dict.fromkeys(Axis, (0,))
    assert found.surprise.shape == found.own_p.shape == (made.n,)


def test_the_parts_of_a_result_fit_together() -> None:
    made, found = detected(0)
    k = len(found.members)
    assert len(found.formed) == len(found.q) == len(found.combined) == k
    assert found.z.shape == (len(found.statistics), k)
    for p in (*found.p.values(), found.q, found.combined, found.own_p):
        known = p[~np.isnan(p)]
        assert ((known > 0) & (known <= 1)).all()
    for group in (*found.formed, *found.members):
        assert (np.diff(group) > 0).all()
    # Whose neighbourhood surprises most has the least p of its own.
    assert found.own_p[found.surprise.argmax()] == found.own_p.min()
    assert np.median(found.own_p[made.harvester]) < np.median(found.own_p[~made.harvester])


def test_what_came_to_nothing_is_corrected_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look is a hypothesis; three that came to nothing showed nothing on either axis."""
    from workbench.analysis.clusters.membership import Membership

    made, usual = detected(0)
    assert len(usual.members) == 1
    assert usual.q == pytest.approx(usual.combined)
    looks = Membership.clusters
    own = np.arange(made.n)

    def more(self: Membership, component, edges, carrier=None, allowed=None):  # type: ignore[no-untyped-def]
        found = looks(self, component, edges, carrier, allowed)
        real = carrier is None or (carrier == own).all()
        return [*found, *[(component, component[:0])] * 3] if real else found

    monkeypatch.setattr(Membership, "clusters", more)
    found = run(made, 0)
    assert len(found.members) == 1
    content = np.append(found.p[Axis.CONTENT], np.ones(3))
    others = np.append(found.others, np.ones(3))
    assert found.q == pytest.approx(both_discovered(content, others)[:1])


def test_the_same_seed_gives_the_same_bytes() -> None:
    made, first = detected(1)
    second = run(made, 1)
    assert [m.tobytes() for m in first.members] == [m.tobytes() for m in second.members]
    for one, other in (
        (first.q, second.q), (first.z, second.z), (first.surprise, second.surprise),
        *((first.p[axis], second.p[axis]) for axis in Axis),
    ):  # fmt: skip
        assert one.tobytes() == other.tobytes()


def test_the_number_of_threads_changes_nothing() -> None:
    """Worlds dealt ahead of their use, more of them on more threads, move nothing after them."""
    made, first = detected(1)
    random = np.random.default_rng(1)
    alone = detect(made.content, made.bundles, random, 1, RecordingJob(), threads=1)
    again = np.random.default_rng(1)
    beside = detect(made.content, made.bundles, again, 1, RecordingJob(), threads=3)
    assert [m.tobytes() for m in alone.members] == [m.tobytes() for m in beside.members]
    assert alone.z.tobytes() == beside.z.tobytes()
    assert alone.q.tobytes() == beside.q.tobytes()
    assert random.bit_generator.state == again.bit_generator.state
    assert len(first.members) > 0


def test_detection_can_be_cancelled() -> None:
    made, _ = detected(1)
    random = np.random.default_rng(1)
    for step in ("Forming clusters", "Gathering like-minded groups"):
        with pytest.raises(CancelledError):
            detect(made.content, made.bundles, random, 1, RecordingJob(cancel_at=step))
