"""truth.csv: what is read, and one clear line about what cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.domain.errors import InputError
from workbench.evaluate.truth import read_truth

if TYPE_CHECKING:
    from pathlib import Path


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(
        '\ufefflookalike,account_id,note,campaign_id\n,"a,b",x,c-1\n\nfleet,é,y,\n', "utf-8"
    )
    assert read_truth(path).to_pylist() == [
        {"account_id": "a,b", "campaign_id": "c-1", "lookalike": ""},
        {"account_id": "é", "campaign_id": "", "lookalike": "fleet"},
    ]


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"", "no column account_id, campaign_id, lookalike"),
        (b"account_id,campaign_id\na,b\n", "no column lookalike"),
        (b"account_id,campaign_id,lookalike\n", "names no account"),
        (b"account_id,campaign_id,lookalike\na,,\nb,\n", "line 3: 2 fields instead of 3"),
        (b"account_id,campaign_id,lookalike\na,,\na,,\n", "line 3: account a appears a second"),
        (b"\xff\xfe\x00", "no CSV in UTF-8"),
        (b'account_id,campaign_id,lookalike\n"a,,\n', "no CSV in UTF-8"),
    ],
)
def test_refused(content: bytes, fact: str, tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=fact):
        read_truth(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_truth(tmp_path / "none.csv")
