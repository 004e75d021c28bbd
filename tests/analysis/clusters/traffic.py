"""Traffic with known truth, as arrays: benign strangers, firms, look-alikes, and an operator.

Small and fast, for tests of signals, graph and calibration; ``workbench.simulate`` writes whole
logs. Prompts are rows of a ``Bank`` (cell, near-duplicate group, template, source), either drawn
from latent topics (``latent_bank``) or made elsewhere from real prompts.

Nothing single tells the sides apart: strangers share networks, clients, cards and days of
sign-up; some benign people live in the campaign's topics; the operator mixes in ordinary prompts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY = 86_400_000_000
HOUR = DAY // 24
START = 1_767_225_600_000_000  # 2026-01-01


@dataclass(frozen=True)
class Bank:
    """Prompts to draw from; index = prompt id."""

    source: NDArray[np.int32]
    cell: NDArray[np.int32]
    group: NDArray[np.int32]
    template: NDArray[np.int32]
    vector: NDArray[np.float32]
    n_cells: int


def latent_bank(seed: int, sources: int = 24, size: int = 1_200, cells: int = 160) -> Bank:
    """Topics: each source is a mixture of cells that overlap with other sources."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=(cells, 16)).astype(np.float32)
    base = rng.dirichlet(np.full(cells, 0.6))
    source, cell, group, template = [], [], [], []
    for s in range(sources):
        mix = 0.75 * rng.dirichlet(np.full(cells, 0.08)) + 0.25 * base
        drawn = rng.choice(cells, size=size, p=mix)
        source.append(np.full(size, s))
        cell.append(drawn)
        group.append(s * size + np.minimum(rng.zipf(1.5, size), size) - 1)
        templated = rng.random(size) < (0.7 if s % 6 == 0 else 0.05)
        template.append(np.where(templated, s * 4 + rng.integers(0, 4, size), -1))
    cell_all = np.concatenate(cell).astype(np.int32)
    noise = rng.normal(scale=0.35, size=(len(cell_all), 16)).astype(np.float32)
    vector = centre[cell_all] + noise
    vector /= np.linalg.norm(vector, axis=1, keepdims=True)
    return Bank(
        np.concatenate(source).astype(np.int32),
        cell_all,
        np.concatenate(group).astype(np.int32),
        np.concatenate(template).astype(np.int32),
        vector,
        cells,
    )


@dataclass(frozen=True)
class Operator:
    """One who harvests through many accounts. Defaults: the hydra network."""

    accounts: int = 120
    exchanges: float = 50.0
    sources: tuple[int, ...] = (0, 1, 2)
    natural: float = 0.3
    sharded: bool = False
    own_network: float = 0.5  # share of accounts with a network nobody of theirs shares
    shared_cards: float = 0.3
    aged: float = 0.3
    human_time: float = 0.0
    bursts: int = 4


@dataclass(frozen=True)
class World:
    """What to make. ``people`` are plain benign accounts; firms come on top."""

    people: int = 1_500
    firms: int = 25
    fleets: int = 6
    fleet_keys: int = 10
    lookalikes: int = 8
    exchanges: float = 30.0
    days: int = 42
    operators: tuple[Operator, ...] = (Operator(),)
    campaign_sources: tuple[int, ...] = (0, 1, 2)
    declared: float = 0.6  # share of firms that declare an organisation


@dataclass
class Traffic:
    """Exchanges sorted by (account, time), and what each account shows of itself."""

    account: NDArray[np.int64]
    ts: NDArray[np.int64]
    prompt: NDArray[np.int32]
    org: NDArray[np.int64]  # -1 = not declared
    payment: NDArray[np.int64]
    domain: NDArray[np.int64]
    client: NDArray[np.int64]
    created: NDArray[np.int64]
    networks: list[list[int]]
    campaign: NDArray[np.int64]  # -1 benign, else operator
    kind: list[str]
    bank: Bank
    net_of_exchange: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def n_accounts(self) -> int:
        return len(self.created)


class _Maker:
    def __init__(self, world: World, bank: Bank, seed: int) -> None:
        self.world = world
        self.bank = bank
        self.rng = np.random.default_rng(seed)
        self.rows: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
        self.info: list[tuple[int, int, int, int, int, list[int], int, str]] = []
        self._card = 1_000
        self._domain = 100
        n_sources = int(bank.source.max()) + 1
        self.by_source = [np.flatnonzero(bank.source == s) for s in range(n_sources)]
        self.by_cell = [np.flatnonzero(bank.cell == c) for c in range(bank.n_cells)]
        self.popularity = self.rng.dirichlet(np.full(n_sources, 2.0))
        for s in world.campaign_sources:
            self.popularity[s] *= 0.5
        self.popularity /= self.popularity.sum()
        self.net_weight = 1.0 / np.arange(1, 3_001) ** 0.4
        self.net_weight /= self.net_weight.sum()
        self.spikes = START - self.rng.integers(0, 330, 5) * DAY
        # People of one language live in one region: same hours, same networks, same topics.
        self.region = self.rng.integers(0, 6, n_sources)
        self.own_region = 0

    # -- what accounts show -------------------------------------------------------------
    def card(self) -> int:
        if self.rng.random() < 0.06:  # prepaid cards that strangers bought in the same shop
            return int(self.rng.integers(0, 12))
        self._card += 1
        return self._card

    def own_domain(self) -> int:
        self._domain += 1
        return self._domain

    def mail(self) -> int:
        return int(self.rng.choice(6, p=[0.5, 0.2, 0.12, 0.1, 0.05, 0.03]))

    def home(self) -> int:
        """A home network, in the own region as a rule (codes fold into regions by remainder)."""
        net = int(self.rng.choice(3_000, p=self.net_weight))
        return net - net % 6 + self.own_region if self.rng.random() < 0.9 else net

    def person_networks(self) -> list[int]:
        nets = [self.home()]
        if self.rng.random() < 0.4:  # carrier NAT, four a region
            nets.append(5_000 + 6 * int(self.rng.integers(0, 4)) + self.own_region)
        if self.rng.random() < 0.15:
            nets.append(6_000 + int(self.rng.integers(0, 12)))  # VPN
        return nets

    def cloud(self) -> int:
        return 7_000 + int(self.rng.integers(0, 80))

    def client(self, script: bool) -> int:
        weights = 1.0 / np.arange(1, 21) ** 1.2
        return int(self.rng.choice(20, p=weights / weights.sum())) + (100 if script else 0)

    def joined(self) -> int:
        if self.rng.random() < 0.25:
            return int(self.rng.choice(self.spikes) + self.rng.exponential(2.0) * DAY)
        age = self.rng.exponential(140.0)
        return int(START + 20 * DAY - age * DAY)

    # -- when -----------------------------------------------------------------------------
    def human_times(self, n: int, begin: int) -> NDArray[np.int64]:
        rng = self.rng
        zone = 4 * self.own_region + rng.integers(0, 4)
        times: list[int] = []
        spread = rng.uniform(2.0, 4.5)
        while len(times) < n:
            day = rng.integers(0, self.world.days)
            if day % 7 in (2, 3) and rng.random() < 0.5:
                continue
            at = START + day * DAY + int(((14 + spread * rng.normal() - zone) % 24) * HOUR)
            for _ in range(int(min(rng.geometric(0.28), n - len(times)))):
                times.append(at)
                at += int(rng.lognormal(4.6, 1.1) * 1e6)
        found = np.sort(np.array(times[:n], dtype=np.int64))
        return np.where(found < begin, found % DAY + (begin // DAY + 1) * DAY, found)

    def machine_times(self, n: int, begin: int, end: int, batches: bool) -> NDArray[np.int64]:
        rng = self.rng
        begin = max(begin, START)
        end = max(end, begin + DAY)
        if batches:
            jobs = rng.integers(begin, end, max(1, n // 40))
            at = jobs[rng.integers(0, len(jobs), n)] + (rng.exponential(900e6, n)).astype(np.int64)
        else:
            at = rng.integers(begin, end, n)
        return np.sort(at.astype(np.int64))

    # -- what -----------------------------------------------------------------------------
    def settle(self) -> int:
        """Choose a home source, and with it the region of everything that is drawn next."""
        source = int(self.rng.choice(len(self.by_source), p=self.popularity))
        self.own_region = int(self.region[source])
        return source

    def person_prompts(self, n: int, source: int) -> NDArray[np.int64]:
        rng = self.rng
        own = self.by_source[source]
        cells = self.bank.cell[own[rng.integers(0, len(own), rng.integers(2, 7))]]
        out = np.empty(n, dtype=np.int64)
        how = rng.random(n)
        for i in range(n):
            if how[i] < 0.55:
                pool = self.by_cell[cells[rng.integers(0, len(cells))]]
            elif how[i] < 0.8:
                pool = own
            else:
                pool = self.by_source[int(rng.choice(len(self.by_source), p=self.popularity))]
            out[i] = pool[rng.integers(0, len(pool))]
        again = rng.random(n) < 0.06
        out[again] = out[rng.integers(0, n, int(again.sum()))]
        return out

    def task_prompts(self, n: int, source: int, width: float = 0.4) -> NDArray[np.int64]:
        own = self.by_source[source]
        part = own[: max(30, int(len(own) * width))]
        return part[self.rng.integers(0, len(part), n)]

    def volume(self, mean: float) -> int:
        return int(np.clip(self.rng.lognormal(np.log(mean) - 0.6, 1.1), 3, 40 * mean))

    # -- who ------------------------------------------------------------------------------
    def put(
        self, times, prompts, *, org=-1, card, domain, client, created, nets, operator=-1, kind
    ) -> None:
        order = np.argsort(times, kind="stable")
        net = np.array(nets)[self.rng.integers(0, len(nets), len(times))]
        self.rows.append((times[order], prompts[order], net))
        self.info.append((org, card, domain, client, created, list(nets), operator, kind))

    def person(self) -> None:
        n = self.volume(self.world.exchanges)
        source = self.settle()
        created = self.joined()
        script = self.rng.random() < 0.25
        if script and self.rng.random() < 0.5:
            times = self.machine_times(n, created, START + self.world.days * DAY, True)
        else:
            times = self.human_times(n, created)
        nets = self.person_networks() if not script else [self.cloud(), self.home()]
        self.put(
            times, self.person_prompts(n, source), card=self.card(), domain=self.mail(),
            client=self.client(script), created=created, nets=nets, kind="",
        )  # fmt: skip

    def firm(self, number: int, kind: str, keys: int) -> None:
        """Keys of one customer: same payer, usually the same office or the same mail domain."""
        rng = self.rng
        declares = rng.random() < self.world.declared and kind != "fleet"
        source = self.settle()
        card, domain, office = self.card(), self.own_domain(), self.cloud()
        joined = self.joined()
        client = self.client(True)
        for _ in range(keys):
            n = self.volume(self.world.exchanges * (4 if kind else 2))
            begin = joined + int(rng.exponential(25) * DAY)
            end = START + self.world.days * DAY
            if kind == "support_bot" or kind == "":
                times = self.human_times(n, begin)
            elif kind == "eval_harness":
                first = max(begin, START) + int(rng.integers(0, 20) * DAY)
                times = self.machine_times(n, first, first + 2 * DAY, True)
            else:
                times = self.machine_times(n, begin, end, rng.random() < 0.4)
            wide = kind in ("", "reseller")
            prompts = self.person_prompts(n, source) if wide else self.task_prompts(n, source)
            self.put(
                times, prompts, org=number if declares else -1, card=card, domain=domain,
                client=client, created=begin, nets=[office] if kind else [office, self.home()],
                kind=kind or "firm",
            )  # fmt: skip

    def operator(self, number: int, plan: Operator) -> None:
        rng = self.rng
        pool = np.concatenate([self.by_source[s] for s in plan.sources])
        shared = [self.home() for _ in range(10)] + [self.cloud() for _ in range(4)]
        waves = START + rng.integers(-30, 20, plan.bursts) * DAY
        cards = [self.card() for _ in range(max(1, plan.accounts // 5))]
        parts = np.array_split(rng.permutation(pool), plan.accounts)
        for i in range(plan.accounts):
            self.settle()
            n = max(4, int(rng.gamma(3.0, plan.exchanges / 3.0)))
            aged = rng.random() < plan.aged
            created = self.joined() if aged else int(rng.choice(waves) + rng.exponential(1.5) * DAY)
            begin = max(START, created + int(rng.exponential(2.0) * DAY))
            if rng.random() < plan.human_time:
                times = self.human_times(n, begin)
            else:
                end = min(START + self.world.days * DAY, begin + int(rng.uniform(12, 40) * DAY))
                times = self.machine_times(n, begin, end, False)
            own = parts[i] if plan.sharded else pool
            prompts = own[rng.integers(0, len(own), n)]
            natural = rng.random(n) < plan.natural
            if natural.any():
                prompts[natural] = self.person_prompts(int(natural.sum()), self.settle())
            lone = rng.random() < plan.own_network
            nets = [self.home()] if lone else list(rng.choice(shared, 2, replace=False))
            card = int(rng.choice(cards)) if rng.random() < plan.shared_cards else self.card()
            self.put(
                times, prompts, card=card, domain=self.mail(), client=self.client(True),
                created=created, nets=nets, operator=number, kind="",
            )  # fmt: skip


LOOKALIKES = ("eval_harness", "translation", "support_bot", "labelling", "reseller")


def make_traffic(world: World, bank: Bank, seed: int) -> Traffic:
    """Everything of a world, accounts in random order."""
    maker = _Maker(world, bank, seed)
    for _ in range(world.people):
        maker.person()
    for number in range(world.firms):
        maker.firm(number, "", int(maker.rng.integers(2, 7)))
    for number in range(world.fleets):
        maker.firm(1_000 + number, "fleet", world.fleet_keys)
    for number in range(world.lookalikes):
        kind = LOOKALIKES[number % len(LOOKALIKES)]
        maker.firm(2_000 + number, kind, int(maker.rng.integers(1, 9)))
    for number, plan in enumerate(world.operators):
        maker.operator(number, plan)
    order = maker.rng.permutation(len(maker.info))
    info = [maker.info[i] for i in order]
    rows = [maker.rows[i] for i in order]
    column = lambda j: np.array([entry[j] for entry in info], dtype=np.int64)  # noqa: E731
    return Traffic(
        account=np.repeat(np.arange(len(rows)), [len(r[0]) for r in rows]),
        ts=np.concatenate([r[0] for r in rows]),
        prompt=np.concatenate([r[1] for r in rows]).astype(np.int32),
        org=column(0),
        payment=column(1),
        domain=column(2),
        client=column(3),
        created=column(4),
        networks=[entry[5] for entry in info],
        campaign=column(6),
        kind=[entry[7] for entry in info],
        bank=bank,
        net_of_exchange=np.concatenate([r[2] for r in rows]).astype(np.int64),
    )


def quiet(world: World) -> World:
    """The same world with nobody harvesting."""
    return replace(world, operators=())
