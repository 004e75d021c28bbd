"""Whole files through detection and reading, for the tests of single formats."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from workbench.domain.ports import ReadOptions
from workbench.formats.adapter import Adapter
from workbench.formats.detect import detect

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[dict[str, Any]]


def as_csv(records: Rows) -> bytes:
    """The records as CSV: nested fields as JSON text, what is missing or None as empty cells."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(dict.fromkeys(key for each in records for key in each)))
    writer.writeheader()
    for each in records:
        writer.writerow(
            {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in each.items()}
        )
    return sink.getvalue().encode()


def as_lines(records: Rows) -> bytes:
    """The records as JSON lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


def imported(path: Path, data: bytes) -> tuple[Rows, Rows, str]:
    """Loaded rows, rejects, and the format that was detected; the data fit into one block."""
    path.write_bytes(data)
    layout = detect(path, ReadOptions(zone="UTC"))
    parsed = Adapter(layout.recipe).read(data, first=True)
    return parsed.records.to_pylist(), parsed.rejects.to_pylist(), layout.detection.format
