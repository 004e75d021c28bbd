"""A campaign that goes on after a ban: is it found again by its fingerprint, and who else is?

    python -m benchmarks.regrowth                          the tables of docs/fingerprints.md
    python -m benchmarks.regrowth --keep FOLDER            keeps its cases, and goes on from them

Goes the way of a user: a log with a campaign is written, imported and analysed, ``workbench
fingerprint`` takes its cluster, and ``workbench match`` looks for it in logs of other people: one
in which the same operator goes on with accounts that nobody has seen, those of other operators,
and some without any. Prompts are real sets; nothing was tuned on these seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from benchmarks.document import fill
from benchmarks.evaluation.plan import PROMPTS
from workbench.domain.errors import InputError
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.domain.settings import AnalysisSettings
from workbench.simulate.folder import FolderLibrary
from workbench.simulate.logs import LogKind, write_logs
from workbench.simulate.regrow import first_of, halves_of, log_with
from workbench.simulate.scenario import Operator

if TYPE_CHECKING:
    from workbench.simulate.plant import Planted

DOCUMENT: Final = Path("docs/fingerprints.md")
ACCOUNTS, EXCHANGES, DAYS = 1_560, 25_000, 42
PLANTED: Final = 60
#: Mean exchanges of a planted account beside those of the log's others.
_VOLUME: Final = 2.9
#: Name -> seed and operator. Seeds 51 and 52 are for development.
CAMPAIGNS: Final = {
    "61": (61, Operator()),
    "62": (62, Operator()),
    "63": (63, Operator()),
    "64, 60 % its customers'": (64, replace(Operator(), dilution=0.6)),
}
#: Accounts of a regrowth so small that it is no cluster, and the campaigns that have one.
FEW: Final = 10
SMALL: Final = ("61", "62", "63")
BENIGN: Final = (3061, 3062)


@dataclass(frozen=True, slots=True)
class Trial:
    """One fingerprint looked for in one log.

    Attributes:
        fingerprint: Of which campaign.
        log: Which case, as ``make`` calls it.
        accounts: Accounts of the log.
        there: Accounts of the campaign that goes on.
        named: Accounts that pass the threshold.
        right: Of these, the campaign's.
        home: Accounts expected to pass by chance, at the rate of where it was taken.
        here: The same by the slope of the log.
        chance: Probability of as many, the larger of both.
        clusters: Clusters that resemble it.
        surer: Accounts with q of .05 or less among the log's own.
        surer_right: Of these, the campaign's.
    """

    fingerprint: str
    log: str
    accounts: int
    there: int
    named: int
    right: int
    home: float
    here: float
    chance: float
    clusters: int
    surer: int
    surer_right: int


def campaign(name: str) -> tuple[Planted, Planted]:
    """An operator before and after its ban."""
    seed, operator = CAMPAIGNS[name]
    exchanges = round(2 * PLANTED * _VOLUME * EXCHANGES / ACCOUNTS)
    return halves_of(
        operator,
        accounts=PLANTED,
        exchanges=exchanges,
        days=DAYS,
        seed=seed,
        library=FolderLibrary(PROMPTS),
        job=Job(),
    )


def sets_of(name: str) -> dict[str, float]:
    """Of which sets a campaign asks after its ban, by share of what it harvests."""
    _, after = campaign(name)
    harvested = after.prompt.filter(pa.array(after.planned))
    found = {}
    for file in sorted((PROMPTS / "campaign").glob("*.parquet")):
        texts = pq.read_table(file, columns=["prompt"]).column("prompt")
        held = pc.is_in(harvested, value_set=texts.combine_chunks().unique())
        found[file.stem] = pc.sum(held).as_py() / len(harvested)
    return found


def alike(one: str, other: str, sets: dict[str, dict[str, float]]) -> float:
    """What two campaigns ask of the same sets, as a share."""
    return sum(min(share, sets[other][name]) for name, share in sets[one].items())


def case(folder: Path, planted: Planted | None, seed: int) -> Path:
    """An analysed case of a log; the one that is there already."""
    from workbench.services.workspace import Workspace

    if (folder / "done").exists():
        return folder / "run.case"
    job = Job()
    traffic = log_with(
        planted,
        exchanges=EXCHANGES,
        accounts=ACCOUNTS,
        seed=seed,
        library=FolderLibrary(PROMPTS),
        job=job,
    )
    write_logs(traffic, folder, [LogKind.parse("canonical.parquet")], job)
    with Workspace.create(folder / "run.case") as workspace:
        workspace.importing.run(
            [folder / "log-canonical.parquet"], Frame(system="sim"), ReadOptions(), job
        )
        workspace.analysing.run(AnalysisSettings(), job)
    (folder / "done").touch()
    return folder / "run.case"


def make(folder: Path) -> dict[str, Path]:
    """Every case: "before NAME", "after NAME", "few NAME" and "benign SEED"."""
    found = {}
    for number, name in enumerate(CAMPAIGNS):
        before, after = campaign(name)
        for which, planted, seed in (("before", before, 1061), ("after", after, 2061)):
            at = folder / f"{which}-{CAMPAIGNS[name][0]}"
            found[f"{which} {name}"] = case(at, planted, seed + number)
            print(f"# {at.name}", flush=True)
        if name in SMALL:
            at = folder / f"few-{CAMPAIGNS[name][0]}"
            found[f"few {name}"] = case(at, first_of(after, FEW), 4061 + number)
            print(f"# {at.name}", flush=True)
    for seed in BENIGN:
        found[f"benign {seed}"] = case(folder / f"benign-{seed}", None, seed)
        print(f"# benign-{seed}", flush=True)
    return found


def planted_in(path: Path) -> set[str]:
    """Accounts of the campaign in the log of a case."""
    truth = pyarrow.csv.read_csv(path.parent / "truth.csv")
    return set(truth.filter(pc.equal(truth["campaign_id"], "C1"))["account_id"].to_pylist())


def taken(path: Path, out: Path) -> str:
    """Take the fingerprint of the cluster that holds most of the campaign; what it is like."""
    from workbench.services.workspace import Workspace

    planted = planted_in(path)
    with Workspace.open(path) as workspace:
        rows = workspace.browsing.accounts().to_pylist()
        held = [r["cluster_id"] for r in rows if r["cluster_id"] and r["account_id"] in planted]
        if not held:
            raise InputError(f"{path} has no cluster of the campaign.")
        cluster = max(sorted(set(held)), key=held.count)
        found = workspace.fingerprinting.take(cluster, out, Job()).fingerprint
    seen = found.threshold.seen
    return (
        f"{found.origin.n_accounts} | {held.count(cluster)} | {found.threshold.nats / 1_000:.1f} | "
        f"{seen.members} | {seen.ordinary} of {found.ordinary:,} | {len(found.data) / 1_000:.0f} kB"
    )


def looked(path: Path, name: str, file: Path, log: str) -> Trial:
    """Look for a fingerprint in a case."""
    from workbench.services.workspace import Workspace

    planted = planted_in(path)
    with Workspace.open(path, write=False) as workspace:
        (found,) = workspace.fingerprinting.match([file], Job())
    rows = found.accounts.to_pylist()
    sure = [row for row in rows if row["q"] <= 0.05]
    assert found.expected_home is not None
    assert found.expected_here is not None
    assert found.chance is not None
    return Trial(
        fingerprint=name,
        log=log,
        accounts=found.n_accounts,
        there=len(planted),
        named=len(rows),
        right=sum(row["account_id"] in planted for row in rows),
        home=found.expected_home,
        here=found.expected_here,
        clusters=len(found.resembling),
        chance=found.chance,
        surer=len(sure),
        surer_right=sum(row["account_id"] in planted for row in sure),
    )


def trials(folder: Path) -> tuple[list[str], list[Trial]]:
    """Every fingerprint in every log: what each is like, and what was found."""
    cases = make(folder)
    homes, found = [], []
    for name in CAMPAIGNS:
        file = folder / f"{CAMPAIGNS[name][0]}.fingerprint.json"
        homes.append(f"| {name} | {taken(cases[f'before {name}'], file)} |")
        for log in (key for key in cases if not key.startswith("before")):
            one = looked(cases[log], name, file, log)
            print(json.dumps(asdict(one)), flush=True)
            found.append(one)
    return homes, found


def table(found: list[Trial], sets: dict[str, dict[str, float]]) -> list[str]:
    """Markdown: a line for each fingerprint and log; ``sets`` of each campaign, by ``sets_of``."""
    lines = [
        "| fingerprint | looked for in | same prompt sets | planted there | of these named "
        "| others named | by chance, home | by chance, here | p | clusters | planted at q .05 "
        "| others at q .05 |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in found:
        kind, _, campaign_of_log = one.log.partition(" ")
        own = kind != "benign" and campaign_of_log == one.fingerprint
        where = {
            "after": f"regrowth of {campaign_of_log}",
            "few": f"regrowth of {campaign_of_log}, {FEW} accounts",
            "benign": "no campaign",
        }[kind]
        shared = alike(one.fingerprint, campaign_of_log, sets) if kind != "benign" else 0.0
        cells = (
            one.fingerprint,
            f"**{where}**" if own else where,
            f"{100 * shared:.0f} %",
            one.there,
            one.right,
            one.named - one.right,
            f"{one.home:.1f}",
            f"{one.here:.1f}",
            "< .0001" if one.chance < 1e-4 else f"{one.chance:.4f}".lstrip("0"),
            one.clusters,
            one.surer_right,
            one.surer - one.surer_right,
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def main() -> int:
    """Make the logs, look for every fingerprint in each, fill the tables; 1 without prompts."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.regrowth",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep cases, and go on")
    asked = parser.parse_args()
    if not PROMPTS.is_dir():
        print(f"# {PROMPTS} is not there: nothing is planted")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = asked.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["WORKBENCH_CONFIG"] = str(Path(name) / "config")
        homes, found = trials(folder)
    head = [
        "| campaign | accounts of the cluster | of these planted | threshold, nats | of the "
        "cluster above | of ordinary above | file |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    fill("fingerprints", [*head, *homes], DOCUMENT)
    lines = table(found, {name: sets_of(name) for name in CAMPAIGNS})
    print("\n".join([*head, *homes, *lines]), flush=True)
    fill("regrowth", lines, DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
