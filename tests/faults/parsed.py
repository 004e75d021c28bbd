"""What must hold of whatever a reader gives, of any bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.domain.exchange import RECORD_SCHEMA, REJECT_SCHEMA

if TYPE_CHECKING:
    from workbench.domain.ports import Parsed


def check_counted(total: int, parts: list[Parsed]) -> None:
    """Each record of the file is counted once, in order."""
    numbers: list[int] = []
    others = 0
    for part in parts:
        assert part.records.schema.equals(RECORD_SCHEMA)
        assert part.rejects.schema.equals(REJECT_SCHEMA)
        part.records.validate(full=True)
        rows, rejects = part.records["record_no"].to_pylist(), part.rejects["record_no"].to_pylist()
        assert rows == sorted(rows)
        assert rejects == sorted(rejects)
        numbers += sorted(rows + rejects)
        others += part.blank + part.header
    assert numbers == sorted(set(numbers))
    assert len(numbers) + others == total
    assert not numbers or 1 <= numbers[0] <= numbers[-1] <= total


def check_raw(parts: list[Parsed], plain: bytes) -> None:
    """A reject keeps the bytes that stand at its offset."""
    for part in parts:
        for row in part.rejects.to_pylist():
            start = row["byte_offset"]
            assert plain[start : start + len(row["raw"])] == row["raw"]
