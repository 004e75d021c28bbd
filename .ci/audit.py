"""What is installed, against the lock: versions, hashes, licences. Without the network.

Each package that is installed must be locked, in the version that is installed, by hashes; and its
licence must be one that lets anybody use it. Exits 1 and names what is not so. Known weaknesses are
looked up where that may be done: pip-audit -r requirements.lock
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
#: In an environment before anything is installed there, or this project.
NOT_LOCKED = frozenset({"pip", "setuptools", "distillation-workbench"})
#: Linked at run time as libraries of their own, which their licence (LGPL 3) allows.
LINKED = frozenset({"pyside6-essentials", "shiboken6"})
FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Public Domain|Unlicense|MPL|Mozilla"
)
NOT_FREE = re.compile(r"\bA?GPL|LGPL|Affero|GNU|SSPL|Commons Clause|Non-?Commercial", re.IGNORECASE)


def normal(name: str) -> str:
    """The one way to write a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str) -> dict[str, tuple[str, int]]:
    """Name -> (version, number of hashes) of a lock file, of what holds for this Python."""
    found = {}
    for entry in re.split(r"\n(?=\S)", text):
        needed = Requirement(entry.partition("\\")[0].strip())
        if needed.marker is None or needed.marker.evaluate():
            (pinned,) = needed.specifier
            found[normal(needed.name)] = (pinned.version, entry.count("--hash=sha256:"))
    return found


def licence(package: Distribution) -> str:
    """As the package says it, in one line; empty where it says nothing."""
    told = package.metadata
    classified = [
        line.rpartition("::")[2].strip()
        for line in told.get_all("Classifier", [])
        if line.startswith("License ::")
    ]
    expressed = told.get_all("License-Expression", [])
    written = [text.strip().partition("\n")[0] for text in told.get_all("License", [])]
    return " / ".join(expressed or classified or written)


def wrong_with(name: str, version: str, said: str, lock: dict[str, tuple[str, int]]) -> list[str]:
    """What is wrong with an installed package.

    Args:
        name: Normal.
        version: Installed.
        said: Its licence.
        lock: From ``locked``.
    """
    bad = []
    if name not in NOT_LOCKED:
        if name not in lock:
            bad.append("is not locked")
        elif lock[name][0] != version:
            bad.append(f"is locked as {lock[name][0]}")
        elif not lock[name][1]:
            bad.append("has no hash")
    # "MIT OR GPL" leaves the choice.
    choices = said.split(" OR ")
    free = any(FREE.search(one) and not NOT_FREE.search(one) for one in choices)
    if not free and name not in LINKED:
        bad.append(f"has no licence that is known to be free: {said or 'none told'}")
    return bad


def main() -> int:
    """Print the table; returns 1 if anything is wrong."""
    lock = locked((ROOT / "requirements.lock").read_text("utf-8"))
    installed = {normal(one.name): one for one in distributions()}
    failed = 0
    for name, package in sorted(installed.items()):
        said = licence(package)
        bad = wrong_with(name, package.version, said, lock)
        hashes = lock.get(name, ("", 0))[1]
        print(f"{name:30} {package.version:14} {hashes:4} hashes  {said}")
        failed += bool(bad)
        for line in bad:
            print(f"  WRONG: {name} {line}")
    print(f"{len(installed)} packages, {failed} with something wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
