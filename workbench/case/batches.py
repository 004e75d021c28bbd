"""Closed imports as the case tells of them, and how what was said of one is written down."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.case.statements import statement
from workbench.domain.exchange import Accounting, Frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from workbench.domain.door import Door
    from workbench.domain.ports import ReadOptions


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
    """

    batch_id: int
    opened_us: int
    closed_us: int
    frame: Frame
    options: Mapping[str, Any]
    accounting: Accounting


def closed_batches(cursor: duckdb.DuckDBPyConnection) -> list[Batch]:
    """Closed batches with their frames, in order."""
    return [
        Batch(
            batch_id,
            opened,
            closed,
            replace(Frame(), **json.loads(frame)),
            json.loads(options),
            Accounting(*counts),
        )
        for batch_id, opened, closed, frame, options, *counts in cursor.execute(
            statement("batches")
        ).fetchall()
    ]


def written_options(options: ReadOptions, door: Door) -> dict[str, Any]:
    """Zone and mapping; and the door, where something is left out."""
    said = {"zone": options.zone, "mapping": dict(options.mapping)}
    return said if door.is_open else said | {"door": door.as_dict()}


def dump(value: Mapping[str, Any]) -> str:
    """As JSON."""
    # What a shell handed over may hold lone surrogates; ASCII escapes carry them.
    return json.dumps(value, sort_keys=True)
