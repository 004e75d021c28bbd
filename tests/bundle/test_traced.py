"""Every number of a report leads somewhere: what prints one is in the table of where it is."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING

import pyarrow as pa

from tests.bundle import made_up
from tests.bundle.pages import pages_of, rendered
from workbench.bundle.content import MeasureLine, PlantedTable
from workbench.bundle.figures import draw_all
from workbench.bundle.report_data import report_data
from workbench.bundle.subject import Delivered, Priced
from workbench.bundle.traced import TRACES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from workbench.bundle.bag import Written
    from workbench.bundle.content import BundleContent

#: What names the case, the report or a file, and no quantity; words of the program.
NAMES = (
    "case", "draft", "heading", "against_heading", "proves", "proves_not", "method.how",
    "method.traces", "subjects.colour", "subjects.label", "subjects.verdict", "subjects.is_cluster",
    "subjects.signals_note", "subjects.axes_note", "subjects.coverage_missing",
)  # fmt: skip


def places(value: Any, path: str = "") -> Iterator[str]:
    """Dotted places of the report's data that print a digit; rows of lists share one."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from places(item, path)
    elif not isinstance(value, bool) and re.search(r"\d", str(value)):
        yield path


def leads(path: str, field: str) -> bool:
    return path == field or path.startswith(f"{field}.")


def everything() -> dict[str, Any]:
    """The data of a report that has every part."""
    made = made_up.content()
    planted = PlantedTable(("Accounts",), (("40",),), ("1 of 2.",))
    measure = MeasureLine("content", "Depth", "e^H, 2 of 3", "Hill 1973")
    content = replace(
        made,
        method=replace(made.method, measures=(measure,), planted=planted),
    )
    return report_data(content, list(draw_all(content)))


def test_every_place_that_prints_a_number_leads_to_one_row() -> None:
    fields = [field for trace in TRACES for field in trace.fields]
    assert len(fields) == len(set(fields))
    for path in sorted(set(places(everything()))):
        if not any(leads(path, name) for name in NAMES):
            # The longest speaks: the caption of the first map counts the case.
            assert any(leads(path, field) for field in fields), path


def test_every_row_speaks_for_something_that_is_printed() -> None:
    data = everything()
    for trace in TRACES:
        for field in trace.fields:
            within: Any = data
            for name in field.split("."):
                within = within[0] if isinstance(within, list) else within
                assert name in within, field
                within = within[name]


def test_what_it_names_is_in_a_bundle(pristine: Written) -> None:
    path = pristine.path
    names = [one.relative_to(path).as_posix() for one in path.rglob("*") if one.is_file()]
    told = report_data(made_up.content(), [])["method"]["traces"]
    for pattern in printed(made_up.content()):
        assert any(fnmatch(name, pattern) for name in names), pattern
    # Nothing was planted in made-up content, and no file of it is named.
    left = {trace.what for trace in TRACES} - {trace["what"] for trace in told}
    assert left == {"What would have been found"}


def test_files_of_what_was_planted_and_delivered_are_named_where_they_are() -> None:
    made = made_up.content()
    planted = PlantedTable(("Accounts",), (("40",),), (), numbers={"grid": []})
    priced = Priced((), (), pa.table({}))
    delivered = Delivered(("All",), (), (), (), pa.table({}), priced)
    subjects = tuple(replace(one, delivered=delivered) for one in made.subjects)
    content = replace(made, subjects=subjects, method=replace(made.method, planted=planted))
    named = {f"data/{name}" for trace in TRACES for name in trace.files}
    assert printed(content) == named
    free = replace(delivered, price=None)
    content = replace(content, subjects=tuple(replace(one, delivered=free) for one in subjects))
    assert printed(content) == named - {"data/figures/*-price.csv"}
    none = replace(content, subjects=tuple(replace(one, delivered=None) for one in subjects))
    assert not any("delivered" in name for name in printed(none))


def printed(content: BundleContent) -> set[str]:
    """Files that the table of traces names."""
    told = report_data(content, [])["method"]["traces"]
    return {name for trace in told for name in trace["files"]}


def test_it_is_printed() -> None:
    text = " ".join(pages_of(rendered(made_up.content())))
    assert "Where each number is, exactly" in text
    told = report_data(made_up.content(), [])["method"]["traces"]
    assert all(" ".join(trace["what"].split()) in text for trace in told)
