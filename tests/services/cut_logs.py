"""Small logs of several kinds in which everything happens on which going on might stumble."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path


def lines(first: int, count: int, **more: Any) -> bytes:
    """JSON lines of which every tenth is bad, every seventh a copy, and every fifth has no id."""
    out = []
    for i in range(first, first + count):
        if i % 10 == 9:
            out.append(b"{broken")
            continue
        n = i if i % 7 else max(first, i - 1)
        record = {
            "request_id": f"r{n}",
            "ts": f"2026-03-01T12:{n % 60:02}:00Z",
            "account_id": f"k{n % 13}",
            "end_user": f"u{n % 5}",
            "ip": f"10.0.{n % 50}.1",
            "prompt": f"What is {n % 90}? " + "x" * (n % 37),
            "completion": f"It is {n}.",
            "model": f"m{n % 3}",
            "in_tok": n if n % 11 else "many",
            "embedding": [n % 90, 1.0] if n % 4 == 0 else None,
        } | more
        if n % 5 == 0:
            del record["request_id"]
            record |= {"prompt": f"again {n % 20}", "ts": None, "completion": "", "in_tok": 1}
        out.append(json.dumps(record).encode())
    return b"\n".join(out) + b"\n"


def plain(folder: Path) -> list[Path]:
    (folder / "a.jsonl").write_bytes(lines(0, 400))
    return [folder / "a.jsonl"]


def packed(folder: Path) -> list[Path]:
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(lines(0, 400)))
    return [folder / "a.jsonl.gz"]


def several(folder: Path) -> list[Path]:
    """One of them twice, one known to the case, and two that overlap."""
    (folder / "a.jsonl").write_bytes(lines(0, 150))
    (folder / "b.jsonl").write_bytes(lines(90, 200))
    (folder / "c.jsonl").write_bytes(lines(0, 150))
    (folder / "known.jsonl").write_bytes(lines(1000, 60))
    (folder / "d.jsonl").write_bytes(lines(240, 130))
    return [folder / f"{name}.jsonl" for name in ("a", "b", "c", "known", "d")]


def rows(folder: Path) -> list[Path]:
    """CSV whose records span lines."""
    text = ["request_id,account_id,prompt,completion\n"]
    text += [
        f'r{i},k{i % 7},"line one of {i}\nand ""two"", {"y" * (i % 50)}",c\n' for i in range(400)
    ]
    (folder / "a.csv").write_text("".join(text))
    return [folder / "a.csv"]


def table(folder: Path) -> list[Path]:
    made = [json.loads(line) for line in lines(0, 400).splitlines() if line != b"{broken"]
    for record in made:
        record["in_tok"] = str(record["in_tok"])
    pq.write_table(pa.Table.from_pylist(made), folder / "a.parquet")
    return [folder / "a.parquet"]


SHAPES = (plain, packed, several, rows, table)
