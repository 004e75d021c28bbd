"""Use case: what would have been found, had somebody harvested in this log.

Campaigns of several sizes and dilutions are planted in a copy of the case, one at a time, and the
copy is analysed as the case was. The copy lies beside the case and is gone afterwards; the case
itself is only read, but for the table that is published into it trial by trial, so that a run that
was ended early goes on where it stopped. Words are made in ``power_words``.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.domain.changes import Changes
from workbench.domain.errors import CaseError, InputError, NotAssessedError
from workbench.domain.progress import ScaledJob
from workbench.evaluate.power import FLAGGED, TRIAL_SCHEMA, Cell, Trial, cells, judge
from workbench.services.power_words import step, told_of_nothing

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.domain.finding import Verdict
    from workbench.domain.progress import JobContext
    from workbench.domain.settings import AnalysisSettings
    from workbench.evaluate.power import Standing
    from workbench.services.open_case import OpenCase
    from workbench.services.power_copy import Copies
    from workbench.simulate.library import Library

STAGE: Final = "power"
SIZES: Final = (20, 60, 200)
SHARES: Final = (1.0, 0.6, 0.2)
GRAMMAR: Final = "grammar"
#: The verdict is published here; the stages behind it only describe.
_VERDICT: Final = "clusters"
_TABLE: Final = pa.schema(
    [
        ("key", pa.string()),
        ("at_us", pa.int64()),
        *TRIAL_SCHEMA,
    ]
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which campaigns are planted.

    Attributes:
        sizes: Accounts of a campaign.
        shares: Of their exchanges, how many harvest; in (0, 1].
        repeats: Campaigns of each size and share.
        seed: Root of every random number.
        prompts: Folder of prompt sets, as ``simulate --prompts`` reads it; None for grammars.
    """

    sizes: tuple[int, ...] = SIZES
    shares: tuple[float, ...] = SHARES
    repeats: int = 1
    seed: int = 0
    prompts: Path | None = None

    def check(self) -> None:
        """Raise InputError where there is nothing to plant, or it cannot be."""
        if not self.sizes or not self.shares or self.repeats < 1:
            raise InputError("Nothing is planted.", remedy="Give a size, a share and a repeat.")
        if min(self.sizes) < 2:
            raise InputError(
                "A campaign of fewer than two accounts has nothing in common.",
                remedy="Give --sizes of 2 accounts or more.",
            )
        if min(self.shares) <= 0 or max(self.shares) > 1:
            raise InputError(
                "A share is more than 0 and 1 at most.", remedy="Give --shares such as 1.0,0.6."
            )

    def trials(self) -> list[tuple[int, float, int]]:
        """(accounts, share, repeat): whole tables first, then their repeats."""
        return [
            (size, share, repeat)
            for repeat in range(self.repeats)
            for size in sorted(set(self.sizes))
            for share in sorted(set(self.shares), reverse=True)
        ]


@dataclass(frozen=True, slots=True)
class Power:
    """What would have been found.

    Attributes:
        cells: By size and share.
        at_us: When the last campaign was planted, UTC microseconds.
        stale: The case, its analysis or the program has changed since.
        left: Campaigns that the last run was asked for and did not come to.
        log_accounts: Accounts of the log; None in a table of an older program.
    """

    cells: tuple[Cell, ...]
    at_us: int
    stale: bool
    left: int
    log_accounts: int | None = None

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Every campaign."""
        return tuple(one for cell in self.cells for one in cell.trials)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self) | {"cells": [cell.as_dict() for cell in self.cells]}


class Detectability:
    """Plants campaigns in copies of an open case. Safe from any thread, one run at a time.

    Args:
        held: The open case.
    """

    def __init__(self, held: OpenCase) -> None:
        self._held = held

    def shown(self) -> Power | None:
        """What was published last; None before the first campaign."""
        artifacts = self._held.artifacts
        published = artifacts.current(STAGE)
        if published is None:
            return None
        rows = artifacts.table(STAGE, "trials").to_pylist()
        names = [field.name for field in fields(Trial)]
        return Power(
            cells=cells(Trial(**{name: row[name] for name in names}) for row in rows),
            at_us=max(row["at_us"] for row in rows),
            stale=published.info["rests_on"] != self._rests_on(),
            left=int(published.info["left"]),
            log_accounts=published.info.get("accounts"),
        )

    def rows(self) -> list[dict[str, Any]]:
        """The table as it was published, for whoever takes it over; empty without one."""
        if self._held.artifacts.current(STAGE) is None:
            return []
        rows: list[dict[str, Any]] = self._held.artifacts.table(STAGE, "trials").to_pylist()
        return rows

    def take_over(self, rows: list[dict[str, Any]], key: str, info: dict[str, Any]) -> None:
        """Publish what was measured in a copy of this very case.

        Args:
            rows: As ``rows`` gave them there.
            key: Of the stage there.
            info: Of the stage there.

        Raises:
            InputError: They are no such table.
        """
        try:
            table = pa.Table.from_pylist(rows, schema=_TABLE)
            cells(Trial(**{field.name: row[field.name] for field in fields(Trial)}) for row in rows)
            left = {"left": int(info["left"]), "rests_on": dict(info["rests_on"])}
        except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise InputError(f"The table of planted campaigns is none: {error}.") from error
        self._held.artifacts.publish(
            STAGE, key, arrays={}, tables={"trials": table}, info=info | left
        )

    def run(self, plan: Plan, settings: AnalysisSettings, job: JobContext) -> Changes:
        """Plant every campaign of a plan that was not planted in this very case before.

        Args:
            plan: Which.
            settings: Parameters of the case's analysis (``analysing.last_settings``).
            job: Progress and cancellation. Campaigns that are done are kept.

        Raises:
            InputError: A plan that cannot be, prompts that cannot be read, or an analysis that
                rests on vectors from the log, which planted prompts have not.
            NotAssessedError: The case was not analysed, has changed since, or has no texts; or it
                shows too little to place a campaign in.
            StorageError: There is no room for the copy.
            CaseError: The case is open for reading only.
            CancelledError: The job was cancelled; nothing remains of the copy.
        """
        # Imported here: it brings the simulator with it, and only planting needs that.
        from workbench.services.power_copy import Copies, standing

        plan.check()
        self._held.need_texts("nothing can be planted among them")
        if not self._held.case.write:
            raise CaseError(
                "The case is open for reading only, so nothing can be kept in it.",
                remedy="Open it for writing.",
            )
        job.report("Looking for what is current", done=0.0)
        self._require_current(settings)
        library, prompts = _library(plan.prompts)
        before = standing(self._held.results())
        rests_on = self._rests_on()
        rows = self._kept(rests_on)
        keys = {self._key(rests_on, prompts, plan.seed, *one): one for one in plan.trials()}
        done = {row["key"] for row in rows}
        todo = {key: one for key, one in keys.items() if key not in done}
        if not todo:
            # An earlier run may have been ended before it came to others.
            self._publish(rows, rests_on, 0)
        else:
            with Copies(self._held, before, settings) as copies:
                began = time.monotonic()
                for number, (key, (size, share, repeat)) in enumerate(todo.items()):
                    each = (time.monotonic() - began) / number if number else None
                    name = step(number, len(todo), size, share, each)
                    part = ScaledJob(job, number / len(todo), (number + 1) / len(todo), name)
                    word = f"{plan.seed}/{size}/{share}/{repeat}"
                    counts = _planted(copies, library, size, share, word, before, part)
                    trial = Trial(prompts, size, share, plan.seed, repeat, **counts)
                    at_us = time.time_ns() // 1000
                    rows.append({"key": key, "at_us": at_us, **asdict(trial)})
                    self._publish(rows, rests_on, len(todo) - number - 1)
        job.report("Planted", done=1.0)
        return Changes(computed=bool(todo))

    # --- what it rests on ----------------------------------------------------------------------
    def _require_current(self, settings: AnalysisSettings) -> None:
        from workbench.analysis.run import plan_for, stale

        if settings.embedder.startswith("column:"):
            raise InputError(
                "The case was analysed with vectors from the log; a planted prompt has none.",
                remedy="Analyse it with --embedder static, then plant.",
            )
        if self._held.results().clusters is None:
            raise NotAssessedError(
                "The case has not been analysed yet.", remedy="Run: workbench analyse CASE"
            )
        case = self._held.case
        if stale(case.engine, case.artifacts, settings, plan_for(_VERDICT)):
            raise NotAssessedError(
                "The case, or the program, has changed since the case was analysed.",
                remedy="Run: workbench analyse CASE",
            )

    def _rests_on(self) -> dict[str, str]:
        """What the table is about: the log as it is, and what was found in it."""
        from workbench.analysis.run import batch_set

        verdict = self._held.artifacts.current(_VERDICT)
        return {
            "batches": batch_set(self._held.case.engine),
            "key": "" if verdict is None else verdict.key,
            "digest": "" if verdict is None else verdict.digest,
            "code": _code(),
        }

    def _kept(self, rests_on: dict[str, str]) -> list[dict[str, Any]]:
        """Rows of trials in this very case; those of another state of it say nothing of it."""
        published = self._held.artifacts.current(STAGE)
        if published is None or published.info["rests_on"] != rests_on:
            return []
        rows: list[dict[str, Any]] = self._held.artifacts.table(STAGE, "trials").to_pylist()
        return rows

    @staticmethod
    def _key(
        rests_on: dict[str, str], prompts: str, seed: int, size: int, share: float, repeat: int
    ) -> str:
        parts = [sorted(rests_on.items()), prompts, seed, size, share, repeat]
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _publish(self, rows: list[dict[str, Any]], rests_on: dict[str, str], left: int) -> None:
        rows.sort(key=lambda row: (row["accounts"], -row["share"], row["prompts"], row["seed"],
                                   row["repeat"]))  # fmt: skip
        key = hashlib.sha256("\n".join(sorted(row["key"] for row in rows)).encode()).hexdigest()
        self._held.artifacts.publish(
            STAGE,
            key,
            arrays={},
            tables={"trials": pa.Table.from_pylist(rows, schema=_TABLE)},
            info={"rests_on": rests_on, "left": left, "accounts": len(self._held.results().keys)},
        )


def _planted(
    copies: Copies,
    library: Library,
    size: int,
    share: float,
    word: str,
    before: dict[str, Standing],
    job: JobContext,
) -> dict[str, Any]:
    """Plant one campaign and count what came of it; the same word draws the same campaign."""
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:7], "big")
    campaign = copies.campaign(library, size, share, seed, job)
    keys, after = copies.plant(campaign, seed, job)
    return {
        "exchanges": len(campaign.account),
        "harvested": int(campaign.planned.sum()),
        **judge(before, after, keys),
    }


def unfound(held: OpenCase, verdict: Verdict) -> str:
    """What is said besides of a subject without a finding; empty where there is one."""
    if verdict.value in FLAGGED:
        return ""
    return told_of_nothing(Detectability(held).shown())


def _library(prompts: Path | None) -> tuple[Library, str]:
    """Where prompts come from, and what it is called: a folder by its name and what it holds."""
    from workbench.simulate.folder import FolderLibrary
    from workbench.simulate.library import GrammarLibrary

    if prompts is None:
        return GrammarLibrary(), GRAMMAR
    library = FolderLibrary(prompts)
    digest = hashlib.sha256()
    for path in sorted(p for p in prompts.glob("*/*") if p.is_file()):
        digest.update(f"{path.relative_to(prompts)}\n".encode("utf-8", "surrogatepass"))
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return library, f"{prompts.absolute().name} {digest.hexdigest()[:8]}"


@cache
def _code() -> str:
    """SHA-256 (hex) of the code that plants and of its grammars."""
    from pathlib import Path

    from workbench.domain.resources import resource_path

    here = Path(__file__).parent
    files = [*here.glob("power*.py"), *(here.parent / "simulate").glob("*.py")]
    files += [here.parent / "evaluate" / "power.py", *resource_path("simulate").glob("*.toml")]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
