"""Statements of the analysis: one a file, known functions, views of the logical schema only."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from workbench.analysis.run import stages
from workbench.analysis.stage import _reach

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "workbench" / "analysis").rglob("*.sql"))
ALLOWED = {
    line
    for line in (Path(__file__).parent / "allowed_sql.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
}
VIEWS = {
    "shared_word",
    "exchange", "prompt", "prompt_embedding", "account", "system", "model", "agent", "address",
    "identity", "added", "event", "release",
}  # fmt: skip
#: Tables that a stage makes visible itself (``Engine.with_table``).
OWN = {"asked", "chosen"}


def parsed(text: str) -> list[dict[str, Any]]:
    query = "SELECT CAST(json_serialize_sql(CAST($text AS VARCHAR)) AS VARCHAR)"
    with duckdb.connect() as connection:
        row = connection.execute(query, {"text": text}).fetchall()[0]
    tree = json.loads(row[0])
    assert not tree["error"], tree
    statements: list[dict[str, Any]] = tree["statements"]
    return statements


def found(tree: Any, key: str) -> set[str]:
    """Every value under ``key``, anywhere in the tree."""
    if isinstance(tree, dict):
        here = {tree[key]} if isinstance(tree.get(key), str) else set()
        return here.union(*(found(value, key) for value in tree.values()))
    if isinstance(tree, list):
        return set().union(*(found(value, key) for value in tree))
    return set()


def named(path: Path) -> str:
    return str(path.relative_to(ROOT / "workbench"))


def test_there_are_statements_to_check() -> None:
    assert len(FILES) > 10
    assert len({path.stem for path in FILES}) == len(FILES), "names must tell statements apart"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_statement_another_engine_could_run(path: Path) -> None:
    text = path.read_text("utf-8")
    statements = parsed(text)
    assert len(statements) == 1, "one statement a file"
    assert found(statements, "function_name") <= ALLOWED
    common = set(re.findall(r"(?m)(?:^WITH|,)\s+(\w+) AS \(", text))
    assert found(statements, "table_name") - {""} <= VIEWS | OWN | common
    assert "?" not in text, "parameters have names"
    assert not re.search(r"SELECT\s+\*", text), "name the columns"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_what_is_read_in_order_is_ordered(path: Path) -> None:
    """Rows without an order may come in another one tomorrow."""
    text = path.read_text("utf-8")
    (statement,) = parsed(text)
    modifiers = {modifier["type"] for modifier in statement["node"]["modifiers"]}
    single = not re.search(r"GROUP BY", text) and re.search(r"(?:COUNT|MAX|MIN|SUM)\(", text)
    assert "ORDER_MODIFIER" in modifiers or single


#: What tables beside the logs fill, and what only they say.
FILLED = {
    "org_id", "asn", "country", "account_created_us", "email_domain", "payment_hash",
    "signup_address", "plan", "declared_use", "network_name",
}  # fmt: skip
BESIDE = {"added", "event", "release"}


def test_a_stage_that_added_tables_leave_current_reads_nothing_of_them() -> None:
    free = [stage for stage in stages() if not stage.added]
    assert {"text.groups", "space.place"} <= {stage.name for stage in free}
    read: set[Path] = set()
    for stage in free:
        modules = [path for name, path in _reach(stage.run.__module__).items()]
        read |= {path for path in FILES for module in modules if _names(module, path.stem)}
    assert len(read) > 5
    for path in sorted(read):
        (statement,) = parsed(path.read_text("utf-8"))
        columns = {name for names in _lists(statement, "column_names") for name in names}
        if path.stem in {"account_summary", "organisation_names", "account_names"}:
            continue  # of the stage accounts, whose module holds the one beside it
        assert not columns & FILLED, path
        assert not found(statement, "table_name") & BESIDE, path


def _names(module: Path, statement: str) -> bool:
    return f'__file__, "{statement}"' in module.read_text("utf-8")


def _lists(tree: Any, key: str) -> list[list[str]]:
    """Every list under ``key``, anywhere in the tree."""
    if isinstance(tree, dict):
        here = [tree[key]] if isinstance(tree.get(key), list) else []
        return here + [one for value in tree.values() for one in _lists(value, key)]
    if isinstance(tree, list):
        return [one for value in tree for one in _lists(value, key)]
    return []


def test_the_check_can_fail() -> None:
    statement = parsed("SELECT entropy(list_sum(x)) FROM exchanges")
    assert found(statement, "function_name") - ALLOWED == {"entropy", "list_sum"}
    assert found(statement, "table_name") == {"exchanges"}
