"""What is run: groups of runs, each with its traffic, its seed, and what is taken away.

Nothing is run here. A run is a plain value, so that equal runs share one result on disk.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.simulate.scenario import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.simulate.scenario import Scenario

#: Real prompt sets, beside the project.
PROMPTS: Final = Path("../shared/data")
#: Seeds that nothing was tuned on. 41 to 59 are for development; 100, 101, 200, 201, 300 to 303,
#: 310 to 313, 350 to 353, 360 to 363 and 370 to 373 were looked at for earlier tables, 320 to 323,
#: 330 to 333, 340 to 343 and 380 to 382 in part.
FIRST_SEED: Final = 390
#: The sample's sizes: sixteen exchanges an account.
EXCHANGES: Final = 50_000
ACCOUNTS: Final = 3_120
#: Where prompts come from: the shipped grammars; real sets; those with a family of harvesting
#: prompts that development never read; those thinned until both sides are alike in length.
GRAMMAR, REAL, HELD_OUT, ALIKE = "grammar", "real", "held-out", "alike"
#: Scenarios of the requirement's first row.
FIRST_ROW: Final = ("hydra", "waves", "slow", "own-infrastructure", "natural", "two-operators")
NO_INFRASTRUCTURE, NO_SIGN_UP = "no-infrastructure", "no-infrastructure-or-sign-up"
NO_CONTENT, NO_TIMING, LATER_HALF = "no-content", "no-timing", "later-half"
ABLATIONS: Final = (NO_INFRASTRUCTURE, NO_SIGN_UP, NO_CONTENT, NO_TIMING, LATER_HALF)
#: Seeds of every row with real prompts, and of those without infrastructure: what must be reached
#: rests on them, and which prompt sets a campaign harvests with is drawn by the seed.
SEEDS: Final = 4
#: Seeds of the groups that show how much something matters.
_FEW: Final = 2
#: Scenarios that are analysed with other seeds, and these seeds.
DRAWN: Final = ("hydra", "natural", "sharded", "benign")
DRAWS: Final = (1, 2, 3)
FRACTIONS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
SIZES: Final = (10, 30, 100, 300, 1_000)
VOLUMES: Final = (20, 50, 150, 400, 1_000)
#: Relative volume of an operator's account at which it asks as much as the mean account, as the
#: simulator's benign volumes have it.
_MEAN_VOLUME: Final = 1.15
_VOLUME_ACCOUNTS: Final = 40
#: Exchanges and accounts of a large log: a hundred exchanges an account.
LARGE: Final = (1_000_000, 10_000)
#: Standard deviation of the logarithm of people's volumes, as the simulator has it.
_PEOPLE_SPREAD: Final = 1.15


@dataclass(frozen=True, slots=True)
class Run:
    """One case: simulated, imported, analysed, judged.

    Attributes:
        group: Which part of the plan it belongs to.
        scenario: Name of the scenario it starts from.
        seed: Of the traffic.
        prompts: Where prompts come from.
        ablation: What is taken out of the log; empty for nothing.
        operator: Changes to the scenario's operators, by field.
        exchanges: How many.
        accounts: How many.
        replay: Whether the log is replayed day by day until the first alert.
        point: Place on the axis of a grid.
        draw: Seed of the analysis: of its halves, dealt-out worlds and like-minded groups.
    """

    group: str
    scenario: str
    seed: int
    prompts: str = REAL
    ablation: str = ""
    operator: tuple[tuple[str, float], ...] = ()
    exchanges: int = EXCHANGES
    accounts: int = ACCOUNTS
    replay: bool = False
    point: float = 0.0
    draw: int = 0

    @property
    def label(self) -> str:
        """A name for files and progress, the same for equal runs only."""
        point = f"{self.point:g}" * bool(self.point)
        draw = f"draw{self.draw}" * bool(self.draw)
        parts = [self.scenario, self.prompts, self.ablation, point, draw]
        return "-".join([*filter(None, parts), str(self.seed)])

    def traffic(self) -> Scenario:
        """The scenario with the run's changes."""
        scenario = SCENARIOS[self.scenario]
        changes: dict[str, Any] = dict(self.operator)
        return replace(scenario, operators=tuple(replace(o, **changes) for o in scenario.operators))

    def as_dict(self) -> dict[str, Any]:
        """For the result's file."""
        told = asdict(self)
        # Results that were there before analyses had other seeds keep their names.
        return told if self.draw else {k: v for k, v in told.items() if k != "draw"}


#: Group -> one line of ``--list``, in the order of running: what decides most comes first.
GROUPS: Final = {
    "real": "every scenario with real prompt sets",
    "grammar": "every scenario with prompts by grammar",
    "ablations": "without infrastructure, sign-up, content, timing, or the first half of the time",
    "alerts": "exchanges before the first alert",
    "held-out": "a family of harvesting prompts that development never read",
    "alike": "prompts of both sides alike in length",
    "draws": "other seeds of the analysis",
    "uneven": "accounts of an operator ask as much as people do, and as unevenly",
    "fractions": "share of the campaign's exchanges that harvest: 1 to 100 %",
    "sizes": "campaigns of 10 to 1,000 accounts",
    "volumes": "20 to 1,000 exchanges an account",
    "rare": "under 1 % of 10,000 accounts",
}


def plan(seeds: int, first_seed: int = FIRST_SEED) -> list[Run]:
    """Every run, group by group.

    Args:
        seeds: How many for each row that something must be reached in; other groups take two of
            them, grids and most ablations one.
        first_seed: The first of them.
    """
    return [run for group in GROUPS for run in _group(group, seeds, first_seed)]


def _group(group: str, seeds: int, first: int) -> Iterator[Run]:
    few = min(seeds, _FEW)
    if group in (REAL, GRAMMAR):
        n = seeds if group == REAL else few
        yield from _seeded([Run(group, name, 0, group) for name in SCENARIOS], n, first)
    elif group == "ablations":
        for part in ABLATIONS:
            runs = [Run(group, name, 0, ablation=part) for name in FIRST_ROW]
            # One row of the requirements rests on the first; the others show what matters.
            yield from _seeded(runs, seeds if part == NO_INFRASTRUCTURE else 1, first)
    elif group == "alerts":
        small = Run(group, "hydra", 0, replay=True)
        large = replace(small, exchanges=LARGE[0], accounts=LARGE[1])
        yield from _seeded([small, large], few, first)
    elif group == HELD_OUT:
        yield from _seeded([Run(group, n, 0, HELD_OUT) for n in ("hydra", "waves")], few, first)
    elif group == ALIKE:
        runs = [Run(group, name, 0, ALIKE) for name in ("hydra", "natural", "benign")]
        yield from _seeded(runs, few, first)
    elif group == "draws":
        for name in DRAWN:
            yield from (Run(group, name, first, draw=draw) for draw in DRAWS)
    elif group == "uneven":
        asks = (("volume", _MEAN_VOLUME), ("spread", _PEOPLE_SPREAD))
        yield from _seeded([Run(group, "hydra", 0, operator=asks)], few, first)
    elif group == "fractions":
        for share in FRACTIONS:
            yield Run(group, "hydra", first, operator=(("dilution", 1 - share),), point=share)
    elif group == "sizes":
        for count in SIZES:
            yield _of_size(first, count)
    elif group == "volumes":
        for each in VOLUMES:
            yield _of_volume(first, each)
    else:
        accounts = 10_000
        yield Run(
            group,
            "hydra",
            first,
            operator=(("share", 0.008),),
            exchanges=accounts * EXCHANGES // ACCOUNTS,
            accounts=accounts,
        )


def _seeded(runs: Sequence[Run], seeds: int, first: int) -> Iterator[Run]:
    for run in runs:
        for seed in range(first, first + seeds):
            yield replace(run, seed=seed)


def _of_size(seed: int, count: int) -> Run:
    """A campaign of so many accounts beside 3,000 benign ones, or nine times as many."""
    accounts = max(ACCOUNTS, 10 * count)
    return Run(
        "sizes",
        "hydra",
        seed,
        operator=(("share", count / accounts), ("least", 8)),
        exchanges=accounts * EXCHANGES // ACCOUNTS,
        accounts=accounts,
        point=count,
    )


def _of_volume(seed: int, each: int) -> Run:
    """Forty accounts that ask so often beside the benign ones, who ask as ever."""
    benign = (ACCOUNTS - _VOLUME_ACCOUNTS) * EXCHANGES // ACCOUNTS
    return Run(
        "volumes",
        "hydra",
        seed,
        operator=(
            ("share", _VOLUME_ACCOUNTS / ACCOUNTS),
            ("volume", _MEAN_VOLUME * each * ACCOUNTS / EXCHANGES),
            ("replaced", 0.0),
        ),
        exchanges=benign + _VOLUME_ACCOUNTS * each,
        accounts=ACCOUNTS,
        point=each,
    )


def chosen(runs: Sequence[Run], only: str) -> list[Run]:
    """The runs of ``--only GROUP[:SCENARIO][,...]``; all of them when it is empty.

    Raises:
        ValueError: No run of that name.
    """
    if not only:
        return list(runs)
    kept: list[Run] = []
    for word in only.split(","):
        group, _, name = word.partition(":")
        found = [r for r in runs if r.group == group and (not name or r.scenario == name)]
        if not found:
            raise ValueError(f"nothing is planned as {word!r}")
        kept += [run for run in found if run not in kept]
    return kept
