"""A bundle of version 1 as it was handed out: it verifies for ever, and what is wrong is named.

``bundle_1/`` is frozen: made-up content, written and signed by the program of that time. It is
never made anew from the current code.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from workbench.bundle.verification import Trouble
from workbench.bundle.verify import verify

_FROZEN = Path(__file__).parent / "bundle_1"
_SIGNER = "SHA256:kF7bwEbjNipli/D48Jn4XvRZYuhadSicC7mQ4TPCfMk"


def test_it_verifies() -> None:
    found = verify(_FROZEN, _SIGNER)
    assert found.verdict == "intact, signer trusted"
    assert (found.n_files, found.n_bytes) == (35, 269_876)
    assert verify(_FROZEN).verdict == "intact, signer unknown"


def test_its_own_instructions_verify_it() -> None:
    text = (_FROZEN / "VERIFY.txt").read_text("utf-8")
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    lines = re.findall(r"^ {5}((?:sha256sum|find|wc|ssh-keygen) .*)$", joined, re.MULTILINE)
    assert len(lines) == 7
    for line in lines:
        command, _, expected = line.partition("     ")
        done = subprocess.run(command, shell=True, cwd=_FROZEN, capture_output=True, check=True)
        if number := re.search(r"must print (\d+)", expected):
            assert done.stdout.decode().strip() == number.group(1)


def test_each_file_that_is_changed_or_missing_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(_FROZEN, copy)
    names = [p.relative_to(copy).as_posix() for p in sorted(copy.rglob("*")) if p.is_file()]
    for name in names:
        whole = (copy / name).read_bytes()
        (copy / name).write_bytes(whole + b"\n")
        assert not verify(copy).intact, name
        (copy / name).unlink()
        first = verify(copy).problems[0]
        assert (first.trouble, first.item) == (Trouble.MISSING, name)
        (copy / name).write_bytes(whole)
    assert verify(copy).intact


def test_what_a_later_version_brings_does_not_belong_into_it(tmp_path: Path) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(_FROZEN, copy)
    (copy / "verify.sh").write_text("true\n")
    assert [(p.trouble, p.item) for p in verify(copy).problems] == [(Trouble.ADDED, "verify.sh")]
