"""Writing a bundle: a BagIt 1.0 folder, signed, that appears whole under its name or not at all.

It is written beside its place under a temporary name, every file synced, and renamed at the end.
Cancel or an error removes what was written; after a crash only a hidden ``.partial`` folder is
left, which is no bundle.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from workbench.bundle import sign
from workbench.bundle.certificate import certificate_902
from workbench.bundle.documents import BAGIT_TXT, alternatives_md, bag_info, verify_txt
from workbench.bundle.figures import draw_all
from workbench.bundle.layout import (
    ALLOWED_SIGNERS,
    BAG_INFO,
    BUNDLE_VERSION,
    MANIFEST,
    MOST_ENTRIES,
    PUBLIC_KEY,
    SCRIPT,
    SIGNATURE,
    SIGNATURE_FILES,
    TAG_MANIFEST,
    tag_files,
)
from workbench.bundle.payload import write_payload
from workbench.bundle.report import render
from workbench.bundle.subject import numbers_name, prices_name
from workbench.bundle.viewing import write_viewing_copy
from workbench.domain.errors import InputError, StorageError
from workbench.domain.progress import ScaledJob
from workbench.domain.resources import resource_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from workbench.bundle.content import BundleContent
    from workbench.bundle.sign import Signer
    from workbench.bundle.subject import Subject
    from workbench.domain.progress import JobContext


@dataclass(frozen=True, slots=True)
class Written:
    """A bundle on disk.

    Attributes:
        path: The folder.
        n_files: All files in it.
        n_bytes: Their bytes.
        fingerprint: Of the key that signed.
    """

    path: Path
    n_files: int
    n_bytes: int
    fingerprint: str


def write_bundle(content: BundleContent, out: Path, signer: Signer, job: JobContext) -> Written:
    """Write and sign a bundle.

    Args:
        content: What it says.
        out: The folder to make; its parent is made where it is missing.
        signer: Whose key signs it.
        job: Progress and cancellation.

    Raises:
        InputError: There is something at ``out`` already, or it would hold too many files.
        StorageError: The disk is full, read-only or failing.
        CancelledError: The user cancelled; nothing remains.
    """
    if not content.subjects:
        raise ValueError("a bundle needs something to export")

    def tags(sizes: Sizes) -> dict[str, str]:
        return {
            BAG_INFO: bag_info(content, n_bytes=sizes.n_bytes, n_files=sizes.n_payload),
            "VERIFY.txt": verify_txt(content, n_payload=sizes.n_payload, n_all=sizes.n_all),
        }

    return write_sealed(out, partial(write_data, content), tags, signer, job)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is in a bundle: bytes and files under ``data/``, and all files."""

    n_bytes: int
    n_payload: int
    n_all: int


def write_sealed(
    out: Path,
    fill: Callable[[Path, JobContext], None],
    tags: Callable[[Sizes], dict[str, str]],
    signer: Signer,
    job: JobContext,
) -> Written:
    """Write and sign a folder that appears whole or not at all.

    Args:
        out: The folder to make.
        fill: Writes what is under ``data/``, given that folder.
        tags: Texts of ``bag-info.txt`` and ``VERIFY.txt``.
        signer: Whose key signs it.
        job: Progress and cancellation.

    Raises:
        As ``write_bundle``.
    """
    out = free_place(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # Not mkdtemp: the folder is to be handed on, and gets the modes that the user's files get.
        beside = out.parent / f".{out.name}.{secrets.token_hex(4)}.partial"
        beside.mkdir()
    except OSError as error:
        raise _storage(out, error) from error
    try:
        data = beside / "data"
        data.mkdir()
        fill(data, job)
        job.report("Hashing and signing", done=0.9)
        job.check()
        n_files, n_bytes = _seal(tags, beside, signer, job)
        job.check()
        beside.rename(out)
        _sync_folder(out.parent)
    except OSError as error:
        raise _storage(out, error) from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(beside)
    return Written(out, n_files, n_bytes, signer.fingerprint)


def free_place(out: Path) -> Path:
    """The absolute path of a folder that is to be made.

    Raises:
        InputError: There is something already.
    """
    # Not resolve(): that would follow a link at the target.
    out = out.absolute()
    if os.path.lexists(out):
        raise InputError(f"{out} exists already.", remedy="Name a folder that does not exist yet.")
    return out


def write_data(content: BundleContent, data: Path, job: JobContext) -> None:
    """Write all that is under ``data/``, into that folder.

    Raises:
        OSError: The disk is full or failing.
        CancelledError: The user cancelled; the caller removes what was written.
    """
    write_payload(content, data, ScaledJob(job, 0.0, 0.7))
    job.report("Drawing figures", done=0.7)
    figures = []
    (data / "figures").mkdir()
    for drawn in draw_all(content):
        job.check()
        (data / "figures" / f"{drawn.name}.svg").write_text(drawn.svg, "utf-8", newline="\n")
        write_viewing_copy(drawn.numbers, data / "figures" / f"{drawn.name}.csv")
        figures.append(drawn)
    for subject in content.subjects:
        for name, numbers in _tables(subject):
            write_viewing_copy(numbers, data / "figures" / f"{name}.csv")
    job.report("Setting the report", done=0.8)
    (data / "alternatives.md").write_text(alternatives_md(content), "utf-8", newline="\n")
    (data / "certificate-902.txt").write_text(certificate_902(content), "utf-8", newline="\n")
    (data / "report.pdf").write_bytes(render(content, figures))


def _tables(subject: Subject) -> Iterator[tuple[str, pa.Table]]:
    """Numbers of a subject that no figure draws; prices in a file of their own."""
    if subject.delivered is None:
        return
    yield numbers_name(subject), subject.delivered.numbers
    if subject.delivered.price is not None:
        yield prices_name(subject), subject.delivered.price.numbers


def _seal(
    tags: Callable[[Sizes], dict[str, str]], folder: Path, signer: Signer, job: JobContext
) -> tuple[int, int]:
    payload = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
    n_bytes = sum(path.stat().st_size for path in payload)
    tag_names = tag_files(BUNDLE_VERSION)
    n_all = len(payload) + len(tag_names) + 1 + len(SIGNATURE_FILES)
    if n_all > MOST_ENTRIES // 2:
        raise InputError(
            f"The bundle would hold {n_all:,} files; nobody could read it.",
            remedy="Export fewer clusters or accounts at a time.",
        )
    texts = {
        MANIFEST: _manifest(folder, payload, job),
        "bagit.txt": BAGIT_TXT,
        **tags(Sizes(n_bytes, len(payload), n_all)),
        SCRIPT: resource_path(f"bundle/{SCRIPT}").read_text("utf-8"),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8", newline="\n")
    sealed = _manifest(folder, [folder / name for name in tag_names], job)
    (folder / TAG_MANIFEST).write_text(sealed, "utf-8", newline="\n")
    (folder / "signatures").mkdir()
    armoured = signer.sshsig(sealed.encode(), sign.NAMESPACE)
    # Checked before it leaves: a key that signs something else is noticed here.
    seal = sign.check(armoured.encode(), sealed.encode())
    (folder / SIGNATURE).write_text(armoured, newline="\n")
    (folder / ALLOWED_SIGNERS).write_text(seal.allowed_signers, newline="\n")
    (folder / PUBLIC_KEY).write_text(seal.public_line + "\n", newline="\n")
    everything = sorted(folder.rglob("*"))
    for path in everything:
        job.check()
        _sync_folder(path) if path.is_dir() else _sync_file(path)
    _sync_folder(folder)
    files = [path for path in everything if path.is_file()]
    if len(files) != n_all:
        raise ValueError(f"{len(files)} files were written, {n_all} were announced")
    return n_all, sum(path.stat().st_size for path in files)


def _manifest(folder: Path, paths: Iterable[Path], job: JobContext) -> str:
    """Lines that ``sha256sum -c`` reads, in the order of their names."""
    lines = []
    for path in sorted(paths, key=lambda p: p.relative_to(folder).as_posix()):
        job.check()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    return "".join(lines)


def _sync_file(path: Path) -> None:
    # Windows syncs only what is open for writing; a folder can only be opened for reading.
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    # Windows cannot open a folder to sync it; its rename is durable by itself.
    if os.name == "posix":
        _sync_file(path)


def _storage(out: Path, error: OSError) -> StorageError:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    fact = "Disk is full" if full else error.strerror or "The disk failed"
    return StorageError(
        f"{out} could not be written: {fact}.",
        safe="The case is unchanged and nothing half-written remains.",
        remedy="Free some space, then export again." if full else "Choose another folder.",
    )
