"""What is large on purpose, at its real size: lines of 100 MB, and files that swell without end.

Each import is a process of its own, so that what it takes in memory can be told. Ten seconds each:
one of a kind, all of them at full count.
"""

from __future__ import annotations

import bz2
import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.faults.trouble import FULL, values
from workbench.formats.decode import LONGEST_RECORD, TOO_LONG
from workbench.formats.unpack import MOST_SWELL, SWELLS_FREELY

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20
#: Bytes that an import of any of these may hold at once: a line of 100 MB a few times over.
_MOST_HELD = 2 << 30

GOOD = b'{"request_id":"%s","account_id":"k1","ts":"2026-05-01T12:00:00Z","prompt":"fine"}\n'
BEGUN = b'{"request_id":"long","prompt":"'

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs wait4")


#: Runs a command and writes what it held at most, in getrusage's unit. A process begins with the
#: peak of the one that started it, and this one starts small, whatever tests ran before.
_MEASURED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[2:])
_, status, used = os.wait4(process.pid, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(used.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def run(case: Path, *arguments: str | Path) -> tuple[int, str, str]:
    """An import by the command line: exit status, stdout, the last line on stderr."""
    peak = case.with_suffix(".peak")
    command = [sys.executable, "-m", "workbench", "import", case, *arguments, "--json"]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, peak, *command],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    held = int(peak.read_text()) * (1 if sys.platform == "darwin" else 1024)
    assert held < _MOST_HELD
    lines = done.stderr.splitlines()
    return done.returncode, done.stdout, lines[-1] if lines else ""


def long_line(size: int, end: bytes) -> bytes:
    """A record of so many bytes, about."""
    return BEGUN + b"word " * ((size - len(BEGUN) - len(end)) // 5) + end


LINES: dict[str, tuple[bytes, int, dict[str, int]]] = {
    # end, bytes, fates
    "longest": (b'"}', LONGEST_RECORD, {"loaded": 3}),
    "longest, cut off": (b"", LONGEST_RECORD, {"loaded": 2, "rejected": 1}),
    "longer": (b'"}', LONGEST_RECORD + MIB, {"loaded": 2, "rejected": 1}),
    "longer, cut off": (b"", LONGEST_RECORD + 40 * MIB, {"loaded": 2, "rejected": 1}),
}


@pytest.mark.parametrize("kind", LINES if FULL else ["longer"])
def test_a_line_of_a_hundred_megabytes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    end, size, fates = LINES[kind]
    path = tmp_path / "log.jsonl"
    path.write_bytes(GOOD % b"r1" + long_line(size, end) + b"\n" + GOOD % b"r2")
    status, said, _ = run(tmp_path / "a.case", path)
    assert status == 0
    total = json.loads(said)["total"]
    assert {name: total[name] for name in ("loaded", "rejected")} == {"rejected": 0} | fates
    assert total["records"] == 3
    if "longer" in kind:
        (reject,) = values(capfd, "rejects", tmp_path / "a.case")["rejects"]
        assert (reject["reason"], reject["record_no"]) == (TOO_LONG, 2)
        assert reject["byte_offset"] == len(GOOD % b"r1")


#: Shells that may follow one another in a file, so that a bomb is made of few bytes at once.
SHELLS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 9),
    "bzip2": bz2.compress,
    "zstd": lambda data: pa.Codec("zstd").compress(data, asbytes=True),
}


def bomb(path: Path, shell: str) -> None:
    """Fifty good lines and one that does not end before it has more than a gigabyte."""
    begun = b"".join(GOOD % b"r%d" % number for number in range(50)) + BEGUN
    more, times = b" " * (4 * MIB), SWELLS_FREELY // (4 * MIB) + 60
    if shell in SHELLS:
        pack = SHELLS[shell]
        with path.open("wb") as file:
            file.write(pack(begun))
            file.writelines([pack(more)] * times)
        return
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("log.jsonl", "w") as member,
    ):
        member.write(begun)
        for _ in range(times):
            member.write(more)


@pytest.mark.parametrize("shell", [*SHELLS, "zip"] if FULL else ["zstd"])
def test_a_bomb_loads_nothing(tmp_path: Path, shell: str) -> None:
    path = tmp_path / "log.jsonl"
    bomb(path, shell)
    assert path.stat().st_size < 2 * MIB
    status, said, line = run(tmp_path / "a.case", path)
    assert (status, said) == (2, "")
    assert f"swells to more than {MOST_SWELL:,} times its size" in line
    assert "Nothing of it was loaded." in line
    assert line.startswith(f"workbench: {path}")
    assert not (tmp_path / "a.case").exists()


def test_what_swells_as_logs_do_is_no_bomb(tmp_path: Path) -> None:
    """One long system prompt in every line: some hundred times its size."""
    record: dict[str, Any] = {"system": "Be kind. " * 2000, "prompt": "q"}
    line = json.dumps(record).encode() + b"\n"
    path = tmp_path / "log.jsonl"
    path.write_bytes(SHELLS["zstd"](line * 600))
    assert len(line) * 600 > 500 * path.stat().st_size
    status, said, _ = run(tmp_path / "a.case", path)
    assert status == 0
    assert json.loads(said)["total"]["records"] == 600
