"""A journal of a million entries: verified, opened, decided upon.

    python -m benchmarks.journal [--entries 1000000] [--analysts 1] [--every]

Makes the entries first (signed one by one: minutes), without waiting for the disk. Prints one JSON
object: seconds and processor seconds of ``journal verify`` in a process of its own (opening
included, the interpreter's start not), of reading the entries and folding the labels, and of a
note after that; with ``--every`` also of checking each line's own signature. Exit code 1 where a
changed byte in the middle is not found, or its line not named.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from workbench.case.identity import Signer
from workbench.case.journal import Journals
from workbench.case.journal_lines import NOTHING, make_line
from workbench.case.labels import LabelBook
from workbench.case.pins import make_pins
from workbench.domain.errors import VerificationError
from workbench.domain.label import EntryKind

_CASE: Final = "0123456789abcdef0123456789abcdef"
_BEGIN_US: Final = 1_767_225_600_000_000
_VERIFY: Final = """
import json, re, sys, time
from pathlib import Path
from workbench.case.journal import Journals
about = Path("/proc/self/status")
every = sys.argv[2] == "every"
began = time.perf_counter(), time.process_time()
checked = Journals(Path(sys.argv[1]), case_id=sys.argv[3], write=False).verify(every=every)
print(json.dumps({
    "seconds": round(time.perf_counter() - began[0], 2),
    "cpu_seconds": round(time.process_time() - began[1], 2),
    # Of this program alone: what getrusage says begins at what its parent had.
    "peak_mb": int(re.search(r"VmHWM:\\s+(\\d+)", about.read_text())[1]) // 1024,
    "entries": checked.entries,
}))
"""


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--analysts", type=int, default=1)
    parser.add_argument("--every", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        room = Path(name)
        signers = [Signer.own(room / f"key-{i}", f"Analyst {i}") for i in range(asked.analysts)]
        folder = room / "decided"
        folder.mkdir()
        size = write(folder, signers, asked.entries)
        told: dict[str, Any] = {
            "benchmark": "journal",
            "entries": asked.entries,
            "analysts": asked.analysts,
            "mb": round(size / 1e6),
            "verify": verified(folder, "heads"),
        }
        if asked.every:
            told["verify_every"] = verified(folder, "every")
        told |= decided_upon(folder, signers[0])
        told["found"] = found(folder, signers[0], asked.entries // asked.analysts // 2)
    print(json.dumps(told))
    return 0 if told["found"] else 1


def write(folder: Path, signers: list[Signer], entries: int) -> int:
    """Journals as their analysts would have written them in turn; returns their bytes."""
    heads: dict[str, str] = {}
    numbers = dict.fromkeys((signer.journal for signer in signers), 0)
    files = {signer.journal: (folder / f"{signer.journal}.jsonl").open("wb") for signer in signers}
    size = 0
    for i in range(entries):
        signer = signers[i % len(signers)]
        key = signer.journal
        numbers[key] += 1
        if i % 10:
            kind = EntryKind.REVEAL
            body = {"prompts": i % 977, "why": f"Read for the dossier of C-{i % 97:03d}"}
        else:
            kind = EntryKind.LABEL
            accounts = [f"key:gateway:sk-{(i + n) % 25_000:05d}" for n in range(4)]
            body = {"label": "suspected", "why": "the same grid", "accounts": accounts}
        line = make_line(
            kind,
            body,
            signer=signer,
            case=_CASE,
            number=numbers[key],
            previous=heads.get(key, NOTHING),
            seen={other: head for other, head in heads.items() if other != key},
            at_us=_BEGIN_US + i * 1_000,
        )
        heads[key] = _digest(line)
        size += files[key].write(line + b"\n")
    for file in files.values():
        file.close()
    make_pins(folder)
    return size


def _digest(line: bytes) -> str:
    import hashlib

    return hashlib.sha256(line).hexdigest()


def verified(folder: Path, how: str) -> dict[str, Any]:
    """``journal verify``, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _VERIFY, str(folder), how, _CASE],
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def decided_upon(folder: Path, signer: Signer) -> dict[str, Any]:
    """Opened for writing, folded, and one entry added and folded in."""
    began = time.perf_counter()
    journals = Journals(folder, case_id=_CASE, write=True)
    opened = time.perf_counter()
    book = LabelBook.fold(journals.entries())
    folded = time.perf_counter()
    journals.append(EntryKind.NOTE, {"text": "one more"}, signer)
    book.after(journals.entries())
    done = time.perf_counter()
    return {
        "open_s": round(opened - began, 2),
        "fold_s": round(folded - opened, 2),
        "note_ms": round((done - folded) * 1e3, 1),
        "accounts": len(book.labels),
    }


def found(folder: Path, signer: Signer, number: int) -> bool:
    """Whether a changed byte of a line is found, and the line named."""
    path = folder / f"{signer.journal}.jsonl"
    with path.open("r+b") as file:
        for _ in range(number - 1):
            file.readline()
        start = file.tell()
        line = file.readline()
        file.seek(start + line.index(b'"why":"') + 8)
        file.write(b"#")
    try:
        Journals(folder, case_id=_CASE, write=False).verify()
    except VerificationError as error:
        return f"Line {number} of" in error.fact
    return False


if __name__ == "__main__":
    sys.exit(main())
