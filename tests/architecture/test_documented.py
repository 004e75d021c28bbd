"""Documented or fails: what a user can type, read or meet stands in docs/."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.command_line import NoWindow
from workbench.cli.main import build_app
from workbench.domain.exchange import Fate
from workbench.domain.finding import ACCOUNTS_SCHEMA, CLUSTERS_SCHEMA, Verdict
from workbench.domain.label import Label

ROOT = Path(__file__).resolve().parents[2]
CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")


def _commands() -> dict[str, Any]:
    # typer carries its own copy of click, so there is no public type to name here.
    group: Any = typer.main.get_command(build_app(NoWindow()))
    return dict(group.commands)


def test_every_command_and_option_is_documented() -> None:
    missing = []
    for name, command in _commands().items():
        if f"`workbench {name} " not in CLI:
            missing.append(name)
        for parameter in command.params:
            if parameter.param_type_name == "option":
                flags = [o for o in parameter.opts if o.startswith("--") and o != "--help"]
                missing += [f"{name} {flag}" for flag in flags if flag not in CLI]
    assert not missing


def test_every_command_shows_an_example() -> None:
    silent = [
        name
        for name, command in _commands().items()
        if "Example: workbench" not in (command.help or "")
    ]
    assert not silent


@pytest.mark.parametrize("schema", [ACCOUNTS_SCHEMA, CLUSTERS_SCHEMA])
def test_every_column_of_the_contract_is_documented(schema: object) -> None:
    names = schema.names  # type: ignore[attr-defined]
    assert not [name for name in names if name not in CLI]


def test_every_word_a_user_meets_is_documented() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text("utf-8")
    words = [*Fate, *Verdict, *Label]
    assert not [word.value for word in words if word.value not in CLI + guide]


def test_readme_shows_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in readme
    assert "make test" in readme


def test_every_relative_link_of_the_documents_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_every_test_that_the_reliability_page_names_is_there() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    named = re.findall(r"`((?:tests/[\w/]+/)?test_\w+\.py)(?:::(test_\w+))?`", page)
    assert len(named) > 30
    missing = []
    for path, test in named:
        file = ROOT / path if path.startswith("tests/") else ROOT / "tests" / "faults" / path
        if not file.is_file() or f"def {test}" not in file.read_text("utf-8"):
            missing.append(f"{path}::{test}")
    assert not missing


def test_every_table_column_and_view_of_a_case_is_in_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    folder = ROOT / "workbench" / "case" / "sql"
    schema = re.sub(r"--.*", "", (folder / "given_schema.sql").read_text("utf-8"))
    tables = re.findall(r"CREATE TABLE (\w+) \((.*?)\);", schema, re.DOTALL)
    assert len(tables) > 10
    missing = []
    for table, columns in tables:
        rows = [line for line in page.splitlines() if re.match(rf"\| [^|]*\b{table}\b", line)]
        described = " ".join(rows)
        for column in re.findall(r"(?:^|,)\s*(\w+) [A-Z]", columns):
            name = "ID" if column in {"system_id", "model_id", "agent_id", "address_id"} else column
            if not re.search(rf"\b({name}|{column})\b", described):
                missing.append(f"{table}.{column}")
    missing += [
        view.stem
        for view in sorted((folder / "views").glob("*.sql"))
        if not re.search(rf"(?m)^\| [\w, ]*\b{view.stem}\b", page)
    ]
    assert not missing
