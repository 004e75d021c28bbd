"""A case folder that somebody else made: opening it reads nothing outside, and runs nothing."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pytest

from tests.case.made_up import add_file
from workbench.case.folder import Case
from workbench.domain.errors import CaseError

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "what-nobody-gave-to-this-case"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    with Case.create(tmp_path / "theirs.case") as case:
        add_file(case, [{"account_id": "k1", "prompt": "x"}])
    (tmp_path / "secret.csv").write_text(f"v\n{CANARY}\n", "utf-8")
    return case.path


def replaced(path: Path, table: str, value: str) -> None:
    """Put a view in place of a table, of the same columns, that gives a value in each text."""
    with duckdb.connect(path / "given.duckdb") as connection:
        shape = connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = ? ORDER BY ordinal_position",
            [table],
        ).fetchall()
        shown = ", ".join(
            f"{value if kind == 'VARCHAR' else f'CAST(0 AS {kind})'} AS {name}"
            for name, kind in shape
            if kind in {"VARCHAR", "INTEGER", "BIGINT", "UINTEGER", "UBIGINT", "UTINYINT"}
        )
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_theirs")
        connection.execute(f"CREATE VIEW {table} AS SELECT {shown}")


@pytest.mark.parametrize("table", ["prompts", "exchanges", "identities", "sources"])
@pytest.mark.parametrize("write", [False, True])
def test_a_view_in_place_of_a_table_is_not_run(made: Path, table: str, write: bool) -> None:
    secret = made.parent / "secret.csv"
    replaced(made, table, f"(SELECT v FROM read_csv('{secret}'))")
    with pytest.raises(CaseError, match="a view or macro") as raised:
        Case.open(made, write=write)
    assert table in str(raised.value)
    assert CANARY not in str(raised.value)
    assert "Do not trust this case" in raised.value.remedy


@pytest.mark.parametrize(
    "code",
    ["MACRO lower(x) AS x || '!'", "MACRO given_of(x) AS TABLE SELECT x", "VIEW v AS SELECT 1"],
)
def test_functions_that_stand_for_those_of_the_database_are_refused(made: Path, code: str) -> None:
    """A macro in a file comes before the function of its name, in every statement."""
    with duckdb.connect(made / "given.duckdb") as connection:
        connection.execute(f"CREATE {code}")
    with pytest.raises(CaseError, match=r"given\.duckdb of the case holds"):
        Case.open(made)


def test_what_was_computed_is_looked_at_too(made: Path) -> None:
    with duckdb.connect(made / "computed" / "computed.duckdb") as connection:
        connection.execute("CREATE VIEW theirs AS SELECT 1")
    with pytest.raises(CaseError, match=r"computed\.duckdb .* 'theirs'") as raised:
        Case.open(made)
    assert "workbench repair CASE" in raised.value.remedy


def published(path: Path) -> Path:
    """A stage's array; its file."""
    with Case.open(path) as case:
        case.artifacts.publish("stage", "key", arrays={"a": np.arange(3.0)}, tables={}, info={})
    (kept,) = path.glob("computed/*.npy")
    return kept


def named(path: Path, name: str) -> None:
    """Let the manifest name another file."""
    with duckdb.connect(path / "computed" / "computed.duckdb") as connection:
        connection.execute("UPDATE files SET path = ?", [name])


def test_an_array_that_would_be_unpacked_as_code_is_not(made: Path) -> None:
    """Unpacking a pickle runs what it names: here it would make a file."""
    proof = made.parent / "ran"

    class Code:
        def __reduce__(self) -> tuple[object, ...]:
            return open, (str(proof), "w")

    kept = published(made)
    kept.write_bytes(pickle.dumps(Code()).ljust(kept.stat().st_size, b"\0"))
    with Case.open(made, write=False) as case, pytest.raises(CaseError, match="damaged"):
        case.artifacts.array("stage", "a")
    assert not proof.exists()


@pytest.mark.parametrize("outside", ["../../precious.npy", "absolute", "..", "", "precious.npy"])
def test_a_manifest_leads_to_no_file_outside_and_deletes_none(made: Path, outside: str) -> None:
    kept = published(made)
    precious = made.parent / "precious.npy"
    precious.write_bytes(kept.read_bytes())
    named(made, str(precious) if outside == "absolute" else outside)
    with Case.open(made) as case:
        assert case.artifacts.current("stage") is None, "it was not published"
        case.artifacts.publish("stage", "other", arrays={"a": np.zeros(3)}, tables={}, info={})
        assert case.artifacts.array("stage", "a").tolist() == [0.0, 0.0, 0.0]
    assert precious.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "lock",
        "case.toml",
        "given.duckdb",
        "computed",
        "decided",
        "computed/x.npy",
        "decided/k.jsonl",
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_a_link_to_what_is_not_the_cases_is_not_followed(
    made: Path, name: str, write: bool
) -> None:
    """What it leads to would be written over, or swept as left behind."""
    place = made / name
    theirs = made.parent / "theirs"
    if place.exists():
        place.rename(theirs)
    else:
        theirs.write_bytes(b"precious")
    place.symlink_to(theirs)
    before = {p: p.read_bytes() for p in (theirs, *theirs.rglob("*")) if p.is_file()}
    with pytest.raises(CaseError, match="is a link that leads elsewhere"):
        Case.open(made, write=write)
    assert {p: p.read_bytes() for p in before} == before


def test_the_case_itself_may_be_reached_by_a_link(made: Path) -> None:
    link = made.parent / "link.case"
    link.symlink_to(made)
    with Case.open(link) as case:
        assert case.name == "theirs"
