"""Operators: accounts that harvest on one plan, presenting themselves as strangers.

An operator sweeps many topics of a few capabilities evenly, through wordings that others use
too; shards the work over accounts; signs them up in bursts or buys them old; pools some cards,
addresses, builds and mail domains, each among accounts of its own choosing; loses accounts and
replaces them; and comes back in waves that fill the gaps of the ones before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.simulate.benign import (
    ARCHETYPES,
    habits,
    lags,
    pace,
    shared_voice,
)
from workbench.simulate.cast import ADDRESSES, THEMES, Cast
from workbench.simulate.chance import pick
from workbench.simulate.library import BENIGN, CAMPAIGN, CAPABILITIES, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from workbench.simulate.ground import Ground
    from workbench.simulate.scenario import Operator

#: Accounts that pool one card, address set, build or domain.
_POOL = (3, 6)
#: Accounts signed up in one burst.
_BURST = 15
#: Accounts that work on one shard when work is split by topic, and shards of the plan.
_SHARD_ACCOUNTS = 6
_SHARDS = 8
#: Prompt sets that one operator harvests with, where prompts come from sets.
_FAMILIES = 3
#: Share of the plan's themes that a wave misses, and how much of them it asks all the same.
_MISSED, _THIN = 0.5, 0.06
#: Share of an account's harvesting in the operator's other languages.
_ABROAD = 0.12


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
    wave = np.sort(rng.integers(0, operator.waves, count))
    region = ground.regions(rng, count)
    scripted = rng.random(count) < 0.3 if operator.human_sessions else rng.random(count) < 0.8
    columns: dict[str, Any] = {
        **pace(rng, count, scripted),
        **habits(rng, count, scripted),
        **_presence(ground, rng, operator, wave),
        "scripted": scripted,
        **_plan(ground, rng, operator, wave),
    }
    if not operator.human_sessions:
        columns["flatness"] = rng.beta(3.0, 1.6, count)
        columns["weekend"] = rng.uniform(0.7, 1.1, count)
        chatty = rng.random(count) < 0.6
        columns["turns"] = np.where(chatty, rng.beta(1.3, 2.6, count), columns["turns"])
    return Cast.of(
        count,
        campaign=number,
        volume=operator.volume * np.exp(0.7 * rng.standard_normal(count) - 0.245),
        region=region,
        roaming=np.where(rng.random(count) < 0.7, rng.beta(1.5, 2.5, count), 0.0),
        adoption=np.where(rng.random(count) < 0.5, 0.9, columns.pop("adoption")),
        banned=rng.random(count) < 0.3 * operator.replaced,
        **columns,
    )


def _presence(
    ground: Ground, rng: np.random.Generator, operator: Operator, wave: NDArray[np.int64]
) -> dict[str, Any]:
    """Sign-up bursts before each wave, old accounts, replacements, ends."""
    days, count = ground.days, len(wave)
    length = days / operator.waves
    created = np.empty(count)
    for number in range(operator.waves):
        rows = np.flatnonzero(wave == number)
        bursts = max(1, round(len(rows) / _BURST))
        when = number * length + length * rng.uniform(-0.35, 0.6, bursts)
        created[rows] = when[np.arange(len(rows)) % bursts] + rng.exponential(1.3, len(rows))
    created = np.minimum(created, days - 3.0)
    aged = rng.random(count) < operator.aged
    old = -rng.gamma(1.3, 150.0, count) - 0.01
    start = np.maximum(created + lags(rng, count), 0.0)
    late = start > days - 0.5
    start = np.where(late, rng.uniform(wave * length, days - 1.0), start)
    created = np.where(late, np.minimum(created, start - 0.01), created)
    # An old account is put to work when its wave begins.
    start = np.where(aged, wave * length + rng.uniform(0, 0.5 * length, count), start)
    created = np.where(aged, old, created)
    short = rng.random(count) < operator.replaced
    stays = start + 1.0 + rng.exponential(7.0, count)
    return {
        "created": created,
        "start": start,
        "end": np.where(short, stays, np.where(rng.random(count) < 0.5, start + 14.0, np.inf)),
    }


def pool_resources(ground: Ground, cast: Cast, operators: Sequence[Operator]) -> Cast:
    """What operators pool, on top of what ``strangers.settle`` gave their accounts.

    Cards, mail domains, proxy exits and client builds are pooled by different groups, so that
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
        for rows in _pools(rng, mine, operator.pooled):
            payment[rows] = world.payments(1)[0]
        for rows in _pools(rng, mine, operator.pooled):
            mail[rows] = world.company_mail()
        for rows in _pools(rng, mine, operator.pooled):
            address[rows] = np.resize(world.proxies(rng, 1)[0][:3], ADDRESSES)
        for rows in _pools(rng, mine, operator.pooled):
            client[rows, 0] = world.rare_build()
    return replace(cast, address=address, client=client, payment=payment, mail=mail)


def _pools(
    rng: np.random.Generator, mine: NDArray[np.int64], share: float
) -> Iterator[NDArray[np.int64]]:
    """Groups of an operator's accounts that pool one thing; together about ``share`` of them."""
    rows = rng.permutation(mine)[: round(share * len(mine))]
    low = 0
    while low < len(rows):
        size = int(rng.integers(_POOL[0], _POOL[1] + 1))
        yield rows[low : low + size]
        low += size


def _plan(
    ground: Ground, rng: np.random.Generator, operator: Operator, wave: NDArray[np.int64]
) -> dict[str, Any]:
    """Which themes each account asks: the plan's even sweep, wave by wave, and its customers'."""
    count = len(wave)
    known = {LANGUAGES.index(c): s for c, s in operator.languages.items() if c in LANGUAGES}
    codes = np.array(list(known), dtype=np.int16)
    shares = np.array(list(known.values()))
    shares = shares / shares.sum()
    place = pick(rng, shares, count)
    even = [ground.mix_of(operator.capabilities, int(code), CAMPAIGN, even=True) for code in codes]
    popular = sum(
        a.share * share * ground.mix_of(a.capabilities, int(code), BENIGN)
        for a in ARCHETYPES
        for code, share in zip(codes, shares, strict=True)
    )
    everything = ground.narrow(rng, np.einsum("l,lt->t", shares, np.stack(even)), _FAMILIES)
    rows = np.empty((operator.waves, len(codes)), dtype=np.int64)
    sweeps = []
    covered = np.zeros(len(ground.library.themes))
    for number in range(operator.waves):
        # The first wave misses much; each later one goes where the ones before were thin.
        appetite = rng.choice((_THIN, 1.0), len(covered), p=(_MISSED, 1 - _MISSED))
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
        shard = rng.integers(0, _SHARDS, len(covered))
        for row in range(count):
            mine = sweeps[int(wave[row]) * len(codes) + int(place[row])]
            part = mine * (shard == (row // _SHARD_ACCOUNTS) % _SHARDS)
            mix[row] = ground.add_mix(part if part.any() else mine)
    language = codes[place]
    # Several scripts, each with its wordings; an account runs one of them.
    voices = shared_voice(rng, operator.scripts, distinct=True)
    voice = voices[rng.integers(0, operator.scripts, count)]
    kind = pick(rng, np.array([a.share for a in ARCHETYPES]), count)
    weights = np.array(
        [[a.capabilities.get(name, 0.0) for name in CAPABILITIES] for a in ARCHETYPES]
    )
    return {
        "language": language,
        "own": ground.draw_themes(rng, weights[kind], language, THEMES),
        "breadth": rng.integers(1, THEMES + 1, count),
        "mix": mix,
        "fresh": np.clip(1 - rng.gamma(2.0, operator.dilution / 2 + 1e-9, count), 0.1, 1.0)
        if operator.dilution < 0.3
        else np.clip(rng.normal(1 - operator.dilution, 0.1, count), 0.05, 1.0),
        "queued": True,
        "voice": voice,
        "width": operator.wordings,
        "system": np.where(
            rng.random(count) < 0.3, rng.integers(0, len(ground.library.systems), count), -1
        ),
        "system_share": rng.beta(2, 0.7, count),
    }
