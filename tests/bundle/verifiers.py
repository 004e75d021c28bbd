"""The two verifiers, asked alike: what they say of a folder, as exit status and first bad item."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.bundle.verification import Trouble
from workbench.bundle.verify import verify
from workbench.domain.errors import InputError, VersionError
from workbench.domain.resources import resource_path

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = resource_path("bundle/verify.sh")
_FIRST = re.compile(r"(.*?): ({})(?: \(.*\))?".format("|".join(Trouble)))


@dataclass(frozen=True)
class Answer:
    """What a verifier says.

    Attributes:
        status: 0 intact, 1 not intact, 2 no bundle or a newer one.
        trouble: What is wrong first; empty when nothing is.
        item: Where, up to the first character that no bundle uses in a name: what is strange is
            written in other ways by either.
    """

    status: int
    trouble: str = ""
    item: str = ""


def by_program(folder: Path, trust: str | None = None) -> Answer:
    """What ``workbench verify`` says."""
    try:
        found = verify(folder, trust)
    except (InputError, VersionError):
        return Answer(2)
    if found.intact:
        return Answer(0)
    first = found.problems[0]
    return Answer(1, first.trouble.value, plain(first.item))


def by_script(folder: Path, trust: str | None = None, shell: tuple[str, ...] = ("sh",)) -> Answer:
    """What ``verify.sh`` says; never the one that lies in the folder."""
    more = ("--trust", trust) if trust else ()
    done = subprocess.run(
        [*shell, SCRIPT, *more, folder], capture_output=True, check=False, timeout=600
    )
    said = done.stdout.decode("ascii")
    if done.returncode == 2:
        return Answer(2)
    assert not done.stderr, done.stderr
    if done.returncode == 0:
        known = "trusted" if trust else "unknown"
        assert f"intact, signer {known}\n" in said
        return Answer(0)
    first = _FIRST.fullmatch(said.splitlines()[0])
    assert first is not None, said
    # What is told first is of the files, unless nothing is wrong but whose key it is.
    verdict = "signer not trusted" if first.group(2) == "signer not trusted" else "not intact"
    assert (done.returncode, f": {verdict}\n" in said) == (1, True), said
    return Answer(1, first.group(2), plain(first.group(1)))


def plain(item: str) -> str:
    """The item up to what is strange in it, or to where it is cut."""
    return re.split(r"[^A-Za-z0-9._/-]", item)[0][:199]


def shells(folder: Path) -> dict[str, tuple[str, ...]]:
    """Every shell here; busybox with its own tools and ssh-keygen, nothing else."""
    found: dict[str, tuple[str, ...]] = {}
    found |= {name: (path,) for name in ("sh", "dash") if (path := shutil.which(name))}
    if bash := shutil.which("bash"):
        found["bash"] = (bash, "--posix")
    busybox, keygen = shutil.which("busybox"), shutil.which("ssh-keygen")
    if busybox and keygen:
        tools = folder / "busybox"
        tools.mkdir()
        subprocess.run([busybox, "--install", "-s", tools], check=True)
        (tools / "ssh-keygen").unlink(missing_ok=True)
        (tools / "ssh-keygen").symlink_to(keygen)
        found["busybox"] = ("env", f"PATH={tools}", str(tools / "sh"))
    return found
