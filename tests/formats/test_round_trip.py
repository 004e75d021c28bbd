"""What was said comes back as it was, whatever characters it holds, out of every format's shape.

Exchanges of any text are written as each format has them, as a file, and read by detection. A
format that has no round trip here fails the last test: it gets one, or a reason in ``NONE``.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from tests.formats.reading import as_lines, imported
from tests.formats.said import ALL, MANY, SAID, canonical, check
from tests.formats.said_in import WRITTEN
from tests.formats.said_in_files import LINES, PAIRS, STREAMS, audited, counted
from tests.services.halves import ask, load, write
from workbench.domain.account import IdentityKind
from workbench.domain.added import AddedKind, Counted
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.added_tables import kinds_of, open_table
from workbench.formats.known import known_formats
from workbench.formats.mapping import Mapped
from workbench.formats.read import open_source
from workbench.formats.text import is_absent
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from tests.formats.reading import Record
    from tests.formats.said import Said

_SEVERAL: Final = st.lists(SAID, min_size=1, max_size=3)
#: Azure takes ids of resources without regard to case, and they are read in lower case.
_FOLDED: Final = ("azure-openai",)


@MANY
@given(said=_SEVERAL)
@pytest.mark.parametrize("name", WRITTEN)
def test_what_was_said_comes_back(tmp_path: Path, name: str, said: list[Said]) -> None:
    write, kept = WRITTEN[name]
    if name in _FOLDED:
        said = [replace(each, account=each.account.lower()) for each in said]
    rows, rejects, detected = imported(tmp_path / "log", as_lines([write(each) for each in said]))
    assert (detected, rejects) == (name.partition(",")[0], [])
    check(rows, said, kept)


def _separated(said: list[Said], mark: str) -> bytes:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(canonical(said[0])), delimiter=mark, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(canonical(each) for each in said)
    return sink.getvalue().encode()


@MANY
@given(said=_SEVERAL)
@pytest.mark.parametrize("mark", [",", "\t"])
def test_cells_come_back(tmp_path: Path, mark: str, said: list[Said]) -> None:
    (tmp_path / "log").write_bytes(_separated(said, mark))
    check(_read(tmp_path / "log"), said, ALL)


@MANY
@given(said=_SEVERAL)
@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_columns_come_back(tmp_path: Path, kind: str, said: list[Said]) -> None:
    table = pa.Table.from_pylist([canonical(each) for each in said])
    path = tmp_path / "log"
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        opened = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
        with path.open("wb") as sink, opened(sink, table.schema) as writer:
            writer.write_table(table)
    check(_read(path), said, ALL)


def _read(path: Path, options: ReadOptions | None = None) -> list[Record]:
    parsed = list(open_source(path, options or ReadOptions()).blocks(Job()))
    assert not any(each.rejects.num_rows for each in parsed)
    return [row for each in parsed for row in each.records.to_pylist()]


@MANY
@given(said=_SEVERAL)
def test_mapped_fields_come_back(tmp_path: Path, said: list[Said]) -> None:
    """A shape that nobody knows, by what a person says of it."""
    path = tmp_path / "log"
    fields = {column: f"field {number}" for number, column in enumerate(sorted(ALL))}
    records = [canonical(each) for each in said]
    path.write_bytes(
        as_lines([{"x": {fields[column]: v for column, v in each.items()}} for each in records])
    )
    mapping = {column: f'x["{field}"]' for column, field in fields.items()}
    check(_read(path, ReadOptions(mapping=mapping)), said, ALL)


@MANY
@given(said=_SEVERAL)
@pytest.mark.parametrize("name", LINES)
def test_lines_of_text_come_back(tmp_path: Path, name: str, said: list[Said]) -> None:
    line, kept = LINES[name]
    text = "INFO 05-01 09:46:35 [launcher.py:34] Route: /v1/models, Methods: GET\n"
    text += "".join(line(each) + "\n" for each in said)
    rows, rejects, detected = imported(tmp_path / "log", text.encode())
    assert (detected, len(rejects)) == (name.partition(",")[0], 1)
    check(rows, said, kept)


@MANY
@given(said=_SEVERAL)
@pytest.mark.parametrize("name", STREAMS)
def test_streams_come_back(tmp_path: Path, name: str, said: list[Said]) -> None:
    stream, kept = STREAMS[name]
    rows, rejects, detected = imported(tmp_path / "log", b"".join(map(stream, said)))
    assert (detected, rejects) == (name, [])
    check(rows, said, kept)


_EXCHANGES: Final = """
SELECT request_id, make_timestamp(ts_us) AS ts, account.value AS account_id, u.value AS end_user,
  model.value AS model, system.value AS system, prompt.text AS prompt, completion, in_tok, out_tok,
  address.value AS ip
FROM exchange LEFT JOIN account USING (account_id) LEFT JOIN identity u ON u.identity_id = user_id
LEFT JOIN model USING (model_id) LEFT JOIN system USING (system_id)
LEFT JOIN prompt USING (prompt_id) LEFT JOIN address USING (address_id)
ORDER BY exchange_id
"""
_NAMES: Final = (
    *("request_id", "ts", "account_id", "end_user", "model", "system", "prompt", "completion"),
    *("in_tok", "out_tok", "ip"),
)


# Each example is an import of twenty exchanges: making it smaller takes many more of them.
@settings(parent=MANY, max_examples=4, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    said=st.lists(SAID, min_size=15, max_size=20, unique_by=lambda each: each.number),
    order=st.randoms(use_true_random=False),
)
@pytest.mark.parametrize("name", PAIRS)
def test_two_files_come_back_as_one(
    tmp_path_factory: pytest.TempPathFactory, name: str, said: list[Said], order: Random
) -> None:
    """Through a real import: what each file says of an exchange is joined there."""
    folder = tmp_path_factory.mktemp("case")
    asked, answered, kept = PAIRS[name]
    files = [
        write(folder / "asked", *map(asked, said)),
        write(folder / "answered", *map(answered, order.sample(said, len(said)))),
    ]
    with Workspace.create(folder / "a.case") as workspace:
        report = load(workspace, *files)
        rows = [dict(zip(_NAMES, row, strict=True)) for row in ask(workspace, _EXCHANGES)]
    assert (report.total.loaded, report.total.joined) == (len(said), len(said))
    check(rows, said, kept)


@MANY
@given(said=_SEVERAL)
def test_what_was_done_to_keys_comes_back(tmp_path: Path, said: list[Said]) -> None:
    """OpenAI's audit log holds no exchange; what it tells is who, when, from where."""
    path = tmp_path / "audit"
    path.write_bytes(as_lines([audited(each) for each in said]))
    assert kinds_of(path) == (AddedKind.EVENTS, AddedKind.ACCOUNTS)
    events, accounts = (_told(path, kind) for kind in kinds_of(path))
    moments = [dt.datetime.fromtimestamp(each.at_us / 1e6, dt.UTC) for each in said]
    assert [(row["value"], row["happened_at"]) for row in events] == [
        (each.account, at.replace(tzinfo=None)) for each, at in zip(said, moments, strict=True)
    ]
    assert [
        (row["value"], row["created_at"], row["parent_org"], row["signup_address"])
        for row in accounts
    ] == [
        (each.account, at.replace(tzinfo=None), each.model, each.ip)
        for each, at in zip(said, moments, strict=True)
    ]


@MANY
@given(said=_SEVERAL)
def test_what_was_counted_comes_back(tmp_path: Path, said: list[Said]) -> None:
    """Usage holds no exchange; what it tells is a key's project and how often it asked."""
    # In a table NA and its like say that there is nothing.
    assume(not any(is_absent(word) for each in said for word in (each.account, each.model)))
    path = tmp_path / "usage"
    path.write_bytes(as_lines([counted(each) for each in said]))
    assert kinds_of(path) == (AddedKind.ACCOUNTS,)
    reader = open_table(path, AddedKind.ACCOUNTS)
    rows = [row for block in reader.blocks(Job()) for row in block.rows.to_pylist()]
    assert [(row["value"], row["parent_org"]) for row in rows] == [
        (each.account, each.model) for each in said
    ]
    requests: dict[tuple[str, int], int] = {}
    for each in said:
        at = (each.account, each.at_us)
        requests[at] = requests.get(at, 0) + each.in_tok
    assert set(reader.counted) == {
        Counted(IdentityKind.KEY, name, start, start + 3_600_000_000, number)
        for (name, start), number in requests.items()
    }


def _told(path: Path, kind: AddedKind) -> list[Record]:
    blocks = list(open_table(path, kind).blocks(Job()))
    assert not any(block.rejects.num_rows for block in blocks)
    return [row for block in blocks for row in block.rows.to_pylist()]


#: Formats of which nothing could come back, and why not: none so far.
NONE: Final[dict[str, str]] = {}


def test_every_format_has_its_round_trip() -> None:
    """Those of other packages, too, where the environment has some."""
    there = {each.name for each in known_formats()} | {Mapped.name}
    tried = {name.partition(",")[0] for name in (*WRITTEN, *LINES, *STREAMS, *PAIRS)}
    assert there - tried - {Mapped.name} - NONE.keys() == set()
    assert tried | NONE.keys() <= there
    assert all(NONE.values())
