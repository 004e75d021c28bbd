"""A folder sealed anew: what a stranger does who changed a bundle and signs it as a whole."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from workbench.bundle import sign
from workbench.bundle.layout import (
    ALLOWED_SIGNERS,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    TAG_MANIFEST,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.bundle.keys import TestKey


def seal_anew(folder: Path, key: TestKey) -> None:
    """Rewrite Payload-Oxum, both manifests and the signature to fit what lies in the folder."""
    data = [path for path in (folder / "data").rglob("*") if path.is_file()]
    info = (folder / "bag-info.txt").read_bytes().decode().split("\n")
    oxum = f"Payload-Oxum: {sum(path.stat().st_size for path in data)}.{len(data)}"
    lines = [oxum if line.startswith("Payload-Oxum") else line for line in info]
    (folder / "bag-info.txt").write_text("\n".join(lines), "utf-8", newline="")
    write_manifest(folder, MANIFEST, data)
    tags = [path for path in folder.iterdir() if path.is_file() and path.name != TAG_MANIFEST]
    write_manifest(folder, TAG_MANIFEST, tags)
    sign_anew(folder, key)


def write_manifest(folder: Path, name: str, files: Iterable[Path]) -> None:
    """Lines as ``sha256sum`` reads them."""
    lines = []
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    (folder / name).write_text("".join(sorted(lines, key=lambda line: line[66:])), "utf-8")


def sign_anew(folder: Path, key: TestKey) -> None:
    """Sign the tag manifest as it is."""
    message = (folder / TAG_MANIFEST).read_bytes()
    armoured = key.sshsig(message, sign.NAMESPACE)
    seal = sign.check(armoured.encode(), message)
    (folder / SIGNATURE).write_text(armoured)
    (folder / ALLOWED_SIGNERS).write_text(seal.allowed_signers)
    (folder / PUBLIC_KEY).write_text(seal.public_line + "\n")
