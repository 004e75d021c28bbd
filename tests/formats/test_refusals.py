"""What is not read as a log: apart from pictures and notes what may be one, with what to type."""

from __future__ import annotations

import gzip
import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.test_audit_logs import LOG
from tests.formats.test_usage import PAGES
from workbench.domain.errors import InputError, UnreadLogError
from workbench.domain.ports import ReadOptions
from workbench.formats.detect import detect
from workbench.formats.mapping import parse_mapping

if TYPE_CHECKING:
    from pathlib import Path

RECORD = {
    "caller": "k1",
    "cost": 1,
    "dialog": [{"who": "u", "said": "What is this, then?"}],
    "evt": {"epoch": 1_777_638_615},
    "note": "",
}


def refused(path: Path, data: bytes | str) -> InputError:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    with pytest.raises(InputError) as caught:
        detect(path, ReadOptions())
    assert "\n" not in str(caught.value)
    return caught.value


def mapped(error: InputError) -> dict[str, str]:
    """The mapping of the example that the error gives, as a shell would take it."""
    example = error.remedy.partition("for example ")[2].removesuffix(
        ". --preview shows what is there."
    )
    return dict(parse_mapping([word for word in shlex.split(example) if word != "--map"]))


def test_an_unknown_shape_names_its_fields_by_paths_that_can_be_mapped(tmp_path: Path) -> None:
    error = refused(tmp_path / "log", json.dumps(RECORD))
    assert isinstance(error, UnreadLogError)
    listed = "its fields are caller, cost, dialog[-1].who, dialog[-1].said, evt.epoch, note."
    assert listed in error.fact
    assert mapped(error) == {"prompt": "dialog[-1].said"}
    layout = detect(tmp_path / "log", ReadOptions("", mapped(error)))
    assert layout.detection.format == "mapped"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_header_in_other_letters_is_offered_as_a_mapping(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "log.csv"
    table = "Request ID,Time,Account,Prompt\n1,2026-05-01T12:00:00Z,k,What\n"
    error = refused(path, table.replace(",", delimiter))
    assert mapped(error) == {
        "prompt": "Prompt",
        "account_id": "Account",
        "ts": "Time",
        "request_id": "Request ID",
    }
    assert detect(path, ReadOptions("", mapped(error))).absent == ()


def test_names_that_nobody_can_type_are_in_no_example(tmp_path: Path) -> None:
    assert mapped(refused(tmp_path / "log", json.dumps({"a\nb": "x", "c" * 99: "y"}))) == {
        "prompt": "FIELD"
    }
    asked = '1,2,"Explain at length, please, why tides follow the moon more than the sun."\n'
    odd = refused(tmp_path / "log", f'a.b,c]d,"e f"\n{asked * 3}')
    assert mapped(odd) == {"prompt": "e f"}
    many = refused(tmp_path / "log", json.dumps({f"field_{i}": i for i in range(99)}))
    assert "and 87 more" in many.fact
    assert isinstance(refused(tmp_path / "log", "[1, 2, 3]"), UnreadLogError)


def test_a_table_beside_the_logs_is_sent_to_join(tmp_path: Path) -> None:
    tables: dict[str, tuple[Any, str]] = {
        "usage.json": (json.dumps(PAGES[0]), ""),
        "audit.jsonl": ("".join(json.dumps(each) + "\n" for each in LOG), ""),
        "my accounts.csv": ("account_id,created_at\nk,2026-05-01T12:00:00Z\n", "--accounts "),
        "accounts.jsonl": ('{"account": "k", "email": "a@b.c"}', "--accounts "),
        "events.csv": ("account,at,event\nk,2026-05-01T12:00:00Z,banned\n", "--events "),
    }
    for name, (data, option) in tables.items():
        error = refused(tmp_path / name, data)
        assert "beside the logs" in error.fact
        assert not isinstance(error, UnreadLogError)
        file = shlex.quote(str(tmp_path / name))
        assert error.remedy.endswith(f"workbench join CASE {option}{file}")


def test_a_log_of_which_no_column_is_known_is_no_table_beside_the_logs(tmp_path: Path) -> None:
    for data in (
        "account,time,type,question\nk,2026-05-01T12:00:00Z,chat,What\n",
        "account,time,type,words\nk,2026-05-01T12:00:00Z,chat,What\n",
        "account,plan,user prompt\nk,free,What\n",
    ):
        assert isinstance(refused(tmp_path / "log", data), UnreadLogError)


TEXT = json.dumps(RECORD)


@pytest.mark.parametrize(
    ("data", "may_be", "words"),
    [
        (TEXT.encode("utf-16"), True, "UTF-16"),
        (TEXT.encode("utf-16-be"), True, "UTF-16"),
        (("\N{GRINNING FACE}" * 3000).encode("utf-16"), True, "UTF-16"),
        (gzip.compress(TEXT.encode("utf-16-le"), mtime=0), True, "UTF-16"),
        (b"\xfd7zXZ\0rest", True, "unxz"),
        (b"Obj\x01rest", True, "Avro"),
        (b"PK\x03\x04" + bytes(99), True, "zip archive"),
        (b'{"prompt": "never closed\n' * 3, True, "no record of its first megabyte"),
        (gzip.compress(b"\xff\xfe", mtime=0), False, "binary"),
        (gzip.compress(b"\0\1", mtime=0), False, "binary"),
        (b"\xff\xfe" + bytes(range(256)) * 20, False, "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), False, "binary"),
        (b"%PDF-1.7 rest", False, "PDF"),
        (b"About these logs.", False, "nothing that is recognised"),
        (b" \n", False, "only white space"),
    ],
)
def test_what_may_be_a_log_is_told_from_what_is_none(
    tmp_path: Path, data: bytes, may_be: bool, words: str
) -> None:
    error = refused(tmp_path / "file", data)
    assert isinstance(error, UnreadLogError) == may_be
    assert words in str(error)
