"""What a file is told to be: by its content alone, with a reason, or refused with a remedy."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.formats.conversation_records import LMSYS, SHAREGPT, WILDCHAT
from tests.formats.gateway_records import HELICONE, LANGFUSE, NGINX, PORTKEY, warehouse_row
from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    LITELLM,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
    STANDARD_LOGGING,
)
from tests.formats.test_anthropic_batch import CAME, SENT
from tests.formats.test_azure_openai import RECORD as AZURE
from tests.formats.test_bedrock import CONVERSE, CONVERSE_ANSWER, logged
from tests.formats.test_openai_responses import REQUEST, RESPONSE
from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.detect import Layout, detect
from workbench.formats.read import open_source

if TYPE_CHECKING:
    from pathlib import Path

CANONICAL = {"request_id": "r", "ts": "2026-05-01T12:00:00Z", "account_id": "a", "prompt": "p"}


def found(path: Path, data: bytes, format_name: str = "", **mapping: str) -> Layout:
    path.write_bytes(data)
    return detect(path, ReadOptions("", mapping), format_name)


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (CANONICAL, "canonical"),
        ({"request": OPENAI_REQUEST, "response": OPENAI_RESPONSE}, "openai"),
        ({"request": ANTHROPIC_REQUEST, "response": ANTHROPIC_RESPONSE}, "anthropic"),
        (LITELLM, "litellm"),
        (REQUEST, "openai-responses"),
        (RESPONSE, "openai-responses"),
        (logged(CONVERSE, CONVERSE_ANSWER), "bedrock"),
        (AZURE, "azure-openai"),
        (SENT, "anthropic-batch"),
        (CAME, "anthropic-batch"),
        (LANGFUSE, "langfuse"),
        (warehouse_row(LANGFUSE), "langfuse"),
        (HELICONE, "helicone"),
        (PORTKEY, "portkey"),
        (NGINX, "nginx-json"),
        (WILDCHAT, "wildchat"),
        (LMSYS, "lmsys"),
        (SHAREGPT, "sharegpt"),
        (STANDARD_LOGGING, "litellm"),
    ],
)
@pytest.mark.parametrize("style", ["lines", "array", "pretty array", "pretty object", "gzip"])
def test_json_in_every_layout(tmp_path: Path, record: object, name: str, style: str) -> None:
    data = {
        "lines": lines(record, record),
        "array": json.dumps([record, record]).encode(),
        "pretty array": b"\xef\xbb\xbf\n" + json.dumps([record, record], indent=2).encode(),
        "pretty object": json.dumps(record, indent=2).encode(),
        "gzip": gzip.compress(lines(record)),
    }[style]
    layout = found(tmp_path / "log.csv", data)  # the name means nothing
    assert layout.detection.format == name
    assert layout.detection.confidence == 1.0
    assert layout.detection.reason.endswith(("in 1 of 1 records", "in 2 of 2 records"))
    assert layout.recipe.container == ("lines" if style in ("lines", "gzip") else "values")
    assert layout.compression == ("gzip" if style == "gzip" else "")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_by_its_header(tmp_path: Path, delimiter: str) -> None:
    rows = [list(CANONICAL), ["r", "2026-05-01T12:00:00Z", "a", "one"]]
    data = "\n".join(delimiter.join(row) for row in rows).encode()
    layout = found(tmp_path / "log.jsonl", data)
    assert (layout.recipe.container, layout.recipe.delimiter) == ("rows", delimiter)
    assert layout.recipe.columns == tuple(CANONICAL)
    assert layout.detection.format == "canonical"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('"a\tb"', "a\tb"),  # quoted as in CSV
        ('"say ""yes"""', 'say "yes"'),
        ('"yes" he said', '"yes" he said'),  # quotes that are text
        ('5" pipe', '5" pipe'),
        ('"never closed', '"never closed'),
    ],
)
def test_tab_separated_with_quotes(tmp_path: Path, cell: str, text: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(f"request_id\tprompt\nr1\t{cell}\nr2\tplain\n".encode())
    parts = list(open_source(path, ReadOptions()).blocks(Job()))
    found = [row["prompt"] for part in parts for row in part.records.to_pylist()]
    assert found == [text, "plain"]
    assert sum(len(part.rejects) for part in parts) == 0


def test_csv_whose_cells_hold_objects(tmp_path: Path) -> None:
    data = b'request_id,prompt\nr1,"{""data"": [{""prompt"": ""q""}]}"\nr2,{}{}\n'
    layout = found(tmp_path / "log", data)
    assert (layout.recipe.container, layout.detection.format) == ("rows", "canonical")


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "log"
    pq.write_table(pa.table({"prompt": ["p"], "account_id": ["a"]}), path)
    layout = detect(path, ReadOptions())
    assert layout.columnar == "parquet"
    assert layout.detection.format == "canonical"


def test_the_commoner_shape_wins_and_says_how_common(tmp_path: Path) -> None:
    data = lines(*[CANONICAL] * 3, {"request": OPENAI_REQUEST}) + b"{broken\n"
    layout = found(tmp_path / "log", data)
    assert layout.detection.format == "canonical"
    assert layout.detection.reason == "keys request_id, ts, account_id and 1 more in 3 of 4 records"


def test_an_unknown_shape_names_its_fields_and_is_read_by_a_mapping(tmp_path: Path) -> None:
    data = lines({"when": 1, "who": "k", "said": "What is x?"})
    with pytest.raises(InputError, match=r"when, who, said.*--map prompt=said --map ts=when\."):
        found(tmp_path / "log", data)
    layout = found(tmp_path / "log", data, prompt="said", account_id="who")
    assert layout.detection.format == "mapped"
    assert layout.detection.reason == "mapped fields in 1 of 1 records"
    with pytest.raises(InputError, match="has the field elsewhere that is mapped"):
        found(tmp_path / "log", data, prompt="elsewhere")
    table = b"when,who,said\n1,k,x\n"
    assert found(tmp_path / "log", table, prompt="said").recipe.container == "rows"


def test_a_format_that_is_asked_for(tmp_path: Path) -> None:
    layout = found(tmp_path / "log", lines(CANONICAL), "openai")
    assert (layout.detection.format, layout.detection.reason) == ("openai", "asked for")
    with pytest.raises(InputError, match="Choose one of: anthropic, anthropic-batch, azure"):
        found(tmp_path / "log", lines(CANONICAL), "nonsense")
    # Without a mapping yet: a preview is where a person finds out what to map.
    assert found(tmp_path / "log", lines({"x": 1}), "mapped").records == ({"x": 1},)


def _sqlite(folder: Path) -> bytes:
    path = folder / "db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    connection.close()
    return path.read_bytes()


def _zip(folder: Path) -> bytes:
    path = folder / "zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("log.jsonl", "{}")
    return path.read_bytes()


def test_what_is_no_log_is_named_with_a_remedy(tmp_path: Path) -> None:
    cases = [
        (_zip(tmp_path), "zip archive.*Unpack"),
        (_sqlite(tmp_path), "SQLite database.*plain file"),
        (b"%PDF-1.7 rest", "PDF"),
        (bytes(range(256)) * 20, "binary file"),
        (b"\x7fELF" + bytes(999), "binary file"),
        (json.dumps(CANONICAL).encode("utf-16"), "UTF-16.*iconv"),
        (json.dumps(CANONICAL).encode("utf-16-le"), "UTF-16.*iconv"),
        (b" \n\t\r\n", "only white space"),
        (gzip.compress(b""), "nothing inside its gzip shell"),
        (gzip.compress(b"x" * 999)[:10], "nothing that can be read"),
        (b"Dear Sir or Madam,\nplease find\n", "holds nothing that is recognised"),
        (b"just one word", "holds nothing that is recognised"),
        (b'{"prompt": "never closed\n' * 3, "no record of its first megabyte can be read"),
        (b"[1, 2, 3]", "no format that is known"),
        (lines({"x": 1}), "its fields are x"),
        (b"PAR1" + bytes(99), "damaged Parquet"),
    ]
    for number, (data, words) in enumerate(cases):
        path = tmp_path / f"case-{number}.jsonl"
        with pytest.raises(InputError, match=words) as caught:
            found(path, data)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert caught.value.remedy
