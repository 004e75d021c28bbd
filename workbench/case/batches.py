"""Closed imports as the case tells of them, and how what was said of one is written down."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from workbench.case.statements import statement
from workbench.domain.exchange import Accounting, Frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from workbench.domain.door import Door
    from workbench.domain.ports import ReadOptions

#: In the options of a batch.
_HEADS: Final = "heads"


@dataclass(frozen=True, slots=True)
class Batch:
    """One closed import.

    Attributes:
        batch_id: From 1.
        opened_us: UTC microseconds.
        closed_us: UTC microseconds.
        frame: As it now stands, later additions included.
        options: How files were read: zone and mapping; and ``door``, where something was left out.
        accounting: Fates of the records of all its files.
        heads: By the path of a file the line that says what lies in its columns, as it stands
            before its rows; of files whose records say it themselves, none.
    """

    batch_id: int
    opened_us: int
    closed_us: int
    frame: Frame
    options: Mapping[str, Any]
    accounting: Accounting
    heads: Mapping[str, str]


def closed_batches(cursor: duckdb.DuckDBPyConnection) -> list[Batch]:
    """Closed batches with their frames, in order."""
    batches = []
    for batch_id, opened, closed, frame, said, *counts in cursor.execute(
        statement("batches")
    ).fetchall():
        options = json.loads(said)
        heads = options.pop(_HEADS, {})
        batches.append(
            Batch(
                batch_id,
                opened,
                closed,
                replace(Frame(), **json.loads(frame)),
                options,
                Accounting(*counts),
                {path: head for head, paths in heads.items() for path in paths},
            )
        )
    return batches


def written_options(options: ReadOptions, door: Door, heads: Mapping[str, str]) -> dict[str, Any]:
    """Zone and mapping; the door, where something is left out; heads, each once with its files."""
    said: dict[str, Any] = {"zone": options.zone, "mapping": dict(options.mapping)}
    if not door.is_open:
        said["door"] = door.as_dict()
    paths: dict[str, list[str]] = {}
    for path, head in heads.items():
        paths.setdefault(head, []).append(path)
    return said | ({_HEADS: paths} if paths else {})


def dump(value: Mapping[str, Any]) -> str:
    """As JSON."""
    # What a shell handed over may hold lone surrogates; ASCII escapes carry them.
    return json.dumps(value, sort_keys=True)
