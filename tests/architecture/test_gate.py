"""Texts of a case go through one gate: which modules see past it is listed here, with why."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("services", "cli", "ui")
#: Modules of the services that ask for an engine that shows every text.
PAST_IT = {
    "open_case.py": "makes both kinds",
    "access.py": "counts what is named",
    "analysing.py": "computes",
    "comparing.py": "computes",
    "fingerprinting.py": "computes; words only as services.skeletons lets them out",
    "evidence.py": "digests; texts only where they were chosen, may be read, are in no quarantine",
    "purging.py": "counts and digests what is erased",
    "power.py": "computes",
    "power_copy.py": "computes, in copies",
}
_PAST = re.compile(r"\.computing\b|\bcase\.engine\b|\.copy_given\b")
#: Tables of given.duckdb that hold texts: below the views that the gate lies over.
_BELOW = re.compile(
    r"(?i)\b(?:FROM|JOIN)\s+(?:given\.|main\.)*(prompts|systems|exchanges|rejects)\b"
)


def modules() -> list[Path]:
    return [path for name in LAYERS for path in (ROOT / "workbench" / name).rglob("*.py")]


def test_who_sees_past_the_gate_is_listed() -> None:
    found = {path for path in modules() if _PAST.search(path.read_text("utf-8"))}
    assert found == {ROOT / "workbench" / "services" / name for name in PAST_IT}


def test_no_statement_of_the_services_reads_below_the_views() -> None:
    statements = list((ROOT / "workbench" / "services").rglob("*.sql"))
    assert len(statements) > 20
    assert not [path for path in statements if _BELOW.search(path.read_text("utf-8"))]
    assert _BELOW.search("SELECT text FROM given.main.prompts")


def test_rejected_bytes_are_asked_of_the_open_case_alone() -> None:
    asks = re.compile(r"\bgiven\.rejects\(")
    found = {path.name for path in modules() if asks.search(path.read_text("utf-8"))}
    assert found == {"open_case.py"}
