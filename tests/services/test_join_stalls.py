"""Tables beside the logs in a folder that does not answer: told, and left at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.formats.mmdb import mmdb
from tests.formats.test_audit_logs import LOG
from tests.network import Network, hanging
from workbench.domain.added import AddedKind
from workbench.domain.errors import CancelledError, InputError
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workbench.domain.progress import JobContext, Progress


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    with hanging(tmp_path / "network", monkeypatch) as made:
        yield made


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A case with one account and its address."""
    log = tmp_path / "log.jsonl"
    log.write_text('{"account_id":"key_1","prompt":"x","ip":"192.0.2.1"}\n')
    with Workspace.create(tmp_path / "a.case") as made:
        made.importing.run([log], Frame(), ReadOptions(), Job())
        yield made


def accounts(path: Path) -> None:
    path.write_text("account_id,email_domain\nkey_1,example.org\n")


def columns(path: Path) -> None:
    pq.write_table(pa.table({"account_id": ["key_1"], "email_domain": ["example.org"]}), path)


def addresses(path: Path) -> None:
    path.write_bytes(mmdb({"192.0.2.0/24": {"country": {"iso_code": "NL"}}}))


def audit(path: Path) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in LOG))


def add(workspace: Workspace, make: Callable[[Path], None], path: Path, job: JobContext) -> None:
    if make is audit:
        workspace.joining.add_by_content(path, job)
    else:
        kind = AddedKind.ADDRESSES if make is addresses else AddedKind.ACCOUNTS
        workspace.joining.add(kind, path, job)


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("make", [accounts, columns, addresses, audit])
def test_a_stall_is_told_and_can_be_cancelled(
    workspace: Workspace, network: Network, make: Callable[[Path], None], later: bool
) -> None:
    """When it is looked at, and when it is read; of an audit log also as the second table."""
    path = network.path / "table"
    make(path)
    steps: list[str] = []

    def hear(progress: Progress) -> None:
        steps.append(progress.step)
        if network.asked.is_set() and progress.step.startswith("Waiting for "):
            job.cancel()

    if later:
        opens = _opens(workspace, network, make, path)
        for table in workspace.joining.tables():
            workspace.joining.remove(table.added_id)
        network.left = opens - 1
    job = Job(hear)
    with pytest.raises(CancelledError):
        add(workspace, make, path, job)
    assert steps[-1] == "Waiting for table, which has given nothing for 0 seconds"
    assert not network.answers.is_set()
    assert workspace.joining.tables() == ()
    # What was left behind holds nothing up.
    network.answers.set()
    add(workspace, make, path, Job())
    assert len(workspace.joining.tables()) == (2 if make is audit else 1)


def _opens(workspace: Workspace, network: Network, make: Callable[[Path], None], path: Path) -> int:
    """How often the file is opened while it is added."""
    network.left = many = 100
    add(workspace, make, path, Job())
    return many - network.left


def test_a_stall_without_end_is_given_up(
    workspace: Workspace, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = network.path / "table"
    accounts(path)
    monkeypatch.setattr("workbench.formats.attendant.GIVES_UP_AFTER_S", 0.0)
    with pytest.raises(InputError, match="table has given nothing for") as caught:
        workspace.joining.add(AddedKind.ACCOUNTS, path, Job())
    assert "copy it" in caught.value.remedy
    assert workspace.joining.tables() == ()
