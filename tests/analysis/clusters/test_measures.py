"""What is measured of a group: chance gives nothing, what is planted shows, whatever the size."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import gammaln

from tests.analysis.fakes import RecordingJob
from tests.analysis.hand_made import DAY, HOUR, MONDAY, dense_of, population
from workbench.analysis.clusters.assemble import assemble
from workbench.analysis.clusters.entities import resolve_entities
from workbench.analysis.clusters.measures import MEMBER_CAP, ONE_SOURCE, Ruler, core_of, one_source
from workbench.analysis.signals.ties import Ties
from workbench.domain.signal import Axis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.analysis.clusters.calibrate import Effects
    from workbench.analysis.clusters.evidence import Bundles, Content

PEOPLE, HARVEST = 120, 12
N = PEOPLE + HARVEST
CAMPAIGN = np.arange(PEOPLE, N)
PROMPTS, CELLS = 2_000, 40


def world(
    *, couples: int = 40, seed: int = 0, share: float = 1.0, drop: tuple[str, ...] = ()
) -> tuple[Content, Bundles]:
    """People with tastes of their own, and twelve accounts that share a source and three cards.

    Args:
        couples: Pairs of people who pay with one card.
        seed: Of everything drawn.
        share: Of what the twelve ask, the part that comes from their source.
        drop: What the log does not hold.
    """
    random = np.random.default_rng(seed)
    cell = random.integers(0, CELLS, PROMPTS)
    template = np.where(random.random(PROMPTS) < 0.2, random.integers(0, 30, PROMPTS), -1)
    taste = random.dirichlet(np.full(CELLS, 0.3), N)
    source = random.dirichlet(np.full(CELLS, 0.3))
    of_cell = [np.flatnonzero(cell == c) for c in range(CELLS)]

    def asked(profile: np.ndarray) -> list[tuple[int | None, int | None]]:
        cells = random.choice(CELLS, 60, p=profile)
        times = MONDAY + np.sort(random.integers(0, 40 * DAY, 60))
        return [
            (int(at), int(random.choice(of_cell[c]))) for at, c in zip(times, cells, strict=True)
        ]

    cards: list[tuple[int, object]] = [
        (a, f"card {a // 2 if a < 2 * couples else a}") for a in range(PEOPLE)
    ]
    cards += [(int(a), f"their card {a % 3}") for a in CAMPAIGN]
    networks: list[tuple[int, object]] = [(a, int(random.integers(0, 60))) for a in range(N)]
    shown = {"payment": cards, "network": networks}
    created = [int(MONDAY - at) for at in random.integers(0, 300 * DAY, PEOPLE)]
    created += [int(MONDAY - 30 * DAY + at) for at in random.integers(0, 20 * HOUR, HARVEST)]
    made = population(
        [
            *(asked(profile) for profile in taste[:PEOPLE]),
            *(asked(share * source + (1.0 - share) * own) for own in taste[PEOPLE:]),
        ],
        cell=cell.tolist(),
        template=template.tolist(),
        shown={kind: pairs for kind, pairs in shown.items() if kind not in drop},
        created=[None] * N if "created" in drop else created,
    )
    entities = resolve_entities({}, N, np.zeros(N, dtype=np.bool_))
    score = random.random((2, N)) * 80.0
    score[1, PEOPLE:] = 99.0
    signals: Mapping[str, tuple[Axis, np.ndarray]] = {
        "hour_entropy": (Axis.AUTOMATION, score[0]),
        "burstiness": (Axis.AUTOMATION, score[1]),
    }
    return assemble(made, entities, {} if "ts" in drop else signals, RecordingJob())


@pytest.fixture(scope="module")
def case() -> tuple[Content, Bundles]:
    return world()


def named(ruler: Ruler, effects: Effects) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {
        statistic.name: (size, variance)
        for statistic, size, variance in zip(
            ruler.statistics, effects.size, effects.variance, strict=True
        )
    }


def measured(
    case: tuple[Content, Bundles], *groups: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    ruler = Ruler(*case)
    same = np.arange(case[1].n_entities)
    return named(ruler, ruler.measure(groups, same))


def random_groups(n: int, size: int, seed: int = 1) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [np.sort(random.choice(PEOPLE, size, replace=False)) for _ in range(n)]


def test_what_was_planted_stands_above_every_random_group(case: tuple[Content, Bundles]) -> None:
    found = measured(case, CAMPAIGN, *random_groups(60, HARVEST))
    for name in ("one_source", "burstiness", "shared_payment", "signed_up_together"):
        size, variance = found[name]
        assert size[0] > np.nanmax(size[1:]), name
        assert variance[0] > 0
    for name in ("hour_entropy", "shared_network"):
        size, _ = found[name]
        assert size[0] < np.nanmax(size[1:]), name


def test_a_source_that_is_followed_in_part_only_is_told() -> None:
    """Members who ask for others half of the time: not one source, but one source in part."""
    found = measured(world(share=0.5), CAMPAIGN, *random_groups(60, HARVEST))
    size, variance = found["source_in_part"]
    assert size[0] > np.nanmax(size[1:])
    assert variance[0] > 0
    assert np.median(size[1:]) < 1.0, "strangers have no source in common"
    whole = measured(world(), CAMPAIGN)["source_in_part"][0][0]
    assert 0.0 < size[0] < whole, "half of it shows less than all of it"


def test_chance_gives_nothing_on_average_and_errors_are_what_they_say(
    case: tuple[Content, Bundles],
) -> None:
    """Random people: effects near 0, and no wider than about their stated errors."""
    found = measured(case, *random_groups(300, 15))
    for name in ("shared_network", "signed_up_together"):
        size, variance = found[name]
        # The half that keeps a logarithm finite leaves small counts a little below 0.
        assert -0.5 < np.mean(size) < 0.25, name
        assert 0.3 < np.var(size) / np.mean(variance) < 1.6, name
    size, variance = found["hour_entropy"]
    assert 0.4 < np.var(size) / np.mean(variance) < 1.6
    assert np.mean(found["one_source"][0]) < 0.0


def test_an_effect_is_a_members_not_a_groups(case: tuple[Content, Bundles]) -> None:
    """Half of a campaign has the same effect as all of it, only less exactly."""
    found = measured(case, CAMPAIGN, CAMPAIGN[:6])
    for name in ("burstiness", "one_source"):
        size, variance = found[name]
        assert size[1] == pytest.approx(size[0], abs=4.0 * math.sqrt(variance.sum()))
        assert variance[1] > 1.5 * variance[0]


def test_in_another_world_content_stays_and_bundles_go(case: tuple[Content, Bundles]) -> None:
    ruler = Ruler(*case)
    carrier = np.arange(N)
    carrier[CAMPAIGN], carrier[:HARVEST] = np.arange(HARVEST), CAMPAIGN
    here = named(ruler, ruler.measure([CAMPAIGN], np.arange(N)))
    there = named(ruler, ruler.measure([CAMPAIGN, np.arange(HARVEST)], carrier))
    assert here["one_source"][0][0] == there["one_source"][0][0]
    for name in ("shared_payment", "signed_up_together", "burstiness"):
        size = there[name][0]
        assert size[1] == here[name][0][0] > size[0], name


def test_only_what_is_asked_for_is_measured(case: tuple[Content, Bundles]) -> None:
    ruler, same = Ruler(*case), np.arange(N)
    everything = ruler.measure([CAMPAIGN], same)
    content = np.array([one.axis is Axis.CONTENT for one in ruler.statistics])
    for axes, rows in (({Axis.CONTENT}, content), (set(Axis) - {Axis.CONTENT}, ~content)):
        found = ruler.measure([CAMPAIGN], same, axes)
        np.testing.assert_array_equal(found.size[rows], everything.size[rows])
        assert np.isnan(found.size[~rows]).all()
        assert np.isnan(found.variance[~rows]).all()


def log_dm(row: np.ndarray, alpha: np.ndarray) -> float:
    whole = gammaln(alpha.sum()) - gammaln(alpha.sum() + row.sum())
    return float(whole + (gammaln(alpha + row) - gammaln(alpha)).sum())


def test_one_source_written_out(case: tuple[Content, Bundles]) -> None:
    """log DM(half B | 8 a0 x the others' half A) - log DM(half B | a0 x the same), capped."""
    content, _ = case
    members = np.array([3, 40, *CAMPAIGN[:4]])
    first, second = dense_of(content.first), dense_of(content.second)
    strengths = content.prior.strengths
    vocabularies = list(zip(content.first.starts[:-1], content.first.starts[1:], strict=True))
    expected = []
    for member in members:
        others = first[members].sum(axis=0) - first[member] + 40.0 * content.prior.share
        ratio = 0.0
        for (a, b), strength in zip(vocabularies, strengths, strict=True):
            profile, row = others[a:b] / others[a:b].sum(), second[member, a:b]
            ratio += log_dm(row, ONE_SOURCE * strength * profile) - log_dm(row, strength * profile)
        expected.append(np.clip(ratio, -MEMBER_CAP, MEMBER_CAP))
    np.testing.assert_allclose(one_source(content, members), expected, rtol=1e-8, atol=1e-6)


def test_the_core_is_those_who_follow_each_other(case: tuple[Content, Bundles]) -> None:
    """Bystanders are left out of what half B is asked, and half B has no say in it."""
    content, _ = case
    mixed = np.concatenate([np.arange(6), CAMPAIGN])
    core = core_of(content, mixed)
    assert np.isin(CAMPAIGN, core).mean() >= 2 / 3
    assert np.isin(np.arange(6), core).mean() <= 1 / 3
    assert set(core.tolist()) <= set(mixed.tolist())
    other_half = replace(content, second=content.first)
    np.testing.assert_array_equal(core_of(other_half, mixed), core)
    np.testing.assert_array_equal(core_of(content, mixed[:2]), mixed[:2])


def test_accounts_of_one_customer_share_nothing_with_each_other() -> None:
    """The same group, openly one customer: its common card is no repeat."""
    content, bundles = world()
    customer = bundles.customer.copy()
    customer[CAMPAIGN] = customer[CAMPAIGN[0]]
    dense = np.unique(customer, return_inverse=True)[1].astype(np.int32)
    declared = replace(bundles, customer=dense, ties=Ties(bundles.ties.held, dense))
    hidden = measured((content, bundles), CAMPAIGN)["shared_payment"][0][0]
    assert hidden > 1.0
    assert math.isnan(measured((content, declared), CAMPAIGN)["shared_payment"][0][0])


def test_cards_that_only_a_campaign_shares_say_most() -> None:
    """Where nobody else shares a card, sharing one is not ordinary."""
    usual = measured(world(couples=40), CAMPAIGN)["shared_payment"][0][0]
    unheard_of = measured(world(couples=0), CAMPAIGN)["shared_payment"][0][0]
    assert unheard_of >= usual > 1.0


def test_the_more_usual_a_shared_value_the_less_it_says() -> None:
    """Log ratio of repeats seen to repeats that Poisson occupancy expects of as many strangers."""
    content, bundles = world()
    network = bundles.ties.held["network"]
    members = np.arange(30)
    shown = [int(v) for v, a in zip(network.value, network.holder, strict=True) if a in members]
    usual = np.flatnonzero(network.sizes <= 60)
    shared = usual[network.sizes[usual] >= 2]
    kept = [value for value in shown if value in usual]
    seen = len(kept) - len(set(kept))
    rate = network.sizes[shared] * len(kept) / network.sizes[usual].sum()
    expected = float((rate - 1.0 + np.exp(-rate)).sum())
    found = measured((content, bundles), members)["shared_network"]
    assert found[0][0] == pytest.approx(math.log((seen + 0.5) / (expected + 0.5)))


def test_what_the_log_does_not_hold_is_no_statistic() -> None:
    content, bundles = world(drop=("payment", "network", "created", "ts"))
    names = {statistic.name: statistic.axis for statistic in Ruler(content, bundles).statistics}
    assert set(names.values()) == {Axis.CONTENT}
    assert "one_source" in names


def test_too_few_members_are_not_assessed(case: tuple[Content, Bundles]) -> None:
    found = measured(case, CAMPAIGN[:1], CAMPAIGN[:2])
    for name in ("burstiness", "shared_payment", "signed_up_together", "source_in_part"):
        size, variance = found[name]
        assert math.isnan(size[0]), name
        assert math.isnan(variance[0]), name
        assert not math.isnan(size[1]), name
        assert variance[1] > 0, name


def test_the_same_world_measures_the_same_bytes(case: tuple[Content, Bundles]) -> None:
    once, again = (measured(made, CAMPAIGN, *random_groups(5, 9)) for made in (case, world()))
    for name, (size, variance) in once.items():
        assert size.tobytes() == again[name][0].tobytes(), name
        assert variance.tobytes() == again[name][1].tobytes(), name
