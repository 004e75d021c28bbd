import csv
import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bundle.made_up import MENAGERIE, bounded
from workbench.bundle.viewing import ViewingCopy, safe_text, write_viewing_copy

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\u2212"


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def runs_in_a_spreadsheet(cell: str) -> bool:
    """Whether some spreadsheet could see a formula: at the start, or after any separator."""
    parts = [cell]
    for separator in (";", ",", "|", "\t", '"', "'"):
        parts = [piece for part in parts for piece in part.split(separator)]
    # What was split off by our own apostrophe begins with the sign that it defuses.
    return any(
        cell.lstrip(" \u3000").startswith(sign) or f"{separator}{sign}" in cell
        for sign in SIGNS
        for separator in (";", ",", "|", "\t", '"')
    )


def test_hostile_cells_are_inert_and_one_line_each(tmp_path: Path) -> None:
    texts = [bounded(text) for text in MENAGERIE]
    write_viewing_copy(pa.table({"text": texts}), tmp_path / "t.csv")
    raw = (tmp_path / "t.csv").read_bytes()
    assert raw.count(b"\n") == len(texts) + 1
    read = [row[0] for row in cells(tmp_path / "t.csv")[1:]]
    assert len(read) == len(texts)
    assert not [cell for cell in read if runs_in_a_spreadsheet(cell)]
    assert not [c for cell in read for c in cell if ord(c) < 32 or c in "\u202e\u200b\x7f"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=8))
def test_any_text_is_inert_and_stays_itself_otherwise(texts: list[str]) -> None:
    safe = safe_text(pa.array(texts, pa.string())).to_pylist()
    assert len(safe) == len(texts)
    for before, after in zip(texts, safe, strict=True):
        assert not runs_in_a_spreadsheet(after)
        assert "\n" not in after
        if before.isalnum() and before.isascii():
            assert after == before


def test_repeated_texts_take_the_short_way_to_the_same_answer() -> None:
    texts = pa.array(["=1", "a\u202eb", None, "plain"] * 50, pa.string())
    expected = ["'=1", "a<U+202E>b", None, "plain"]
    assert safe_text(texts).to_pylist() == expected * 50
    assert [safe_text(texts.slice(i, 1)).to_pylist()[0] for i in range(4)] == expected


@pytest.mark.parametrize(("length", "cut"), [(10, False), (11, True)])
def test_long_texts_are_cut_with_an_ellipsis(length: int, cut: bool) -> None:
    text = safe_text(pa.array(["é" * length]), longest=10)[0].as_py()
    assert text == ("é" * 9 + "…" if cut else "é" * 10)


def test_numbers_times_and_nulls_keep_their_kind(tmp_path: Path) -> None:
    table = pa.table(
        {
            "n": pa.array([-1.5, None]),
            "t": pa.array([dt.datetime(2026, 5, 1, 1, 2, 3), None], pa.timestamp("us")),
            "s": pa.array([None, ""], pa.string()),
            "b": pa.array([True, None]),
        }
    )
    write_viewing_copy(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines() == [
        '"n","t","s","b"',
        '-1.5,"2026-05-01T01:02:03.000000Z",,true',
        ',,"",',
    ]


def test_batches_append(tmp_path: Path) -> None:
    table = pa.table({"n": [1, 2, 3]})
    with ViewingCopy(tmp_path / "t.csv", table.schema) as copy:
        for batch in table.to_batches(max_chunksize=1):
            copy.write(batch)
    assert (tmp_path / "t.csv").read_text() == '"n"\n1\n2\n3\n'
