"""A case folder as version 1 wrote it: opened, read, verified and continued.

``version_1/`` is frozen. It is never made anew from the current code: what changes there would
stop opening the cases that people have.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from tests.case.made_up import Record, add_file, ask, fates
from workbench.case.folder import Case
from workbench.case.journal import JournalCheck
from workbench.case.labels import LabelBook
from workbench.domain.label import Label

_FROZEN = Path(__file__).parent / "version_1"
_ARRAY = (
    b"\x93NUMPY\x01\x00v\x00{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }"
    + b" " * 60
    + b"\n\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00"
)
DIGEST = "0b41714b254bb976602b1785d3d2721be4e556144eba8dd772ad4155b5b1a504"
_FIRST: tuple[object, ...] = (
    *("key", "gateway", "sk-1", "Why \0?", "Help.", "m", "10.0.0.1"),
    *(5, 0.5, True, "So.", [0.5, -1.0]),
)
_RECORDS: list[Record] = [
    {
        "request_id": "r1",
        "ts": datetime(2026, 3, 1, 12, 0, 0, 250_000),
        "account_id": "sk-1",
        "ip": "10.0.0.1",
        "model": "m",
        "in_tok": 5,
        "temperature": 0.5,
        "stream": True,
        "system": "Help.",
        "prompt": "Why \0?",
        "completion": "So.",
        "embedding": [0.5, -1.0],
    },
    {"prompt": "Why \0?"},
]


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    """The folder, with its databases filled by the statements of that time."""
    path = tmp_path / "harbour.case"
    (path / "computed").mkdir(parents=True)
    (path / "decided").mkdir()
    shutil.copy(_FROZEN / "case.toml", path)
    for name in ("95b9aca00d322047.jsonl", "heads.json"):
        shutil.copy(_FROZEN / name, path / "decided")
    array = "text.groups.group.45029f3357eec94e1401d8372a9a6ee7.npy"
    (path / "computed" / array).write_bytes(_ARRAY)
    for name, place in (("given", path), ("computed", path / "computed")):
        connection = duckdb.connect(place / f"{name}.duckdb")
        connection.execute((_FROZEN / f"{name}.sql").read_text("utf-8"))
        connection.close()
    return path


@pytest.mark.parametrize("write", [False, True])
def test_everything_in_it_is_read(version_1: Path, write: bool) -> None:
    with Case.open(version_1, write=write) as case:
        assert (case.name, case.settings.marking) == ("harbour", "TLP:AMBER")
        assert ask(
            case,
            "SELECT exchange_id, ts_us, kind, namespace, a.value, text, s.value, m.value, i.value, "
            "in_tok, temperature, stream, completion, vector FROM exchange "
            "LEFT JOIN account a USING (account_id) JOIN prompt USING (prompt_id) "
            "LEFT JOIN system s USING (system_id) LEFT JOIN model m USING (model_id) "
            "LEFT JOIN address i USING (address_id) JOIN prompt_embedding USING (prompt_id) "
            "ORDER BY 1",
        ) == [
            (0, 1772366400250000, *_FIRST),
            (1, None, None, None, None, "Why \0?", *[None] * 7, [0.5, -1.0]),
        ]
        (batch,) = case.given.batches()
        assert (batch.frame.system, batch.frame.custodian) == ("gateway", "Operations")
        assert fates(batch.accounting) == {"loaded": 2, "rejected": 1}
        assert case.given.rejects().column("raw").to_pylist() == [b"{\xff"]
        assert case.artifacts.array("text.groups", "group").tolist() == [0, 1, 2]
        assert case.artifacts.verify() == []
        assert case.journals.verify() == JournalCheck(journals=1, entries=3)
        state = LabelBook.fold(case.journals.entries()).labels["key:gateway:sk-1"]
        assert (state.label, state.why, state.cluster_id) == (Label.CONFIRMED, "same grid", "C-001")


def test_its_digest_is_what_bundles_of_that_time_say(version_1: Path) -> None:
    with Case.open(version_1, write=False) as case:
        assert case.digest() == DIGEST


def test_its_records_are_recognised_and_its_ids_go_on(version_1: Path) -> None:
    with Case.open(version_1) as case:
        assert add_file(case, _RECORDS, sha256="aa").already
        assert fates(add_file(case, _RECORDS, sha256="bb")) == {"duplicate": 2}
        more = add_file(case, [_RECORDS[0] | {"prompt": "new"}, _RECORDS[1], _RECORDS[1]])
        assert fates(more) == {"conflict": 1, "duplicate": 1, "loaded": 1}
        assert ask(case, "SELECT exchange_id, account_id, prompt_id FROM exchange ORDER BY 1") == [
            (0, 0, 0),
            (1, None, 0),
            (2, 0, 1),
            (3, None, 0),
        ]
