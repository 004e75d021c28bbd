"""Formats of other packages: the one of docs/adding-a-format.md, and what is wrong with others."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "adding-a-format.md").read_text("utf-8")
_FILE = re.compile(r"^`(?P<name>[\w.]+)`:\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
RECORD: dict[str, Any] = {
    "acme_trace": "t-1",
    "when": {"sent": "2026-05-01T12:00:00Z"},
    "caller": {"key_hash": "k1", "address": "192.0.2.7"},
    "engine": "large-4",
    "asked": "Why?",
    "said": "Because.",
    "took": 1.5,
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the page, built as a wheel and unpacked where Python finds it."""
    project = tmp_path_factory.mktemp("acme")
    for file in _FILE.finditer(PAGE):
        (project / file["name"]).write_text(file["text"])
    build = "import hatchling.build as b; b.build_wheel('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=project, check=True, capture_output=True)
    (wheel,) = (project / "dist").glob("*.whl")
    target = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def workbench(packages: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, which sees these packages."""
    return subprocess.run(
        [sys.executable, "-m", "workbench", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=False,
    )


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_the_package_of_the_page_is_found_and_read(installed: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    odd = RECORD | {"took": {"x": 1}, "acme_trace": "t-2"}
    log.write_text(lines(RECORD, odd, RECORD | {"kind": "health", "acme_trace": "t-3"}))
    done = workbench(installed, "import", tmp_path / "a.case", log, "--json")
    assert done.returncode == 0, done.stderr
    (file,) = json.loads(done.stdout)["files"]
    assert file["format"] == "acme"
    assert file["reason"] == ("key acme_trace in 3 of 3 records, read by acme-format 1.2")
    assert (file["loaded"], file["rejected"]) == (1, 2)
    told = json.loads(workbench(installed, "rejects", tmp_path / "a.case", "--json").stdout)
    reasons = [reject["reason"] for reject in told["rejects"]]
    assert reasons[0] == "format acme failed: TypeError"
    assert reasons[1].startswith("no exchange")


def test_workers_know_it_and_other_files_name_it(installed: Path, tmp_path: Path) -> None:
    """A file above eight megabytes is read by processes of their own."""
    padded = RECORD | {"said": "x" * 4000}
    count = 2300
    (tmp_path / "large").write_text(
        lines(*(padded | {"acme_trace": f"t-{i}"} for i in range(count)))
    )
    (tmp_path / "plain").write_text(
        '{"request_id":"r","prompt":"p"}\n' + lines(RECORD | {"acme_trace": "apart"})
    )
    done = workbench(
        installed, "import", tmp_path / "a.case", tmp_path / "large", tmp_path / "plain", "--json"
    )
    assert done.returncode == 0, done.stderr
    large, plain = json.loads(done.stdout)["files"]
    assert (tmp_path / "large").stat().st_size > 8 << 20
    assert (large["format"], large["loaded"]) == ("acme", count)
    assert (plain["loaded"], plain["rejected"]) == (2, 0)
    assert "acme-format 1.2" in plain["reason"]


def _package(folder: Path, module: str, *entries: str) -> None:
    """A distribution written by hand."""
    (folder / "broken_format.py").write_text(module)
    about = folder / "broken_logs-0.3.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-logs\nVersion: 0.3\n")
    (about / "entry_points.txt").write_text(
        "[distillation_workbench.formats]\n" + "".join(f"{entry}\n" for entry in entries)
    )


SOUND = """
from workbench.formats.shape import RecordFormat, Rule

class Format(RecordFormat):
    name = "openai"
    about = ""
    rules = ()
    def matches(self, record): return False
    def signature(self, record): return ""
    def convert(self, record): return None

class Misspelt(Format):
    name = "other"
    rules = (Rule("promt", ("p",)),)

class Named(Format):
    name = "No Name"

class Unfinished(RecordFormat):
    name = "unfinished"
    about = ""
    rules = ()

nothing = 7
"""


@pytest.mark.parametrize(
    ("module", "entry", "words"),
    [
        ("import no_such_module", "x = broken_format:Format", "ModuleNotFoundError"),
        (
            "raise RuntimeError('two\\nlines')",
            "x = broken_format:Format",
            "RuntimeError: two lines",
        ),
        (SOUND, "x = broken_format:Missing", "AttributeError"),
        (SOUND, "x = broken_format:nothing", "is no class of RecordFormat"),
        (SOUND, "x = broken_format:Format", "there is a format openai already"),
        (SOUND, "x = broken_format:Misspelt", "promt is no canonical column"),
        (SOUND, "x = broken_format:Named", "'No Name' is no name of a format"),
        (SOUND, "x = broken_format:Unfinished", "abstract"),
    ],
)
def test_what_cannot_be_used_is_skipped_and_told(
    tmp_path: Path, module: str, entry: str, words: str
) -> None:
    packages = tmp_path / "site"
    packages.mkdir()
    _package(packages, module, entry)
    ask = "from workbench.formats.known import third_party as t; import json; f = t(); " \
          "print(json.dumps([len(f.formats), f.failures]))"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    count, (failure,) = json.loads(done.stdout)
    assert count == 0
    assert failure.startswith("The format x of broken-logs 0.3 is not used: ")
    assert words in failure
    assert "\n" not in failure


def test_an_import_warns_of_it_and_goes_on(tmp_path: Path) -> None:
    packages = tmp_path / "site"
    packages.mkdir()
    _package(packages, "import no_such_module", "x = broken_format:Format")
    (tmp_path / "log").write_text('{"prompt":"p"}\n')
    done = workbench(packages, "import", tmp_path / "a.case", tmp_path / "log")
    assert done.returncode == 0
    assert "The format x of broken-logs 0.3 is not used: ModuleNotFoundError" in done.stderr
    assert "Update the package, or remove it." in done.stderr
    asked = workbench(packages, "import", tmp_path / "b.case", tmp_path / "log", "--format", "x")
    assert asked.returncode == 2
    assert "'x' is no known format. The format x of broken-logs 0.3" in asked.stderr
