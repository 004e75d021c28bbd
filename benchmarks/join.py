"""What tables beside the logs cost: the case's main statements without and with them.

    python -m benchmarks.join [--case CASE] [--exchanges 1000000] [--accounts 10000] [--rounds 5]

Without ``--case`` traffic of that size is simulated and imported first; a case that is given is
copied. A table of all its accounts, one of events and an address database made for it are added,
and taken out again. Prints one JSON object: for each statement the least processor milliseconds
without, with, and after; for each table the processor seconds of adding it and of taking it out;
and what the first and a further call into the case cost.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.domain.added import AddedKind
from workbench.domain.ports import Statement
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

_STATEMENTS = (
    "analysis/exchange_rows",
    "analysis/account_summary",
    "analysis/batches",
    "analysis/signals/shown_values",
    "analysis/signals/sign_ups",
    "analysis/signals/filled_columns",
    "analysis/signals/exchange_settings",
    "services/case_facts",
    "services/moments",
)
_PROGRAM = Path(__file__).resolve().parents[1] / "workbench"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", type=Path, help="copied, never changed")
    parser.add_argument("--exchanges", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        folder = Path(name)
        os.environ["WORKBENCH_CONFIG"] = str(folder / "config")
        case = folder / "joined.case"
        if asked.case:
            shutil.copytree(asked.case, case)
        else:
            from benchmarks.analyse import prepared

            case = prepared(folder, asked.exchanges, asked.accounts)
        print(json.dumps({"benchmark": "join", **measured(case, folder, asked.rounds)}))
    return 0


def measured(case: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """The figures of one case, which is changed and changed back."""
    found: dict[str, Any] = {"without": statements(case, rounds)}
    added = {}
    for kind, path in tables(case, folder).items():
        with Workspace.open(case) as workspace:
            seconds, report = timed(partial(workspace.joining.add, kind, path, Job()))
        added[kind.value] = {"seconds": round(seconds, 2), "matched": report.table.matched}
    found |= {"added": added, "with": statements(case, rounds)}
    with Workspace.open(case) as workspace:
        for table in workspace.joining.tables():
            seconds, _ = timed(partial(workspace.joining.remove, table.added_id))
            added[table.kind.value]["taken_out_seconds"] = round(seconds, 2)
    return found | {"after": statements(case, rounds)}


def statements(case: Path, rounds: int) -> dict[str, float]:
    """Least processor milliseconds of each statement, and of calls into the case."""
    with Workspace.open(case, write=False) as workspace:
        held = workspace._held.case
        seconds, engine = timed(held.engine)
        found = {"first call": seconds}
        found["further call"] = min(timed(lambda: held.engine().close())[0] for _ in range(rounds))
        for name in _STATEMENTS:
            statement = Statement(name, (_PROGRAM / f"{name}.sql").read_text("utf-8"))
            found[Path(name).name] = min(
                timed(partial(engine.table, statement))[0] for _ in range(rounds)
            )
        engine.close()
    found["sum of statements"] = sum(list(found.values())[2:])
    return {name: round(1000 * value, 1) for name, value in found.items()}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of all threads, and the result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def tables(case: Path, folder: Path) -> dict[AddedKind, Path]:
    """A table of every account, bans of each fiftieth, and a database of every address."""
    from tests.formats.mmdb import mmdb

    with Workspace.open(case, write=False) as workspace, workspace._held.engine() as engine:
        text = "SELECT value FROM account ORDER BY account_id"
        values = engine.table(Statement("accounts", text)).column("value").to_pylist()
    paths = {kind: folder / f"{kind.value}.table" for kind in AddedKind}
    del paths[AddedKind.RELEASES]
    with paths[AddedKind.ACCOUNTS].open("w") as file:
        file.write("account_id,created_at,email_domain,payment_hash,parent_org,plan\n")
        for n, value in enumerate(values):
            day = f"2026-01-{1 + n % 28:02}T00:00:00Z"
            file.write(f"{value},{day},d{n % 300}.example,p{n % 5000},o{n % 3000},pro\n")
    with paths[AddedKind.EVENTS].open("w") as file:
        file.write("account_id,at,event\n")
        file.writelines(f"{value},2026-05-20T00:00:00Z,ban\n" for value in values[::50])
    networks = {
        f"{n}.0.0.0/8": {"country": {"iso_code": "NL"}, "autonomous_system_number": 64_512 + n}
        for n in range(256)
    }
    paths[AddedKind.ADDRESSES].write_bytes(mmdb(networks))
    return paths


if __name__ == "__main__":
    sys.exit(main())
