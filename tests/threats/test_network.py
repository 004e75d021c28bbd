"""Nothing touches the network but a database that somebody names as a source.

Watched twice: Python's own calls by an audit hook, which cannot be taken off again, and, where
strace is installed, the calls of the whole process and of all it starts, libraries in C included.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_TOUCHED = 99
_WATCHED = f"""
import os, sys

def watch(event, given):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        os.write(2, repr((event, given)).encode())
        os._exit({_TOUCHED})
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
        if isinstance(given[1], tuple):  # an address of the internet; a local one is a path
            os.write(2, repr((event, given[1])).encode())
            os._exit({_TOUCHED})

sys.addaudithook(watch)
"""
_WHOLE_WAY = (
    _WATCHED
    + """
from pathlib import Path
from workbench.__main__ import _Window, main

os.umask(0)
for said in (
    "simulate logs --scenario hydra --exchanges 600 --accounts 80",
    "import a.case logs/log-canonical.jsonl.zst logs/log-openai.jsonl.gz --zone UTC",
    "analyse a.case",
    "accounts a.case --json",
    "label a.case --account ACCOUNT --as benign --why known",
    "export a.case --account ACCOUNT --out bundle",
    "verify bundle",
):
    if "ACCOUNT" in said:
        from workbench.services.workspace import Workspace
        with Workspace.open(Path("a.case"), write=False) as held:
            account = held.browsing.accounts()["account_id"][0].as_py()
        said = said.replace("ACCOUNT", account)
    sys.argv = ["workbench", *said.split()]
    try:
        main()
    except SystemExit as left:
        assert left.code == 0, (said, left.code)
_Window().grab(Path("a.case"), Path("window.png"))
"""
)
_ADDRESS = re.compile(r"sa_family=AF_INET")


def ran(folder: Path, code: str, *before: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-c", code],
        cwd=folder,
        env=os.environ
        | {"WORKBENCH_CONFIG": str(folder / "config"), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which everything was done, and beside it the calls that were made."""
    folder = tmp_path_factory.mktemp("way") / "folder"
    folder.mkdir()
    strace = shutil.which("strace")
    calls = str(folder.parent / "calls")
    before = (strace, "-f", "-qq", "-e", "trace=connect,bind,sendto", "-o", calls)
    done = ran(folder, _WHOLE_WAY, *(before if strace else ()))
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def test_from_log_to_verified_bundle_and_window_no_connection_is_tried(way: Path) -> None:
    assert (way / "window.png").stat().st_size > 0
    calls = way.parent / "calls"
    if calls.exists():
        lines = calls.read_text("utf-8", "replace").splitlines()
        assert [line for line in lines if _ADDRESS.search(line)] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")
def test_what_was_written_on_the_way_is_for_nobody_else(way: Path) -> None:
    names = {path.name for path in way.rglob("*")}
    wanted = {"truth.csv", "given.duckdb", "heads.json", "lock", "analyst_ed25519", "report.pdf"}
    assert wanted <= names
    open_to_others = [
        f"{stat.S_IMODE(path.stat().st_mode):o} {path.relative_to(way)}"
        for path in sorted(way.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert open_to_others == []


@pytest.mark.parametrize(
    "call",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.socket().connect(('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import socket; socket.gethostbyname('localhost')",
    ],
)
def test_the_watch_sees_it(tmp_path: Path, call: str) -> None:
    assert ran(tmp_path, _WATCHED + call).returncode == _TOUCHED


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_calls_of_a_process_show_it(tmp_path: Path) -> None:
    traced = tmp_path / "calls"
    call = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    ran(tmp_path, call, "strace", "-f", "-qq", "-e", "trace=connect", "-o", str(traced))
    assert _ADDRESS.search(traced.read_text("utf-8"))
