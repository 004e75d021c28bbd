"""Hostile text in every field at once, and every way out: it stays text, and no file breaks.

What the window shows of the same case is looked at in ``tests/ui/window/test_menagerie.py``.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pypdf
import pytest
import stix2

from tests.analysis.fingerprint.made_up import fingerprint
from tests.bundle.test_viewing import cells, runs_in_a_spreadsheet
from tests.bundle.verifiers import Answer, by_program, by_script
from tests.command_line import workbench
from tests.services.menagerie import BEASTS, fill
from workbench.bundle.stix import Indicator, stix_bundle
from workbench.domain.progress import Job
from workbench.domain.text import visible_text
from workbench.services.export_scope import Scope
from workbench.services.partners import campaign_of
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

CLUSTER = Scope(clusters=("C-001",))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("menagerie")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_CONFIG", str(folder / "config"))
        return fill(folder / "harbour.case")


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "harbour.case")


def shown(text: str) -> None:
    """Nothing in it drives, hides or turns round anything."""
    assert visible_text(text) == text


@pytest.mark.parametrize(
    "said",
    [
        "info CASE",
        "accounts CASE",
        "clusters CASE",
        "explain CASE --cluster C-001",
        "journal CASE",
        "journal CASE verify",
        "runs CASE",
        "rejects CASE",
        "selections CASE",
        "conflicts CASE",
        "settings CASE",
    ],
)
def test_no_command_lets_it_drive_a_terminal(
    case: Path, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    words = [str(case) if word == "CASE" else word for word in said.split()]
    assert workbench(*words) == 0
    out, err = capfd.readouterr()
    assert out
    shown(out + err)
    assert workbench(*words, "--json") == 0
    out, err = capfd.readouterr()
    json.loads(out)
    shown(err)


def test_an_account_is_found_by_what_it_is_called(
    case: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert workbench("accounts", case, "--json") == 0
    names = [row["account_id"] for row in json.loads(capfd.readouterr().out)]
    assert len(names) == 24
    for name in names:
        assert workbench("explain", case, "--account", name) == 0
        shown(capfd.readouterr().out)


@pytest.mark.parametrize("command", ["accounts", "clusters"])
def test_tables_run_nothing_in_a_spreadsheet(case: Path, command: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert workbench(command, case, "--csv", path) == 0
    assert not [cell for row in cells(path) for cell in row if runs_in_a_spreadsheet(cell)]


@pytest.fixture(params=["full", "share"])
def bundle(case: Path, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    out = tmp_path / "bundle"
    with Workspace.open(case, analyst=BEASTS[8]) as workspace:
        if request.param == "full":
            return workspace.exporting.run(CLUSTER, out, Job(), raw=True, why=BEASTS[1]).path
        return workspace.exporting.share(CLUSTER, BEASTS[8], out, Job(), exhibits=[0, 1]).path


def test_every_file_of_a_bundle_stays_what_it_is(bundle: Path) -> None:
    assert by_program(bundle) == by_script(bundle) == Answer(0)
    for path in sorted(p for p in bundle.rglob("*") if p.is_file()):
        name = path.relative_to(bundle).as_posix()
        assert name.isascii()
        assert name.isprintable()
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        elif path.suffix == ".jsonl":
            for line in path.read_bytes().splitlines():
                json.loads(line)
        elif path.suffix == ".csv":
            found = [cell for row in cells(path) for cell in row]
            assert not [cell for cell in found if runs_in_a_spreadsheet(cell)], name
            assert [visible_text(cell) for cell in found] == found, name
        elif path.suffix in {".txt", ".md"}:
            text = path.read_text("utf-8")
            shown(text)
            if path.suffix == ".md":
                assert not re.search(r"(?<!\\)(<[a-z]|\]\(|!\[)", text), name
        elif path.suffix == ".svg":
            tree = ElementTree.parse(path)
            kinds = {element.tag.rpartition("}")[2] for element in tree.iter()}
            assert not kinds & {"script", "foreignObject", "image", "a"}, name


def test_nothing_in_the_report_acts(bundle: Path) -> None:
    reader = pypdf.PdfReader(bundle / "data" / "report.pdf")
    catalog: Any = reader.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm", "/JavaScript"} & set(catalog)
    text = ""
    for page in reader.pages:
        text += page.extract_text()
        for annotation in page.get("/Annots") or ():
            action = annotation.get_object().get("/A", {})
            assert action.get("/S") not in {"/URI", "/Launch", "/JavaScript", "/GoToR"}
    shown(text)


def test_the_library_takes_a_campaign_of_them() -> None:
    told = replace(campaign_of(fingerprint(), BEASTS[8], "TLP:AMBER", 0), name=" ".join(BEASTS))
    told = replace(
        told,
        indicators=tuple(
            Indicator(kind, text, text, 3, 1, 100)
            for kind in ("clients", "domains", "payments")
            for text in BEASTS
        ),
    )
    data = stix_bundle(told)
    stix2.parse(data.decode(), allow_custom=False, version="2.1")
