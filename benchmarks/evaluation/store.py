"""Results on disk, under the digest of the code that made them: a run cut off goes on.

A result is read instead of computed where all code that can change it is as it was. Code that only
judges, explains or shows has no part in the digest.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.evaluation import records
from benchmarks.evaluation.records import judge
from benchmarks.evaluation.runs import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.evaluation.plan import Run
    from benchmarks.evaluation.records import Record

_PROJECT: Final = Path(__file__).resolve().parents[2]
#: Rooms whose code decides what is said of an account.
_ROOMS: Final = (
    "workbench/domain",
    "workbench/kernels",
    "workbench/case",
    "workbench/formats",
    "workbench/analysis",
    "workbench/simulate",
    "resources/simulate",
)
#: What looks at clusters after they were judged.
_AFTERWARDS: Final = ("clusters/examine/", "clusters/attribution", "clusters/loss")
_TRUTH: Final = ("account_id", "campaign_id", "lookalike")


def code_digest() -> str:
    """Digest of the code and versions that decide results, 12 hex digits."""
    digest = hashlib.sha256(sys.version.encode())
    paths = [path for room in _ROOMS for path in (_PROJECT / room).rglob("*")]
    paths += [_PROJECT / "requirements.lock", _PROJECT / "benchmarks/evaluation/runs.py"]
    for path in sorted(paths):
        name = path.relative_to(_PROJECT).as_posix()
        if path.suffix not in {".py", ".sql", ".toml", ".lock"} or any(
            part in name for part in _AFTERWARDS
        ):
            continue
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


class Store:
    """Results of one state of the code.

    Args:
        folder: Where results of all states lie, whole, on this machine.
        code: Digest of the state.
        published: The file of records that goes with the project: what it tells of this state
            need not be run again. None to begin with nothing.
    """

    def __init__(self, folder: Path, code: str, published: Path | None = None) -> None:
        self.code = code
        self._folder = folder / code
        self._published = records.read(published, code) if published else records.Published({}, {})

    def path(self, run: Run) -> Path:
        """Where a run's result lies."""
        return self._folder / f"{_key(run)}.parquet"

    def has(self, run: Run) -> bool:
        """Whether the run need not be done."""
        return self.path(run).exists() or _key(run) in self._published.records

    def record(self, run: Run) -> Record | None:
        """The run, judged: from its result, or as published; None where there is neither."""
        outcome = self.load(run)
        if outcome is not None:
            return judge(outcome)
        told = self._published.records.get(_key(run))
        return told and replace(told, run=run.as_dict())

    def publish(self, path: Path, found: Iterable[tuple[Run, Record | None]]) -> None:
        """Write the file of records anew: these, and what other benchmarks said."""
        steps = self._published.steps | {
            kept.stem: json.loads(kept.read_text("utf-8"))
            for kept in sorted(self._folder.glob("*.json"))
        }
        told = {_key(run): record for run, record in found if record is not None}
        records.write(path, self.code, records.Published(told, steps))

    def load(self, run: Run) -> Outcome | None:
        """The result of a run; None where there is none yet."""
        path = self.path(run)
        if not path.exists():
            return None
        table = pq.read_table(path)
        said: dict[str, Any] = json.loads(table.schema.metadata[b"evaluation"])
        known = table.filter(table["named"])
        truth = known.select([f"truth {name}" for name in _TRUTH]).rename_columns(list(_TRUTH))
        held = table.filter(table["held"])
        accounts = held.drop_columns(["named", "held", *(f"truth {name}" for name in _TRUTH)])
        return Outcome(run.as_dict(), accounts, truth, said)

    def save(self, run: Run, outcome: Outcome) -> None:
        """Keep a result, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        truth = outcome.truth.rename_columns([f"truth {name}" for name in _TRUTH])
        flags = [
            outcome.accounts.append_column("held", pa.array([True] * outcome.accounts.num_rows)),
            truth.append_column("named", pa.array([True] * truth.num_rows)),
        ]
        table = pa.concat_tables(flags, promote_options="default")
        for name in ("held", "named"):
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, table[name].fill_null(False))
        said = json.dumps(outcome.facts)
        path = self.path(run)
        whole = path.with_suffix(".part")
        pq.write_table(table.replace_schema_metadata({"evaluation": said}), whole)
        whole.replace(path)

    def facts(self) -> list[dict[str, Any]]:
        """Facts of every result of this state."""
        paths = sorted(self._folder.glob("*.parquet"))
        return [json.loads(pq.read_schema(path).metadata[b"evaluation"]) for path in paths]

    def keep(self, name: str, lines: list[dict[str, Any]]) -> None:
        """Keep what another benchmark said."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{name}.json").write_text(json.dumps(lines), "utf-8")

    def kept(self, name: str) -> list[dict[str, Any]] | None:
        """What another benchmark said; None before it was run."""
        path = self._folder / f"{name}.json"
        if not path.exists():
            return self._published.steps.get(name)
        lines: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
        return lines


def _key(run: Run) -> str:
    """The same for runs that share one result."""
    told = json.dumps({k: v for k, v in run.as_dict().items() if k not in ("group", "point")})
    return f"{run.label}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
