"""The door: what was named is nowhere in the case, and one account never gets two names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.held import every_value, everything
from workbench.case.pseudonym_key import PseudonymKey
from workbench.domain.added import AddedKind
from workbench.domain.door import Door
from workbench.domain.errors import InputError
from workbench.domain.exchange import Frame
from workbench.domain.label import EntryKind
from workbench.domain.ports import ReadOptions, Statement
from workbench.domain.progress import Job
from workbench.services.door import Privacy, columns_named
from workbench.services.door_words import told
from workbench.services.pseudonyms import Pseudonyms
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.services.importing import ImportReport

NAMES = ("account_id", "org_id", "ip", "email_domain", "payment_hash")
ASKED = Privacy(NAMES)
SECRETS = (b"jane-doe", b"192.0.2.", b"acme-corp", b"canary.example", b"card-4242")


def line(number: int, **more: Any) -> str:
    return json.dumps(
        {
            "request_id": f"r{number}", "ts": f"2026-05-01T12:00:{number:02d}Z",
            "account_id": f"jane-doe-{number % 3}", "org_id": "acme-corp",
            "ip": f"192.0.2.{number % 5}", "email_domain": "canary.example",
            "payment_hash": "card-4242", "prompt": f"question {number}",
        }
        | more
    )  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    broken = '{"account_id": "jane-doe-1", "ip": "192.0.2.9"'
    path.write_text("\n".join([*map(line, range(20)), broken, line(3, prompt="another")]) + "\n")
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def load(workspace: Workspace, *paths: Path, privacy: Privacy | None = None) -> ImportReport:
    frame = Frame(system="gateway")
    return workspace.importing.run(paths, frame, ReadOptions(), Job(), privacy=privacy)


def rows(workspace: Workspace, text: str) -> list[dict[str, Any]]:
    with workspace._held.engine() as engine:
        found: list[dict[str, Any]] = engine.table(Statement("asked", text)).to_pylist()
    return found


def names(workspace: Workspace) -> set[str]:
    return {row["value"] for row in rows(workspace, "SELECT value FROM account")}


def test_what_was_named_is_nowhere_in_the_case(workspace: Workspace, log: Path) -> None:
    report = load(workspace, log, privacy=ASKED)
    assert (report.total.loaded, report.total.conflict, report.total.rejected) == (20, 1, 1)
    (reject,) = workspace.importing.provenance.rejects().to_pylist()
    assert reject["raw"] == b""
    assert "cut off" in reject["reason"]
    while_open = everything(workspace.path)
    workspace.close()
    for secret in SECRETS:
        assert secret in log.read_bytes()
        assert secret not in while_open
        assert secret not in everything(workspace.path)
        assert secret.decode() not in every_value(workspace.path)


def test_the_same_log_without_the_option_does_hold_them(workspace: Workspace, log: Path) -> None:
    load(workspace, log)
    assert workspace._held.case.given.door() == Door()
    (reject,) = workspace.importing.provenance.rejects().to_pylist()
    assert SECRETS[0] in reject["raw"]
    assert "door" not in workspace.importing.provenance.info().imports[0]["options"]
    workspace.close()
    assert all(secret.decode() in every_value(workspace.path) for secret in SECRETS)


def test_the_case_knows_the_columns_and_the_keys_id_never_the_key(
    workspace: Workspace, log: Path
) -> None:
    report = load(workspace, log, privacy=ASKED)
    key = PseudonymKey.own()
    assert any(str(key.path) in doubt.fact and key.id in doubt.fact for doubt in report.doubts)
    door = Door(columns_named(",".join(NAMES)), key.id)
    assert workspace._held.case.given.door() == door
    (done,) = workspace.importing.provenance.info().imports
    assert Door.of(done["options"]["door"]) == door
    (entry,) = [e for e in workspace._held.case.journals.entries() if e.kind is EntryKind.IMPORT]
    assert Door.of(entry.body["door"]) == door
    of = Pseudonyms(key.secret, NAMES).of
    assert names(workspace) == {of("account_id", f"jane-doe-{n}") for n in range(3)}
    workspace.close()
    held = everything(workspace.path)
    assert key.secret not in held
    assert key.secret.hex().encode() not in held


def test_a_later_import_goes_on_by_itself_and_names_stay_one(
    workspace: Workspace, log: Path, tmp_path: Path
) -> None:
    load(workspace, log, privacy=ASKED)
    before = names(workspace)
    more = tmp_path / "more.jsonl"
    more.write_text(line(40) + "\n" + line(0) + "\n")
    report = load(workspace, more)
    assert (report.total.loaded, report.total.duplicate) == (1, 1)
    assert any("as at the case's first import" in doubt.fact for doubt in report.doubts)
    assert names(workspace) == before
    again = load(workspace, log, privacy=Privacy(tuple(reversed(NAMES))))
    assert again.files[0].already


def test_other_columns_or_another_key_are_refused(
    workspace: Workspace, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(workspace, log, privacy=ASKED)
    more = tmp_path / "more.jsonl"
    more.write_text(line(40) + "\n")
    other = PseudonymKey.own(tmp_path / "other")
    with pytest.raises(InputError, match=r"one account would get two names.*new case"):
        load(workspace, more, privacy=Privacy(("account_id",)))
    with pytest.raises(InputError, match=r"is not the one in .*other.*--pseudonym-key"):
        load(workspace, more, privacy=Privacy((), other.path))
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "another computer"))
    with pytest.raises(InputError, match=r"is not on this computer.*--pseudonym-key"):
        load(workspace, more)
    assert not (tmp_path / "another computer").exists()
    assert workspace.importing.provenance.info().counts["exchanges"] == 21


def test_a_case_that_holds_names_does_not_begin_to_replace_them(
    workspace: Workspace, log: Path, tmp_path: Path
) -> None:
    load(workspace, log)
    more = tmp_path / "more.jsonl"
    more.write_text(line(40) + "\n")
    with pytest.raises(InputError, match=r"names are as they were.*new case"):
        load(workspace, more, privacy=ASKED)


def test_tables_that_were_there_first_are_refused(
    workspace: Workspace, log: Path, tmp_path: Path
) -> None:
    table = tmp_path / "a.csv"
    table.write_text("account_id,plan\njane-doe-1,pro\n")
    workspace.joining.add(AddedKind.ACCOUNTS, table, Job())
    with pytest.raises(InputError, match=r"Tables were added.*new case"):
        load(workspace, log, privacy=ASKED)


def test_the_key_must_lie_outside_the_case(workspace: Workspace, log: Path) -> None:
    inside = workspace.path / "key"
    with pytest.raises(InputError, match="Name a file outside the case"):
        load(workspace, log, privacy=Privacy(NAMES, inside))
    assert not inside.exists()


def test_what_holds_no_names_cannot_be_asked_for() -> None:
    assert columns_named(" ip, account_id,ip ,") == ("account_id", "ip")
    with pytest.raises(InputError, match=r"'prompt' holds no names.*account_id"):
        columns_named("prompt")
    with pytest.raises(InputError, match="'adress' is no canonical column"):
        columns_named("adress")


def test_tables_beside_the_logs_still_match_and_hold_no_names(
    workspace: Workspace, log: Path, tmp_path: Path
) -> None:
    load(workspace, log, privacy=ASKED)
    table = tmp_path / "a.csv"
    table.write_text(
        "account_id,created_at,email_domain,payment_hash,parent_org,signup_address,plan\n"
        "jane-doe-1,2026-04-01T00:00:00Z,canary.example,card-4242,acme-corp,192.0.2.77,pro\n"
        "jane-doe-9,2026-04-01T00:00:00Z,,,,,pro\n"
        ",2026-04-01T00:00:00Z,jane-doe-8,,,,pro\n"
    )
    report = workspace.joining.add(AddedKind.ACCOUNTS, table, Job())
    assert (report.table.matched, report.table.unmatched) == (1, 1)
    assert report.table.accounting.rejected == 1
    of = Pseudonyms(PseudonymKey.own().secret, NAMES).of
    filled = {row["field"]: row["value"] for row in rows(workspace, "FROM filled")}
    address = of("ip", "192.0.2.77")
    assert filled["signup_address"] == address
    assert address.split(".")[0] == of("ip", "192.0.2.1").split(".")[0]
    assert filled["plan"] == "pro"
    keys = tmp_path / "e.csv"
    keys.write_text(
        "account_key,at,event\nkey:gateway:jane-doe-2,2026-05-02T00:00:00Z,ban\n"
        "organisation:gateway:acme-corp,2026-05-02T00:00:00Z,ban\n"
    )
    assert workspace.joining.add(AddedKind.EVENTS, keys, Job()).table.matched == 2
    workspace.close()
    for secret in SECRETS:
        assert secret not in everything(workspace.path)
        assert secret.decode() not in every_value(workspace.path)


def test_addresses_that_go_by_pseudonyms_are_not_looked_up(
    workspace: Workspace, log: Path, tmp_path: Path
) -> None:
    load(workspace, log, privacy=ASKED)
    with pytest.raises(InputError, match="no database knows them"):
        workspace.joining.add(AddedKind.ADDRESSES, tmp_path / "a.mmdb", Job())


def test_a_table_needs_the_key_too(
    workspace: Workspace, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    load(workspace, log, privacy=Privacy(("account_id",), path))
    table = tmp_path / "a.csv"
    table.write_text("account_id,plan\njane-doe-1,pro\n")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "another computer"))
    with pytest.raises(InputError, match=r"Nothing was added.*--pseudonym-key"):
        workspace.joining.add(AddedKind.ACCOUNTS, table, Job())
    report = workspace.joining.add(AddedKind.ACCOUNTS, table, Job(), key_file=path)
    assert report.table.matched == 1
    # Named once, it is found from then on.
    assert workspace.joining.add(AddedKind.ACCOUNTS, table, Job()).already


def test_what_is_told_names_the_columns_and_what_is_lost() -> None:
    assert told(Door()) == []
    first, second, third = told(Door(("account_id", "ip"), "abc"))
    assert "account_id, ip" in first
    assert "abc" in first
    assert "/24" in second
    assert "without their bytes" in third
    assert len(told(Door(("account_id",), "abc"))) == 2
