"""Values that could not be read and did not sink their record: counted, and shown by the first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.door import Privacy
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def record(number: int, **more: Any) -> dict[str, Any]:
    plain = {"request_id": f"r{number}", "ts": "2026-05-01T12:00:00Z", "account_id": "k"}
    return plain | {"prompt": "q"} | more


def told(tmp_path: Path, *records: dict[str, Any], privacy: Privacy | None = None) -> str:
    """What an import of the records makes a person look at."""
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(each) + "\n" for each in records))
    with Workspace.create(tmp_path / "a.case") as workspace:
        report = workspace.importing.run([log], Frame(), ReadOptions(), Job(), privacy=privacy)
    return "\n".join(doubt.fact for doubt in report.doubts)


def test_the_first_values_of_each_column_with_their_records(tmp_path: Path) -> None:
    odd = {"request_id": "twice", "prompt": "p", "status": "2\u202e00" + "0" * 90}
    plain = [record(n, in_tok=["x", n]) if n % 2 else record(n) for n in range(20)]
    text = told(tmp_path, *plain, odd)
    shown = ", ".join(f'record {n + 1}: ["x", {n}]' for n in (1, 3, 5))
    assert f"in_tok 10 ({shown})" in text
    assert 'status 1 (record 21: "2' in text
    assert "\u202e" not in text
    assert len(text) < 400


def test_values_stay_at_the_door_with_the_texts(tmp_path: Path) -> None:
    text = told(tmp_path, record(1, in_tok="a secret"), privacy=Privacy(drop_text=True))
    assert "in_tok 1 (record 1)" in text
    assert "secret" not in text
