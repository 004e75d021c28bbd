"""Operators: accounts that harvest on one plan, presenting themselves as strangers.

An operator sweeps many topics of a few capabilities evenly, through wordings that others use
too, and shards the work over its accounts. It provisions them in batches: signed up in one burst
or bought old, running one script, and pooling a card, a mail domain, proxy exits or a client
build among a few. Accounts are lost and replaced, and later waves fill the gaps of earlier ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.simulate.benign import ARCHETYPES, habits, lags, pace, shared_voice
from workbench.simulate.cast import ADDRESSES, THEMES, Cast
from workbench.simulate.chance import pick
from workbench.simulate.library import BENIGN, CAMPAIGN, CAPABILITIES, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from workbench.simulate.ground import Ground
    from workbench.simulate.scenario import Operator

#: Accounts provisioned together, at most.
_BATCH: Final = 13
#: Parts of the plan when work is split by topic.
_SHARDS: Final = 8
#: Prompt sets that one operator harvests with, where prompts come from sets.
_FAMILIES: Final = 3
#: Share of the plan's themes that a wave misses, and how much of them it asks all the same.
_MISSED, _THIN = 0.5, 0.06
#: Share of an account's harvesting in the operator's other languages.
_ABROAD: Final = 0.12


def cast_operator(ground: Ground, number: int, operator: Operator, accounts: int) -> Cast:
    """The accounts of one operator.

    Args:
        ground: What accounts stand on.
        number: Which operator this is.
        operator: What it does.
        accounts: The whole population's size.
    """
    rng = ground.rng(f"operator {number}")
    count = max(operator.least, round(operator.share * accounts))
    batches = -(-count // _BATCH)
    batch = np.arange(count) * batches // count
    wave = (np.arange(batches) * operator.waves // batches)[batch]
    region = ground.regions(rng, count)
    scripted = rng.random(count) < (0.3 if operator.human_sessions else 0.8)
    columns: dict[str, Any] = {
        **pace(rng, count, scripted),
        **habits(rng, count, scripted),
        **_presence(ground, rng, operator, batch, wave),
        **_plan(ground, rng, operator, batch, wave),
    }
    columns["adoption"] = np.where(rng.random(count) < 0.5, 0.9, columns["adoption"])
    if not operator.human_sessions:
        # Tasks come off a queue at all hours, a few at a time; some scripts hold conversations.
        columns["flatness"] = rng.beta(2.6, 1.8, count)
        columns["weekend"] = rng.uniform(0.7, 1.1, count)
        columns["session"] = 1.2 + rng.exponential(1.6, count)
        chatty = rng.random(count) < 0.5
        columns["turns"] = np.where(chatty, rng.beta(1.3, 2.6, count), columns["turns"])
    return Cast.of(
        count,
        campaign=number,
        batch=batch,
        volume=operator.volume
        * np.exp(operator.spread * rng.standard_normal(count) - operator.spread**2 / 2),
        region=region,
        scripted=scripted,
        roaming=np.where(rng.random(count) < 0.7, rng.beta(1.5, 2.5, count), 0.0),
        banned=rng.random(count) < 0.3 * operator.replaced,
        **columns,
    )


def _presence(
    ground: Ground,
    rng: np.random.Generator,
    operator: Operator,
    batch: NDArray[np.int64],
    wave: NDArray[np.int64],
) -> dict[str, Any]:
    """Sign-up bursts around the begin of each wave, old accounts, losses and replacements."""
    days, count = ground.days, len(wave)
    length = days / operator.waves
    # Later batches of a wave replace what its first ones lose.
    burst = rng.uniform(-0.35, 0.55, int(batch.max()) + 1)
    created = (wave + burst[batch]) * length + rng.exponential(1.3, count)
    created = np.minimum(created, days - 3.0)
    start = np.maximum(created + lags(rng, count), 0.0)
    late = start > days - 0.5
    start = np.where(late, rng.uniform(wave * length, days - 1.0), start)
    created = np.where(late, np.minimum(created, start - 0.01), created)
    # An old account is put to work when its wave begins.
    aged = rng.random(count) < operator.aged
    start = np.where(aged, wave * length + rng.uniform(0, 0.5 * length, count), start)
    created = np.where(aged, -rng.gamma(1.3, 150.0, count) - 0.01, created)
    lost = rng.random(count) < operator.replaced
    leaves = np.where(rng.random(count) < 0.5, start + 14.0, np.inf)
    end = np.where(lost, start + 1.0 + rng.exponential(7.0, count), leaves)
    if operator.pause:
        # Between waves what came back is put to use: all accounts of a wave stop together.
        stops = (wave + 1 - operator.pause) * length
        resting = (start < wave * length) | (start > stops - 1.0)
        start = np.where(resting, rng.uniform(wave * length, stops - 1.0), start)
        created = np.minimum(created, start - 0.01)
        end = np.minimum(end, stops)
    return {"created": created, "start": start, "end": end}


def pool_resources(ground: Ground, cast: Cast, operators: Sequence[Operator]) -> Cast:
    """What operators pool, on top of what ``strangers.settle`` gave their accounts.

    In each batch some accounts pool a card, others a mail domain, proxy exits or a client build:
    no single one of them leads to more than a part of the campaign.
    """
    world = ground.world
    address, client = cast.address.copy(), cast.client.copy()
    payment, mail = cast.payment.copy(), cast.mail.copy()
    for number, operator in enumerate(operators):
        rng = ground.rng(f"pools {number}")
        mine = np.flatnonzero(cast.campaign == number)
        # Rotating residential exits hide where an account comes from: other people's homes.
        proxied = mine[rng.random(len(mine)) < operator.proxied]
        address[proxied] = world.proxies(rng, len(proxied))
        if operator.own_infrastructure:
            continue
        for rows in _batches(rng, cast.batch, mine):
            cards, mails, exits, builds = _parts(rows, operator.pooled)
            payment[cards] = world.payments(1)[0]
            mail[mails] = world.company_mail()
            address[exits] = np.resize(world.proxies(rng, 1)[0][:3], ADDRESSES)
            client[builds, 0] = world.rare_build()
    return replace(cast, address=address, client=client, payment=payment, mail=mail)


def _batches(
    rng: np.random.Generator, batch: NDArray[np.int32], mine: NDArray[np.int64]
) -> Iterator[NDArray[np.int64]]:
    """An operator's accounts batch by batch, each in random order."""
    for number in np.unique(batch[mine]):
        yield rng.permutation(mine[batch[mine] == number])


def _parts(rows: NDArray[np.int64], share: float) -> list[NDArray[np.int64]]:
    """Four parts of a batch, each ``share`` of it and at least two, that do not overlap."""
    size = max(2, round(share * len(rows)))
    return [rows[part * size : (part + 1) * size] for part in range(4)]


def _plan(
    ground: Ground,
    rng: np.random.Generator,
    operator: Operator,
    batch: NDArray[np.int64],
    wave: NDArray[np.int64],
) -> dict[str, Any]:
    """What accounts ask: the plan's even sweep, wave by wave, and their customers' questions."""
    count, batches = len(batch), int(batch.max()) + 1
    known = {LANGUAGES.index(c): s for c, s in operator.languages.items() if c in LANGUAGES}
    codes = np.array(list(known), dtype=np.int16)
    shares = np.array(list(known.values()))
    shares = shares / shares.sum()
    place = pick(rng, shares, count)
    even = [ground.mix_of(operator.capabilities, int(c), CAMPAIGN, even=True) for c in codes]
    popular = sum(
        a.share * share * ground.mix_of(a.capabilities, int(code), BENIGN)
        for a in ARCHETYPES
        for code, share in zip(codes, shares, strict=True)
    )
    everything = ground.narrow(rng, np.einsum("l,lt->t", shares, np.stack(even)), _FAMILIES)
    rows = np.empty((operator.waves, len(codes)), dtype=np.int64)
    sweeps = []
    themes = len(ground.library.themes)
    covered = np.zeros(themes)
    for number in range(operator.waves):
        # The first wave misses much; each later one goes where the ones before were thin.
        appetite = rng.choice((_THIN, 1.0), themes, p=(_MISSED, 1 - _MISSED))
        if number:
            appetite = appetite / (0.35 + covered / covered.max())
        covered += appetite
        for which, own in enumerate(even):
            # An account works in one language mostly.
            sweep = appetite * (everything > 0) * ((1 - _ABROAD) * own + _ABROAD * everything)
            sweep = (1 - operator.natural) * sweep / sweep.sum() + operator.natural * popular
            sweeps.append(sweep)
            rows[number, which] = ground.add_mix(sweep)
    mix = rows[wave, place]
    if operator.by_topic:
        shard = rng.integers(0, _SHARDS, themes)
        for row in range(count):
            mine = sweeps[int(wave[row]) * len(codes) + int(place[row])]
            part = mine * (shard == int(batch[row]) % _SHARDS)
            mix[row] = ground.add_mix(part if part.any() else mine)
    language = codes[place]
    # Several scripts, each with its wordings; a batch runs one of them.
    voices = shared_voice(rng, operator.scripts, distinct=True)
    kind = pick(rng, np.array([a.share for a in ARCHETYPES]), count)
    weights = np.array(
        [[a.capabilities.get(name, 0.0) for name in CAPABILITIES] for a in ARCHETYPES]
    )
    return {
        "language": language,
        "own": ground.draw_themes(rng, weights[kind], language, THEMES),
        "breadth": rng.integers(1, THEMES + 1, count),
        "mix": mix,
        "fresh": _harvesting(rng, operator, count),
        "queued": True,
        "voice": voices[np.arange(batches) % operator.scripts][batch],
        "width": operator.wordings,
        "system": np.where(
            rng.random(count) < 0.3, rng.integers(0, len(ground.library.systems), count), -1
        ),
        "system_share": rng.beta(2, 0.7, count),
    }


def _harvesting(rng: np.random.Generator, operator: Operator, count: int) -> NDArray[np.float64]:
    """Share of each account's exchanges that harvest; the rest are its customers'."""
    if operator.dilution < 0.3:
        served = rng.gamma(2.0, operator.dilution / 2 + 1e-9, count)
    else:
        left = 1 - operator.dilution
        served = rng.normal(operator.dilution, min(0.1, left / 4), count)
        return np.clip(1 - served, min(0.05, left / 4), 1.0)
    return np.clip(1 - served, 0.05, 1.0)
