"""A case whose every text is hostile: those that others wrote, and those of its own people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.bundle.made_up import MENAGERIE, bounded
from tests.case.made_up import parsed
from tests.services import exported
from tests.services.planted import finding as planted_finding
from workbench.case.folder import Case
from workbench.domain.exchange import CANONICAL_SCHEMA, Frame
from workbench.domain.label import Label
from workbench.domain.ports import ReadOptions
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

#: Without the empty one, which many fields do not take.
BEASTS = tuple(bounded(text) for text in MENAGERIE if text)
_FIELDS = [f.name for f in CANONICAL_SCHEMA if pa.types.is_string(f.type)]
_SAID = " ".join(text for text in BEASTS if len(text) < 1_000)


def rows() -> list[dict[str, Any]]:
    """Exchanges whose every column of text is of the menagerie, another one in each."""
    found = exported.records()
    for number, row in enumerate(found):
        account = number % exported.N_ACCOUNTS
        for place, field in enumerate(_FIELDS):
            row[field] = BEASTS[(account + place) % len(BEASTS)]
        # The planted analysis knows an account by its last three characters.
        row["account_id"] = f"{BEASTS[account % len(BEASTS)]}-{account:03d}"
        row["request_id"] = f"{BEASTS[number % len(BEASTS)]} {number}"
        row["prompt"] = BEASTS[number % len(BEASTS)]
    return found


def _finding(cluster_id: str, row: int, n_accounts: int) -> dict[str, Any]:
    """With sentences that name values of the log."""
    found = dict(planted_finding(cluster_id, row, n_accounts))
    found["story"] = [{"key": "cluster.cells", "params": {"names": list(BEASTS[:3])}}]
    found["against"] = [{"key": "cluster.cells", "params": {"names": list(BEASTS[3:])}}]
    found["nearest_lookalike"] = BEASTS[8]
    return found


def fill(path: Path) -> Path:
    """Make the case, analysed, labelled, noted; closed again."""
    frame = Frame(
        custodian=BEASTS[0],
        system=BEASTS[1],
        query=BEASTS[8],
        population=BEASTS[9],
        sampling=BEASTS[11],
        zone="UTC",
        gaps=BEASTS[12],
    )
    rejects = [
        {"record_no": 9_000 + i, "byte_offset": i, "reason": text, "raw": text.encode()}
        for i, text in enumerate(BEASTS)
    ]
    with pytest.MonkeyPatch.context() as patch, Case.create(path, name=_SAID) as case:
        patch.setattr(exported, "finding", _finding)
        with case.given.begin(frame, ReadOptions(zone="UTC")) as batch:
            source = batch.source(path=f"logs/{_SAID}.jsonl", size=1_000, format="canonical-jsonl")
            source.append(parsed(rows(), rejects=rejects))
            source.finish(sha256="5" * 64)
        exported.analyse(case)
        case.artifacts.publish(
            "text.templates",
            "u",
            arrays={"template": case.artifacts.array("text.templates", "template") * 0},
            tables={
                "templates": pa.table(
                    {"template_id": pa.array([0], pa.int32()), "skeleton": [f"{_SAID} <*>"]}
                )
            },
            info={},
        )
    with Workspace.open(path, analyst=_SAID) as workspace:
        workspace.labelling.label(Label.CONFIRMED, _SAID, cluster_id="C-001")
        workspace.labelling.note(_SAID)
    return path
