"""The same log once more: what is recognised, and what is told where it cannot be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from workbench.domain.errors import InputError
from workbench.domain.exchange import Accounting, Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.services.importing import ImportReport


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def test_a_file_of_another_system_that_is_loaded_again_is_told(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Whose logs they are was left out once: the same exchanges stand in the case twice."""
    log = tmp_path / "a.jsonl"
    log.write_text("".join(f'{{"request_id": "r{n}", "prompt": "q{n}"}}\n' for n in range(3)))
    first = workspace.importing.run([log], Frame(system="gateway"), ReadOptions(), Job())
    again = workspace.importing.run([log], Frame(), ReadOptions(), Job())
    assert again.total.loaded == 3
    assert not [doubt for doubt in first.doubts if "another system" in doubt.fact]
    (told,) = (doubt for doubt in again.doubts if "another system" in doubt.fact)
    assert told.fact.endswith("as a log of another system, and 3 records were loaded again.")
    assert "--system" in told.command
    third = workspace.importing.run([log], Frame(), ReadOptions(), Job())
    assert third.total.loaded == 0
    assert not [doubt for doubt in third.doubts if "another system" in doubt.fact]


def test_two_tables_that_hold_the_same_rows(workspace: Workspace, tmp_path: Path) -> None:
    """Told by its bytes only when it was read: what that reading would have loaded is not told."""
    database = tmp_path / "logs.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        for name in "ab":
            connection.execute(f"CREATE TABLE {name} (prompt TEXT, key TEXT)")
            rows = [(f"q{n}", f"k{n % 2}") for n in range(5)]
            connection.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)
    first = workspace.importing.run([f"{database}#a"], Frame(), ReadOptions(), Job())
    assert first.total == Accounting(loaded=5)
    # Read in another way each record is another one.
    mapped = ReadOptions(mapping={"account_id": "key"})
    log = tmp_path / "other.jsonl"
    log.write_text('{"prompt": "p", "key": "k"}\n')
    again = workspace.importing.run([f"{database}#b", log], Frame(), mapped, Job())
    assert again.files[0].already
    assert again.files[0].accounting == Accounting(duplicate=5)
    assert again.total == Accounting(duplicate=5, loaded=1)
    assert again.doubts[0].fact.endswith(
        "without a zone, without a mapping: nothing changed, and the mapping account_id=key was "
        "not applied."
    )


def test_a_file_that_was_read_otherwise_is_not_read_again_and_said(
    workspace: Workspace, tmp_path: Path
) -> None:
    log = tmp_path / "gw.jsonl"
    log.write_text('{"prompt": "p", "evt": {"when": "soon", "epoch": 1777636800}}\n')

    def load(options: ReadOptions, format_name: str = "") -> ImportReport:
        return workspace.importing.run([log], Frame(), options, Job(), format_name=format_name)

    first = ReadOptions(mapping={"ts": "evt.when"})
    load(first)
    plain = [f"{log} was imported before: nothing changed."]
    # As it was read, and with nothing said of how.
    assert [doubt.fact for doubt in load(first).doubts] == plain
    assert [doubt.fact for doubt in load(ReadOptions()).doubts] == plain
    for options, format_name, what in (
        (ReadOptions(mapping={"ts": "evt.epoch"}), "", "the mapping ts=evt.epoch was"),
        (ReadOptions("UTC"), "", "the zone UTC was"),
        (ReadOptions("UTC", first.mapping), "mapped", "the format mapped and the zone UTC were"),
    ):
        with pytest.raises(InputError) as refused:
            load(options, format_name)
        fact = refused.value.fact
        assert fact.startswith(f"{log} was imported before, in import 1, as canonical (")
        assert fact.endswith(
            f"), without a zone, by the mapping ts=evt.when: nothing changed, and {what} not "
            "applied."
        )
        assert refused.value.remedy == "To read it so, import it into a new case."
    assert len(workspace.importing.provenance.frames()) == 1


@pytest.mark.parametrize(
    ("systems", "told"),
    [
        (("", "gateway"), "is of the system gateway, and the case holds imports that name none"),
        (("gateway", ""), "names no system, and the case holds imports of gateway: what both"),
        (("gateway", "edge"), "imports of gateway: what both logged is joined by its request id"),
        (("", ""), ""),
        (("gateway", "gateway"), ""),
        (("gateway", "edge", "gateway"), ""),
    ],
)
def test_systems_that_are_not_those_of_the_case_are_told(
    workspace: Workspace, tmp_path: Path, systems: tuple[str, ...], told: str
) -> None:
    for number, system in enumerate(systems):
        log = tmp_path / f"{number}.jsonl"
        log.write_text(f'{{"request_id": "r{number}", "account_id": "k", "prompt": "q"}}\n')
        report = workspace.importing.run([log], Frame(system=system), ReadOptions(), Job())
        assert bool(report.doubts) == (number == 1 and bool(systems[0] != systems[1]))
        if number == 1 and told:
            (doubt,) = report.doubts
            assert told in doubt.fact
            assert "--system" in doubt.command


def test_a_system_that_was_not_said_is_no_pair_of_quotes(
    workspace: Workspace, tmp_path: Path
) -> None:
    log = tmp_path / "a.jsonl"
    log.write_text('{"prompt": "q"}\n')
    workspace.importing.run([log], Frame(), ReadOptions(), Job())
    with pytest.raises(InputError, match="named and compared without one"):
        workspace.importing.provenance.amend_frame({"system": "gateway"})
