"""Every file that once broke the reader is still read as a person found it to be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import corpus
from tests.faults.mutations import MUTATIONS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("path", corpus.files(), ids=lambda path: path.name)
def test_what_becomes_of_it(path: Path) -> None:
    expected = corpus.expected(path)
    assert expected.pop("why").endswith(".")
    assert corpus.told(path) == expected


def test_the_corpus_stays_small_and_whole() -> None:
    names = {path.name for path in corpus.files()}
    beside = {path.name for path in corpus.FOLDER.iterdir()} - names
    assert beside == {name + corpus.BESIDE for name in names}
    assert sum(path.stat().st_size for path in corpus.FOLDER.iterdir()) < corpus.MOST_BYTES


def test_each_kind_of_mutation_is_in_it() -> None:
    kinds = {path.name.partition(".")[0] for path in corpus.files()}
    assert not [kind for kind in MUTATIONS if kind not in kinds]


def test_a_file_is_added_with_what_becomes_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "FOLDER", tmp_path)
    log = tmp_path / "log"
    log.write_bytes(b'{"prompt":"fine"}\n\n{"prompt":\n')
    corpus.main(["add", str(log), "--why", "It was cut off.", "--name", "cut.jsonl"])
    found = corpus.expected(tmp_path / "cut.jsonl")
    assert found["why"] == "It was cut off."
    assert found["imported"] == {"records": 3, "loaded": 1, "rejected": 1, "blank": 1}
    (read,) = found["read"].values()
    assert (read["rows"], read["blank"]) == ("1", 1)
    assert [reject[:2] for reject in read["rejects"]] == [[3, 19]]
    (tmp_path / "cut.jsonl").write_bytes(b"another")
    with pytest.raises(SystemExit, match="--name"):
        corpus.main(["add", str(log), "--why", "x.", "--name", "cut.jsonl"])
