"""Records inside records, imported again in other company: each is recognised by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from workbench.domain.exchange import Accounting, Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def record(number: int) -> dict[str, Any]:
    return {"request_id": f"r{number}", "prompt": f"question {number}", "account_id": "k"}


def held(*numbers: int) -> str:
    return json.dumps({"object": "list", "data": [record(n) for n in numbers]})


def test_records_inside_records_are_recognised_however_they_are_held(tmp_path: Path) -> None:
    log, otherwise, repaired = tmp_path / "log", tmp_path / "otherwise", tmp_path / "repaired"
    log.write_text(held(1, 2) + "\n" + held(3).replace("]}", ", 7, {}]}") + "\n" + held() + "\n")
    otherwise.write_text(held(3, 4, 1) + "\n" + json.dumps(record(2)) + "\n")
    with Workspace.create(tmp_path / "a.case") as workspace:

        def load(path: Path) -> Accounting:
            return workspace.importing.run([path], Frame(), ReadOptions(), Job()).total

        assert load(log) == Accounting(loaded=3, rejected=3)
        rejects = workspace.importing.provenance.rejects().to_pylist()
        assert [(row["record_no"], row["raw"]) for row in rejects] == [
            (4, b"7"),
            (5, b"{}"),
            (6, b'{"object": "list", "data": []}'),
        ]
        text = log.read_bytes()
        assert all(text[row["byte_offset"] :].startswith(row["raw"]) for row in rejects)
        assert load(otherwise) == Accounting(loaded=1, duplicate=3)
        mended = [row["raw"].replace(b"{}", held(5).encode()) for row in rejects]
        repaired.write_bytes(b"\n".join(mended))
        assert load(repaired) == Accounting(loaded=1, rejected=2)
        assert workspace.importing.provenance.info().counts["exchanges"] == 5
