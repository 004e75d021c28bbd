"""Every table of docs/detection.md: simulated, imported, analysed, judged.

    python -m benchmarks.evaluation                         everything that is missing, then tables
    python -m benchmarks.evaluation --only real:hydra,alerts
    python -m benchmarks.evaluation --list                  what is planned, done, and how long

Each run goes the way of a user and is kept under out/evaluation/CODE, CODE being the digest of all
code that can change it: what was cut off goes on, and nothing is done twice. Tables are filled from
everything that was run so far, however little was asked for this time; the record of each run
behind them goes to benchmarks/results/evaluation.jsonl, and is read from there while the code is as
it was. ``--small`` and seeds of development write no document.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import document
from benchmarks.evaluation import work
from benchmarks.evaluation.plan import (
    FIRST_SEED,
    GRAMMAR,
    GROUPS,
    PROMPTS,
    SEEDS,
    chosen,
    plan,
)
from benchmarks.evaluation.requirements import requirements
from benchmarks.evaluation.results import Results
from benchmarks.evaluation.store import Store, code_digest
from benchmarks.evaluation.tables import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.evaluation.plan import Run

#: A line for each run behind the tables.
RECORDS: Final = Path(__file__).parents[1] / "results/evaluation.jsonl"
#: Other benchmarks with rows or tables of their own there: name for ``--only`` -> module and its
#: arguments. Run alone, one after another.
STEPS: Final = {
    "baselines": ("benchmarks.baselines",),
    "attribution": ("benchmarks.attribution",),
    "turning": ("benchmarks.turning", "--write"),
    "power": ("benchmarks.power",),
    "timing": ("benchmarks.analyse",),
}


def main() -> int:
    """Run what is missing of what is asked for; returns 1 if a run failed."""
    asked = _asked()
    runs = plan(asked.seeds, asked.first_seed)
    if asked.small:
        runs = [_small(run) for run in runs]
    if not PROMPTS.is_dir():
        print(f"# {PROMPTS} is not there: prompts by grammar only")
        runs = [run for run in runs if run.prompts == GRAMMAR]
    publish = not asked.small and asked.first_seed == FIRST_SEED
    store = Store(asked.folder, asked.code or code_digest(), RECORDS if publish else None)
    words = [word for word in asked.only.split(",") if word]
    only = ",".join(word for word in words if word not in STEPS)
    wanted = chosen(runs, only) if only or not words else []
    missing = [run for run in wanted if not store.has(run)]
    _tell(runs, wanted, missing, store, asked.jobs)
    if asked.list:
        return 0
    failed = work.do(missing, store, jobs=asked.jobs) if missing else 0
    for name, command in STEPS.items() if publish else ():
        if (words and name not in words) or store.kept(name) is not None:
            continue
        print("# python -m " + " ".join(command), flush=True)
        lines = work.lines_of(*command)
        if lines is None:
            failed += 1
            print(f"# {name} failed", flush=True)
        else:
            store.keep(name, lines)
    _write(runs, store, publish=publish)
    return 1 if failed else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.evaluation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="groups:\n" + "\n".join(f"  {name:10} {line}" for name, line in GROUPS.items()),
    )
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help=f"for each row ({SEEDS}), of other groups two"
    )
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help=f"({FIRST_SEED})")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (2)")
    parser.add_argument("--only", default="", help=f"GROUP[:SCENARIO][,...], {', '.join(STEPS)}")
    parser.add_argument("--list", action="store_true", help="what is planned; run nothing")
    parser.add_argument("--small", action="store_true", help="a fifth of the size, for trying out")
    parser.add_argument("--code", default="", help="take results of this digest as current")
    parser.add_argument("--folder", type=Path, default=Path("out/evaluation"))
    return parser.parse_args()


def _small(run: Run) -> Run:
    """The run at a fifth of its size."""
    return replace(run, exchanges=run.exchanges // 5, accounts=run.accounts // 5)


def _tell(
    runs: Sequence[Run], wanted: Sequence[Run], missing: Sequence[Run], store: Store, jobs: int
) -> None:
    """What is planned, what is done, how long the rest may take."""
    print(f"# code {store.code}")
    for group in dict.fromkeys(run.group for run in runs):
        mine = [run for run in runs if run.group == group]
        done = sum(store.has(run) for run in mine)
        print(f"#   {group:10} {done:3} of {len(mine):3} runs done: {GROUPS[group]}")
    minutes = work.expected_seconds(missing, store) / jobs / 60
    print(
        f"# {len(missing)} of {len(wanted)} runs to do, about {minutes:.0f} minutes "
        f"with {jobs} at a time",
        flush=True,
    )


def _write(runs: Sequence[Run], store: Store, *, publish: bool) -> None:
    """Print the tables, and put them into the document if they are to be published."""
    results = Results([(run, store.record(run)) for run in runs])
    filled = {
        "requirements": requirements(
            results, store.kept("timing") or (), store.kept("baselines") or ()
        ),
        **tables(results),
    }
    for marker, lines in filled.items():
        print(f"\n# {marker}\n" + "\n".join(lines))
        if publish:
            document.fill(marker, lines)
    if publish:
        store.publish(RECORDS, results.runs)


if __name__ == "__main__":
    sys.exit(main())
