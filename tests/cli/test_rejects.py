"""``workbench rejects``: what could not be read, listed, written out, repaired and imported."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import workbench
from tests.services.held import every_value
from workbench.domain.ports import Statement
from workbench.formats.decode import KEPT_OF_LONGEST
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

LINES = [
    b'{"request_id":"a","prompt":"one"}',
    b'{"request_id":"b","prompt":"two',
    b'{"request_id":"c","prompt":"th\xffree"}',
]


@pytest.fixture
def case(tmp_path: Path) -> Path:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(LINES) + b"\n")
    assert workbench("import", tmp_path / "a.case", log) == 0
    return tmp_path / "a.case"


def test_rejects_are_written_as_they_lay_repaired_and_imported(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "raw.jsonl"
    capsys.readouterr()
    assert workbench("rejects", case, "--raw", raw) == 0
    assert capsys.readouterr().out == (
        f"2 records written to {raw}\n"
        f"    Once mended: workbench import {case} {raw} --format canonical\n"
    )
    assert raw.read_bytes() == b"\n".join(LINES[1:]) + b"\n"
    raw.write_bytes(raw.read_bytes().replace(b'"two', b'"two"}').replace(b"\xff", b""))
    assert workbench("import", case, raw) == 0
    capsys.readouterr()
    assert workbench("info", case, "--json") == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert counts["exchanges"] == 3


@pytest.mark.parametrize("option", ["--raw", "--export"])
def test_no_file_is_written_over(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    assert workbench("rejects", case, option, mine) == 2
    assert "is there already. Name another file." in capsys.readouterr().err
    assert mine.read_text() == "mine"


def test_bytes_that_were_left_out_at_the_door(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(LINES))
    case = tmp_path / "closed.case"
    assert workbench("import", case, log, "--drop-text") == 0
    capsys.readouterr()
    assert workbench("rejects", case) == 0
    said = capsys.readouterr().out
    assert "two" not in said
    assert "Their bytes were left out at the door." in said
    assert workbench("rejects", case, "--raw", tmp_path / "raw") == 2
    refused = capsys.readouterr()
    assert refused.out == ""
    assert "keeps no bytes of rejected records" in refused.err
    assert not (tmp_path / "raw").exists()


def test_a_damage_that_has_no_bytes_was_not_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.gz"
    raw = bytearray(gzip.compress(LINES[0] + b"\n"))
    raw[-8] ^= 1
    log.write_bytes(raw)
    assert workbench("import", tmp_path / "a.case", log) == 0
    assert "may be altered, too: one check sum covers both. It was loaded up to there" in (
        capsys.readouterr().err
    )
    assert workbench("rejects", tmp_path / "a.case") == 0
    said = capsys.readouterr().out
    assert "the gzip data is damaged near byte" in said
    assert "left out" not in said
    assert workbench("rejects", tmp_path / "a.case", "--raw", tmp_path / "raw") == 0
    said = capsys.readouterr().out
    assert "No record of a log with bytes was rejected, so nothing was written." in said
    assert "Not written: 1 record without any byte." in said


def test_without_a_reject_no_file_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(LINES[0])
    assert workbench("import", tmp_path / "good.case", log, "--drop-text") == 0
    capsys.readouterr()
    assert workbench("rejects", tmp_path / "good.case", "--raw", tmp_path / "raw") == 0
    assert "No record of a log was rejected, so nothing was written." in capsys.readouterr().out
    assert not (tmp_path / "raw").exists()


HEADER = ("request_id", "ts", "account_id", "prompt")
ROWS = [
    ("a", "2026-05-01 10:00:00", "k1", "one, or; two"),
    ("b", "2026-05-01 10:00:01", "k2", 'say "what"'),
    ("c", "2026-05-01 10:00:02", "k3", "three\nlines\nof it"),
    ("d", "2026-05-01 10:00:03", "k1", "four"),
]
QUOTED = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


def as_csv(delimiter: str) -> list[bytes]:
    out = []
    for row in [HEADER, *ROWS]:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(row)
        out.append(text.getvalue().encode())
    return out


def loaded(case: Path) -> list[tuple[Any, ...]]:
    """What the case holds, as rows of the header."""
    with Workspace.open(case, write=False) as workspace, workspace._held.engine() as engine:
        rows = engine.table(
            Statement(
                "loaded",
                "SELECT e.request_id, e.ts_us, i.namespace || '/' || i.value AS account, p.text "
                "FROM exchange AS e JOIN prompt AS p USING (prompt_id) "
                "JOIN identity AS i ON i.identity_id = e.key_id ORDER BY request_id",
            )
        ).to_pylist()
    return [tuple(row.values()) for row in rows]


def mended_commands(text: str) -> list[list[str]]:
    """The commands that are told, as a shell takes them."""
    said = [line.partition("Once mended: workbench ")[2] for line in text.splitlines()]
    return [shlex.split(line) for line in said if line]


@pytest.mark.parametrize("delimiter", QUOTED.values(), ids=QUOTED)
def test_rows_are_written_below_their_header_and_loaded_once_they_are_mended(
    delimiter: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, spoilt = tmp_path / "whole.csv", tmp_path / "spoilt.csv"
    lines = as_csv(delimiter)
    whole.write_bytes(b"".join(lines))
    lines[1] = lines[1].replace(b"k1", b"k1" + delimiter.encode())  # a field too many
    if delimiter != "\t":  # one lost quote in its beginning, and those of TSV are text
        lines[3] = lines[3].replace(b'of it"', b"of it")
    lines[4] = lines[4].replace(b"four", b"fo\xffur")
    spoilt.write_bytes(b"".join(lines))
    how = ("--system", "the gateway", "--zone", "Europe/Berlin")
    assert workbench("import", tmp_path / "whole.case", whole, *how) == 0
    assert workbench("import", tmp_path / "a.case", spoilt, *how) == 0
    raw = tmp_path / "raw one.csv"
    capsys.readouterr()
    assert workbench("rejects", tmp_path / "a.case", "--raw", raw) == 0
    (command,) = mended_commands(capsys.readouterr().out)
    assert command[:3] == ["import", str(tmp_path / "a.case"), str(raw)]
    written = raw.read_bytes()
    assert written.startswith(lines[0])
    mended = written.replace(b"k1" + delimiter.encode() * 2, b"k1" + delimiter.encode())
    mended = mended.replace(b"of it", b'of it"').replace(b"fo\xffur", b"four")
    raw.write_bytes(mended)
    assert workbench(*command) == 0
    assert loaded(tmp_path / "a.case") == loaded(tmp_path / "whole.case")
    assert len(loaded(tmp_path / "a.case")) == 4
    # Mended twice, nothing is there twice.
    raw.write_bytes(mended + b"\n")
    assert workbench(*command) == 0
    assert len(loaded(tmp_path / "a.case")) == 4


COPY = [
    *(b"A%d\t\\N\t\\N\tgood" % n for n in range(64)),
    b"a\t2026-05-01 10:00:00\tk1\tone\\ttab",
    b"b\t2026-05-01 10:00:01\tk2\t\\N\ttoo many",
    b"c\t2026-05-01 10:00:02\t\\N\tthree\\nlines",
    b"d\t2026-05-01 10:00:03\tk1",
]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\t".join(name.encode() for name in HEADER) + b"\n", b""),
        (b'COPY public."Logs" ("request_id", ts, account_id, prompt) FROM stdin;\n', b"\\.\n"),
    ],
    ids=["header", "frame"],
)
def test_copy_text_is_written_in_its_frame(
    before: bytes, after: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, case, raw = tmp_path / "log.copy", tmp_path / "a.case", tmp_path / "raw.copy"
    log.write_bytes(before + b"\n".join(COPY) + b"\n" + after)
    assert workbench("import", case, log, "--zone", "UTC") == 0
    capsys.readouterr()
    assert workbench("rejects", case, "--raw", raw) == 0
    (command,) = mended_commands(capsys.readouterr().out)
    assert raw.read_bytes().splitlines()[1:] == [COPY[-3], COPY[-1]]
    raw.write_bytes(
        raw.read_bytes().replace(b"\\N\ttoo many", b"tabs\\tagain").replace(b"03\tk1", b"03\tk1\tx")
    )
    assert workbench(*command) == 0
    capsys.readouterr()
    assert workbench("info", case, "--json") == 0
    (_, mended) = json.loads(capsys.readouterr().out)["files"]
    assert (mended["loaded"], mended["rejected"], mended["header"]) == (2, 0, 1)
    assert [row[3] for row in loaded(case)] == ["one\ttab", "tabs\tagain", "x"]


def test_rows_of_another_table_are_no_records_to_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, case, raw = tmp_path / "dump.sql", tmp_path / "a.case", tmp_path / "raw.copy"
    log.write_bytes(
        b"COPY logs (request_id, prompt) FROM stdin;\na\tone\nb\n\\.\n"
        b"COPY users (id, name) FROM stdin;\n1\tJane\n\\.\n"
    )
    assert workbench("import", case, log) == 0
    capsys.readouterr()
    assert workbench("rejects", case, "--raw", raw) == 0
    assert "Not written: 1 row of other tables, no log." in capsys.readouterr().out
    assert raw.read_bytes() == b"COPY records (request_id, prompt) FROM stdin;\nb\n"


def test_each_way_of_reading_gets_a_file_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "a.case"
    other = ("prompt", "Key id", "request_id")
    (tmp_path / "one.csv").write_text("request_id,prompt\na,one\nb,two,too many\n")
    (tmp_path / "same.csv").write_text("request_id,prompt\nc,three\nd\n")
    (tmp_path / "other.csv").write_text(";".join(other) + "\nx;k1;e\ny;k2\n")
    (tmp_path / "lines.jsonl").write_bytes(
        b"\n".join(LINES[:2]).replace(b'"a"', b'"j"').replace(b'"b"', b'"k"')
    )
    for names in (
        ("lines.jsonl",),
        ("one.csv", "same.csv"),
        ("other.csv", "--map", "account_id=Key id"),
    ):
        files = [tmp_path / name if "." in name else name for name in names]
        assert workbench("import", case, *files) == 0
    raw = tmp_path / "raw.txt"
    (tmp_path / "raw-2.txt").write_text("mine")
    capsys.readouterr()
    assert workbench("rejects", case, "--raw", raw) == 2
    assert not (tmp_path / "raw-1.txt").exists(), "all of it, or nothing"
    (tmp_path / "raw-2.txt").unlink()
    capsys.readouterr()
    assert workbench("rejects", case, "--raw", raw) == 0
    said = capsys.readouterr().out
    assert said.startswith("Their logs were read in different ways, or have different headers")
    assert not raw.exists()
    assert [(tmp_path / f"raw-{n}.txt").read_text() for n in (2, 3)] == [
        "request_id,prompt\nb,two,too many\nd\n",
        "prompt;Key id;request_id\ny;k2\n",
    ]
    commands = mended_commands(said)
    assert len(commands) == 3
    assert commands[2][-2:] == ["--map", "account_id=Key id"]
    for number, wrong, right in (
        (1, '"two', '"two"}'),
        (2, ",too many\nd", "\nd,4"),
        (3, "k2", "k2;f"),
    ):
        path = tmp_path / f"raw-{number}.txt"
        path.write_text(path.read_text().replace(wrong, right))
    for command in commands:
        assert workbench(*command) == 0
    capsys.readouterr()
    assert workbench("info", case, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"]["exchanges"] == 8
    assert "heads" not in told["imports"][1]["options"]


def test_a_case_from_before_headers_were_kept_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, lines in (("one", "request_id,prompt\na,one\nb\n"), ("two", "prompt,n\nx,1\ny\n")):
        (tmp_path / f"{name}.csv").write_text(lines)
    monkeypatch.setattr("workbench.services.importing.heads_of", lambda _: {})
    case = tmp_path / "a.case"
    assert workbench("import", case, tmp_path / "one.csv", tmp_path / "two.csv") == 0
    capsys.readouterr()
    assert workbench("rejects", case, "--raw", tmp_path / "raw.csv") == 0
    said = capsys.readouterr().out
    assert (tmp_path / "raw-1.csv").read_text() == "b\n"
    assert (tmp_path / "raw-2.csv").read_text() == "y\n"
    for name in ("one", "two"):
        assert (
            f"The case was given {tmp_path / name}.csv before headers were kept: put the header of "
            "that file before the first line."
        ) in said


def test_headers_are_kept_where_bytes_of_rejects_are(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("request_id,prompt,Jane Doe\na,one,x\nb\n")
    assert workbench("import", tmp_path / "a.case", tmp_path / "one.csv", "--drop-text") == 0
    assert "Jane Doe" not in every_value(tmp_path / "a.case")


def test_a_record_that_is_cut_is_told_of_the_file_that_it_lies_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, long = tmp_path / "whole.jsonl", tmp_path / "long.csv.gz"
    whole.write_bytes(b"\n".join(LINES))
    text = b"x" * KEPT_OF_LONGEST
    with gzip.open(long, "wb", 1) as file:
        file.write(b"request_id,prompt\na,one\nb,short,2\n")
        file.write(b"".join(b"%d,%s,2\n" % (n, text) for n in range(3)))
    assert workbench("import", tmp_path / "a.case", whole, long) == 0
    capsys.readouterr()
    assert workbench("rejects", tmp_path / "a.case", "--raw", tmp_path / "raw") == 0
    said = capsys.readouterr().out.splitlines()
    at = said.index(f"4 records written to {tmp_path / 'raw-2'}")
    assert said[at + 1] == (
        "    CUT: of 3 only the first 1 MiB, which is what a case keeps of a reject. The whole is "
        "in the log (bytes of the unpacked file, from 0):"
    )
    step = len(text) + 5
    assert said[at + 2 : at + 5] == [
        f"      {long}: record {4 + n}, byte {34 + n * step:,}" for n in range(3)
    ]
    assert sum("CUT" in line for line in said) == 1
    lengths = [len(line) for line in (tmp_path / "raw-2").read_bytes().splitlines()]
    assert lengths == [17, 9, *[KEPT_OF_LONGEST] * 3]
