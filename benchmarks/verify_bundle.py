"""Verifying a bundle against ``sha256sum`` on the same files: seconds of each, median of rounds.

    python -m benchmarks.verify_bundle [--megabytes 1000] [--rounds 3]

The bundle is made here: ten large files and five hundred small ones of random bytes, sealed as ours
are. All are read once before. ``workbench verify`` is the whole command, the interpreter's start
included; ``verify.sh`` the script that lies in each bundle. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workbench.bundle import layout, sign
from workbench.bundle.documents import BAGIT_TXT
from workbench.case import sshsig
from workbench.domain.resources import resource_path

if TYPE_CHECKING:
    from collections.abc import Iterable

_LARGE = 10
_SMALL = 500
_SMALL_BYTES = 4_096


def main() -> int:
    """Make, measure, print; 1 where verifying takes more than twice as long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-") as name:
        bundle = Path(name) / "bundle"
        make_bundle(bundle, asked.megabytes * 1_000_000)
        commands = {
            "sha256sum": ["sha256sum", "--check", "--strict", "--quiet", layout.MANIFEST],
            "workbench_verify": [sys.executable, "-m", "workbench", "verify", "."],
            "verify_sh": ["sh", layout.SCRIPT],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        for number in range(asked.rounds + 1):
            for name, command in commands.items():
                began = time.perf_counter()
                subprocess.run(
                    command, cwd=bundle, env=environment, check=True, capture_output=True
                )
                # The first round reads the files into memory and compiles modules.
                if number:
                    seconds[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    ratio = medians["workbench_verify"] / medians["sha256sum"]
    print(
        json.dumps(
            {
                "benchmark": "verify_bundle",
                "megabytes": asked.megabytes,
                "files": _LARGE + _SMALL,
                "seconds": {name: round(value, 2) for name, value in medians.items()},
                "times_sha256sum": round(ratio, 2),
                "script_times_sha256sum": round(medians["verify_sh"] / medians["sha256sum"], 2),
            }
        )
    )
    return int(ratio > 2)


def make_bundle(folder: Path, n_bytes: int) -> None:
    """A signed folder of that much data."""
    data = folder / "data"
    data.mkdir(parents=True)
    sizes = [n_bytes // _LARGE] * _LARGE + [_SMALL_BYTES] * _SMALL
    for number, size in enumerate(sizes):
        (data / f"part-{number:04d}.bin").write_bytes(os.urandom(size))
    info = f"Bundle-Version: {layout.BUNDLE_VERSION}\nPayload-Oxum: {sum(sizes)}.{len(sizes)}\n"
    texts = {
        "bagit.txt": BAGIT_TXT,
        layout.BAG_INFO: info,
        "VERIFY.txt": "Made by benchmarks.verify_bundle.\n",
        layout.SCRIPT: resource_path(f"bundle/{layout.SCRIPT}").read_text("utf-8"),
        layout.MANIFEST: manifest(folder, sorted(data.iterdir())),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8", newline="\n")
    tags = manifest(folder, [folder / name for name in sorted(texts)])
    (folder / layout.TAG_MANIFEST).write_text(tags, "utf-8", newline="\n")
    key = Ed25519PrivateKey.generate()
    signature = sshsig.sign(key, tags.encode(), sign.NAMESPACE)
    armoured = sshsig.armour(sshsig.wire_of(key.public_key()), signature, sign.NAMESPACE)
    seal = sign.check(armoured.encode(), tags.encode())
    (folder / "signatures").mkdir()
    (folder / layout.SIGNATURE).write_text(armoured)
    (folder / layout.ALLOWED_SIGNERS).write_text(seal.allowed_signers)
    (folder / layout.PUBLIC_KEY).write_text(seal.public_line + "\n")


def manifest(folder: Path, paths: Iterable[Path]) -> str:
    """Lines as ``sha256sum`` reads them."""
    lines = []
    for path in paths:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
