"""A campaign by itself, and grafted onto a log: what the log does not show is not planted."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from workbench.domain.account import IdentityKind
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.domain.progress import Job
from workbench.simulate.clock import BEGIN_US, DAY_US
from workbench.simulate.graft import IDENTITY, Ordinary, donors_needed, graft
from workbench.simulate.library import GrammarLibrary
from workbench.simulate.plant import Planted, plant
from workbench.simulate.scenario import SCENARIOS
from workbench.simulate.traffic import simulate

HYDRA = SCENARIOS["hydra"].operators[0]
DAYS = 20


def campaign(share: float = 0.5, *, accounts: int = 30, days: int = DAYS, seed: int = 3) -> Planted:
    return plant(
        replace(HYDRA, dilution=1 - share),
        accounts=accounts,
        exchanges=20 * accounts,
        days=days,
        seed=seed,
        library=GrammarLibrary(),
        job=Job(),
    )


@pytest.fixture(scope="module")
def log() -> pa.Table:
    """Some benign exchanges, by account and time."""
    scenario = replace(SCENARIOS["benign"], days=DAYS)
    rows = simulate(scenario, exchanges=2_000, accounts=200, seed=41).exchanges
    return rows.sort_by([("account_id", "ascending"), ("ts", "ascending")]).combine_chunks()


def ordinary(log: pa.Table, kind: IdentityKind = IdentityKind.KEY) -> Ordinary:
    codes = np.asarray(log["account_id"].combine_chunks().dictionary_encode().indices)
    offsets = np.searchsorted(codes, np.arange(codes[-1] + 2))
    taken = frozenset(filter(None, log[IDENTITY[kind]].to_pylist()))
    return Ordinary(log, offsets, kind, taken, BEGIN_US)


@pytest.mark.parametrize("share", [1.0, 0.6, 0.2])
def test_so_much_of_a_campaign_harvests_as_was_asked_for(share: float) -> None:
    made = campaign(share, accounts=60)
    assert made.planned.mean() == pytest.approx(share, abs=0.08)
    assert len(made.account) == 1_200
    assert np.all(np.bincount(made.account, minlength=60) >= 1)


@pytest.mark.parametrize("days", [1, 2, 5, 13, 14, 60])
def test_a_campaign_stays_within_a_span_of_any_length(days: int) -> None:
    made = campaign(days=days)
    assert made.days.min() >= 0
    assert made.days.max() < days
    first = np.full(made.n_accounts, np.inf)
    np.minimum.at(first, made.account, made.days)
    assert np.all(made.created < first)


def test_no_day_is_too_short() -> None:
    with pytest.raises(ValueError, match="a day"):
        campaign(days=0)


def test_the_same_seed_gives_the_same_campaign(log: pa.Table) -> None:
    one, two, other = (graft(campaign(seed=s), ordinary(log), seed=s) for s in (3, 3, 4))
    assert one[0].equals(two[0])
    assert one[1] == two[1]
    assert not set(one[1]) & set(other[1])


def test_means_are_pooled_by_some_of_a_batch_and_no_mean_by_all() -> None:
    made = campaign(accounts=60)
    for pooled in (made.card, made.mail):
        used, counts = np.unique(pooled[pooled >= 0], return_counts=True)
        assert len(used) > 1
        assert counts.min() >= 2
        assert counts.max() <= 6
    assert 0 < (made.place >= 0).mean() < 0.8
    assert 0 < (made.build >= 0).mean() < 0.5


def test_planted_exchanges_are_new_ones_of_new_accounts(log: pa.Table) -> None:
    made = campaign()
    rows, names = graft(made, ordinary(log), seed=3)
    assert rows.schema == CANONICAL_SCHEMA
    assert len(set(names)) == made.n_accounts
    for column in ("request_id", "account_id", "session_id", "org_id"):
        planted, known = (set(t[column].drop_null().to_pylist()) for t in (rows, log))
        assert planted, column
        assert not planted & known, column
    assert pc.count_distinct(rows["request_id"]).as_py() == rows.num_rows
    times = rows["ts"].cast(pa.int64()).to_numpy()
    assert np.all(np.diff(times) >= 0)
    assert times[0] >= BEGIN_US
    assert times[-1] < BEGIN_US + DAYS * DAY_US


def test_what_does_not_harvest_are_requests_of_the_log(log: pa.Table) -> None:
    made = campaign(0.4)
    rows, _ = graft(made, ordinary(log), seed=3)
    order = np.argsort(made.days, kind="stable")
    planned = made.planned[order]
    asked = set(log["prompt"].to_pylist())
    prompts = np.array(rows["prompt"].to_pylist(), dtype=object)
    assert all(prompt in asked for prompt in prompts[~planned])
    assert (
        prompts[planned].tolist() == made.prompt.take(order).filter(pa.array(planned)).to_pylist()
    )
    # No one customer stands behind much of it.
    assert donors_needed(made) > made.n_accounts


def test_hostile_text_is_passed_on_as_it_is(log: pa.Table) -> None:
    hostile = "\x00\u202e<b>\x1b[31m'; DROP TABLE exchanges; --"
    place = log.schema.get_field_index("prompt")
    whole = pa.array([hostile] * log.num_rows)
    rows, _ = graft(campaign(0.3), ordinary(log.set_column(place, "prompt", whole)), seed=3)
    assert hostile in rows["prompt"].to_pylist()


@pytest.mark.parametrize("name", [f.name for f in CANONICAL_SCHEMA if f.name != "account_id"])
def test_a_column_that_the_log_lacks_is_not_planted(log: pa.Table, name: str) -> None:
    place = log.schema.get_field_index(name)
    empty = log.set_column(
        place,
        CANONICAL_SCHEMA.field(name),
        pa.nulls(log.num_rows, CANONICAL_SCHEMA.field(name).type),
    )
    rows, _ = graft(campaign(), ordinary(empty), seed=3)
    assert rows[name].null_count == rows.num_rows


def test_every_column_that_the_log_has_is_planted(log: pa.Table) -> None:
    rows, _ = graft(campaign(), ordinary(log), seed=3)
    for name in CANONICAL_SCHEMA.names:
        whole = log[name].null_count == log.num_rows
        assert (rows[name].null_count == rows.num_rows) == whole, name


@pytest.mark.parametrize("kind", list(IdentityKind))
def test_accounts_are_named_where_the_log_names_them(log: pa.Table, kind: IdentityKind) -> None:
    column = IDENTITY[kind]
    place = log.schema.get_field_index(column)
    named = pa.array([f"240.9.{i % 200}.7" for i in range(log.num_rows)])
    lender = ordinary(log.set_column(place, column, named), kind)
    made = campaign()
    rows, names = graft(made, lender, seed=3)
    assert set(rows[column].to_pylist()) == set(names)
    assert not set(names) & lender.taken


def test_accounts_live_beside_others_not_in_their_homes(log: pa.Table) -> None:
    made = campaign(accounts=60)
    rows, _ = graft(made, ordinary(log), seed=3)
    theirs = set(log["ip"].to_pylist())
    at_home = rows.filter(pa.array((made.place < 0)[np.argsort(made.days, kind="stable")]))
    assert at_home.num_rows
    networks = {str(ipaddress.ip_network(f"{ip}/24", strict=False)) for ip in theirs}
    for ip in at_home["ip"].to_pylist():
        assert str(ipaddress.ip_network(f"{ip}/24", strict=False)) in networks
    # What several strangers share (a carrier, a VPN) is shared, and hardly anything else.
    known = log.filter(pc.is_null(log["org_id"])).select(["ip", "account_id"])
    holders = known.group_by("ip").aggregate([("account_id", "count_distinct")]).to_pylist()
    shared = {row["ip"] for row in holders if row["account_id_count_distinct"] > 1}
    used = set(at_home["ip"].to_pylist())
    assert used & shared
    assert len(used & theirs - shared) < 0.1 * len(used)


def test_cards_that_strangers_share_are_shared_with_others_than_whom_one_follows(
    log: pa.Table,
) -> None:
    lender = ordinary(log)
    owner = np.repeat(np.arange(len(lender)), np.diff(lender.offsets))
    # The first twenty pay two and two by one card, all others by one each; nobody names a firm.
    cards = pa.array([f"card-{o // 2 if o < 20 else o}" for o in owner.tolist()])
    bare = log.set_column(log.schema.get_field_index("payment_hash"), "payment_hash", cards)
    place = log.schema.get_field_index("org_id")
    bare = bare.set_column(place, "org_id", pa.nulls(log.num_rows, pa.string()))
    made = campaign(accounts=40)
    rows, names = graft(made, ordinary(bare), seed=3)
    held = dict(zip(rows["account_id"].to_pylist(), rows["payment_hash"].to_pylist(), strict=True))
    shared = {f"card-{n}" for n in range(10)}
    joined = [i for i, name in enumerate(names) if held[name] in shared]
    # Those that follow one of the twenty and pool no card, and nobody else.
    assert joined == [i for i in range(40) if i < 20 and made.card[i] < 0]
    assert all(held[names[i]] != f"card-{i // 2}" for i in joined)
    others = {held[name] for i, name in enumerate(names) if i not in joined}
    assert all(card.startswith("planted-") for card in others)
