"""sample_data/ is what its command makes: a lock file's promise, checked record by record."""

from __future__ import annotations

import gzip
import hashlib
import shlex
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from tests.command_line import workbench
from workbench.domain.resources import sample_path
from workbench.evaluate.truth import read_truth

if TYPE_CHECKING:
    from pathlib import Path

_LOGS = ("log-canonical.jsonl.zst", "log-openai.jsonl.gz", "log-litellm.csv.gz")


def plain(path: Path) -> str:
    """SHA-256 of the file's content, decompressed: compressors differ, records may not."""
    if path.suffix == ".zst":
        with pa.input_stream(str(path), compression="zstd") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def command() -> list[str]:
    """The command that README.md gives."""
    lines = sample_path("README.md").read_text("utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith("workbench simulate "))
    return shlex.split(line)[1:]


def test_the_command_in_the_readme_makes_the_sample(command: list[str], tmp_path: Path) -> None:
    assert command[1] == "sample_data"
    command[1] = str(tmp_path)
    assert workbench(*command) == 0
    for name in (*_LOGS, "truth.csv"):
        assert plain(tmp_path / name) == plain(sample_path(name)), name


def test_it_is_small() -> None:
    size = sum(path.stat().st_size for path in sample_path().iterdir())
    assert size < 6 << 20
    assert {path.name for path in sample_path().iterdir() if path.name.startswith("log-")} == {
        *_LOGS
    }


def test_its_truth() -> None:
    truth = read_truth(sample_path("truth.csv")).to_pylist()
    assert len(truth) == 3120
    assert sum(row["campaign_id"] != "" for row in truth) == 120
    kinds = {row["lookalike"] for row in truth} - {""}
    assert kinds >= {"eval_harness", "translation", "support_bot", "labelling", "fleet"}
