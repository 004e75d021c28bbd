"""Verifying a bundle with nothing but the bundle: what changed, what is missing, who signed.

A bundle may come from someone who means harm. Nothing in it is run, followed or unpacked: links
are refused, names outside our own alphabet are refused, files are read as streams. What is wrong
is named, all of it; the first item is the one to look at.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from functools import partial
from typing import TYPE_CHECKING, Final

from workbench.bundle import sign
from workbench.bundle.bag import (
    ALLOWED_SIGNERS,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    SIGNATURE_FILES,
    TAG_FILES,
    TAG_MANIFEST,
)
from workbench.bundle.documents import BAGIT_TXT, BUNDLE_VERSION
from workbench.bundle.verification import Problem, Trouble, Verification
from workbench.domain.errors import InputError, VerificationError, VersionError
from workbench.domain.text import elide

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

    from workbench.domain.progress import JobContext

#: Names that our bundles use. Everything else is refused, and with it every trick with names:
#: parents, absolute paths, drives, equal-looking letters, line ends.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S.*)")
_HEADS: Final = "data/audit/heads.json"
_JOURNAL: Final = re.compile(r"data/audit/[0-9a-f]{16}\.jsonl")
#: A manifest beyond this is not ours (a line has about 100 bytes).
_LONGEST_TAG_FILE: Final = 64 * 1024 * 1024
_BLOCK: Final = 1 << 20


def verify(path: Path, trust: str | None = None, job: JobContext | None = None) -> Verification:
    """Check every file, the manifests and the signature.

    Args:
        path: The bundle's folder.
        trust: Fingerprint of the key that should have signed ("SHA256:..."); None asks only
            whether the bundle is what some key signed.
        job: Progress and cancellation.

    Raises:
        InputError: There is no bundle at the path, or the fingerprint is not one.
        VersionError: The bundle was written by a newer version.
    """
    if trust is not None and not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", trust):
        raise InputError(
            f"{elide(trust, 80)!r} is not a fingerprint.",
            remedy="Give it as ssh-keygen prints it: SHA256: and 43 characters.",
        )
    return _Inspection(_bundle_folder(path), trust, job).result()


def _bundle_folder(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"{path} does not exist.", remedy="Name the bundle's folder.")
    if not path.is_dir():
        raise InputError(
            f"{path} is not a bundle: it is a file.",
            remedy="Unpack it if it is an archive, then name the folder.",
        )
    if not any(os.path.lexists(path / name) for name in (TAG_MANIFEST, MANIFEST, SIGNATURE)):
        raise InputError(
            f"{path} is not a bundle: it has neither manifest nor signature.",
            remedy="Name the folder that holds VERIFY.txt.",
        )
    return path


class _Inspection:
    """One bundle being looked at; collects what is wrong."""

    def __init__(self, path: Path, trust: str | None, job: JobContext | None) -> None:
        self._path = path
        self._trust = trust
        self._job = job
        self._found: list[Problem] = []

    def result(self) -> Verification:
        present, sizes = self._walk()
        fingerprint, trusted = self._signature(present)
        tags = self._manifest(TAG_MANIFEST, present)
        if tags is not None:
            self._tag_files(tags)
        payload = self._manifest(MANIFEST, present)
        listed = (tags or {}) | (payload or {})
        self._compare(listed, present, sizes, complete=tags is not None and payload is not None)
        info = self._bag_info(present)
        self._oxum(info, payload, sizes)
        self._journals(payload or {}, info.get("External-Identifier", ""))
        order = list(Trouble)
        self._found.sort(key=lambda p: (order.index(p.trouble), p.item))
        return Verification(
            path=self._path,
            problems=tuple(dict.fromkeys(self._found)),
            n_files=len(present),
            n_bytes=sum(sizes.values()),
            fingerprint=fingerprint,
            trusted=trusted,
            case_digest=info.get("Case-Digest", "").removeprefix("sha256:"),
        )

    def _say(self, trouble: Trouble, item: str, detail: str = "") -> None:
        self._found.append(Problem(trouble, elide(item, 200), elide(detail, 200)))

    def _check(self) -> None:
        if self._job is not None:
            self._job.check()

    # --- what is there -----------------------------------------------------------------------
    def _walk(self) -> tuple[set[str], dict[str, int]]:
        """Every plain file by its name in the bundle; all else is said to be wrong."""
        present: set[str] = set()
        sizes: dict[str, int] = {}
        folders = [""]
        while folders:
            self._check()
            folder = folders.pop()
            try:
                with os.scandir(self._path / folder) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                self._say(Trouble.CHANGED, f"{folder}/", error.strerror or "cannot be read")
                continue
            if not entries:
                self._say(Trouble.ADDED, f"{folder}/" if folder else ".", "an empty folder")
            for entry in entries:
                name = folder + ("/" if folder else "") + entry.name
                info = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(info.st_mode):
                    folders.append(name)
                elif not stat.S_ISREG(info.st_mode):
                    self._say(Trouble.LINK, name, "a link or a device")
                else:
                    present.add(name)
                    sizes[name] = info.st_size
                if not _NAME.fullmatch(entry.name):
                    self._say(Trouble.NAME, name, "not a name that bundles use")
        return present, sizes

    def _read(self, name: str) -> bytes | None:
        """A small file whole; None, with a problem said, when it cannot be read or is too long."""
        try:
            with self._open(name) as file:
                data = file.read(_LONGEST_TAG_FILE + 1)
        except OSError as error:
            self._say(Trouble.CHANGED, name, error.strerror or "cannot be read")
            return None
        if len(data) > _LONGEST_TAG_FILE:
            self._say(Trouble.CHANGED, name, "too long")
            return None
        return data

    def _open(self, name: str) -> BufferedReader:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(self._path / name, flags), "rb")

    # --- manifests ---------------------------------------------------------------------------
    def _manifest(self, name: str, present: set[str]) -> dict[str, str] | None:
        """File -> digest; None when there is no manifest that can be read."""
        if name not in present:
            self._say(Trouble.MISSING, name)
            return None
        data = self._read(name)
        if data is None:
            return None
        listed: dict[str, str] = {}
        lines = data.split(b"\n")
        if lines.pop():
            self._say(Trouble.MANIFEST, name, "the last line is cut")
        for number, raw in enumerate(lines, 1):
            match = _LINE.fullmatch(raw.decode("utf-8", "backslashreplace"))
            if match is None:
                self._say(Trouble.MANIFEST, name, f"line {number} is not a digest and a name")
                continue
            digest, item = match.groups()
            outside = not _NAME.fullmatch(item)
            wrong = item in TAG_FILES if name == MANIFEST else item not in TAG_FILES
            if outside or (name == MANIFEST and not item.startswith("data/")) or wrong:
                self._say(Trouble.MANIFEST, name, f"line {number} names {elide(item, 80)}")
            elif item in listed:
                self._say(Trouble.MANIFEST, name, f"line {number} names {item} again")
            else:
                listed[item] = digest
        if list(listed) != sorted(listed):
            self._say(Trouble.MANIFEST, name, "its lines are not in order")
        return listed

    def _tag_files(self, tags: dict[str, str]) -> None:
        for name in TAG_FILES:
            if name not in tags:
                self._say(Trouble.MANIFEST, TAG_MANIFEST, f"{name} is not listed")

    def _compare(
        self, listed: dict[str, str], present: set[str], sizes: dict[str, int], *, complete: bool
    ) -> None:
        known = {TAG_MANIFEST, *SIGNATURE_FILES, *TAG_FILES, *listed}
        total = sum(sizes[name] for name in present & set(listed)) or 1
        done = 0
        for name in sorted(known):
            self._check()
            if name not in present:
                self._say(Trouble.MISSING, name)
            elif name in listed:
                digest = self._digest(name)
                done += sizes[name]
                if digest is not None and digest != listed[name]:
                    self._say(Trouble.CHANGED, name)
                if self._job is not None:
                    self._job.report("Checking files", done=done / total)
        if complete:
            for name in sorted(present - known):
                self._say(Trouble.ADDED, name)

    def _digest(self, name: str) -> str | None:
        digest = hashlib.sha256()
        try:
            with self._open(name) as file:
                while block := file.read(_BLOCK):
                    self._check()
                    digest.update(block)
        except OSError as error:
            self._say(Trouble.CHANGED, name, error.strerror or "cannot be read")
            return None
        return digest.hexdigest()

    # --- tag files ---------------------------------------------------------------------------
    def _bag_info(self, present: set[str]) -> dict[str, str]:
        if "bagit.txt" in present and self._read("bagit.txt") != BAGIT_TXT.encode():
            self._say(Trouble.CHANGED, "bagit.txt", "not BagIt 1.0")
        data = self._read("bag-info.txt") if "bag-info.txt" in present else None
        lines = (data or b"").decode("utf-8", "replace").splitlines()
        info = dict(line.split(": ", 1) for line in lines if ": " in line)
        version = info.get("Bundle-Version", "")
        as_signed = not any(problem.item == "bag-info.txt" for problem in self._found)
        if as_signed and version.isdecimal() and int(version) > BUNDLE_VERSION:
            raise VersionError(
                f"{self._path} is a bundle of version {version}; this program reads "
                f"{BUNDLE_VERSION}.",
                remedy="Verify it with a newer workbench, or with VERIFY.txt.",
            )
        return info

    def _oxum(
        self, info: dict[str, str], payload: dict[str, str] | None, sizes: dict[str, int]
    ) -> None:
        # A file that is wrong by itself makes the sum wrong too; it says more than the sum does.
        if self._found or payload is None or "Payload-Oxum" not in info:
            return
        found = [size for name, size in sizes.items() if name.startswith("data/")]
        if info["Payload-Oxum"] != f"{sum(found)}.{len(found)}":
            counted = f"{sum(found)} bytes in {len(found)} files, not {info['Payload-Oxum']}"
            self._say(Trouble.CHANGED, "data/", counted)

    # --- audit -------------------------------------------------------------------------------
    def _journals(self, payload: dict[str, str], case_id: str) -> None:
        """Check each journal's chain and signatures, and that it ends where heads.json says."""
        wrong = {problem.item for problem in self._found}
        names = [name for name in payload if _JOURNAL.fullmatch(name)]
        if wrong.intersection([_HEADS, *names]) or not names:
            return
        # Imported here: a bundle without decisions is verified without the journal's machinery.
        from workbench.case.journal_check import verify_journal

        ends = {}
        for name in names:
            self._check()
            key = name.removeprefix("data/audit/").removesuffix(".jsonl")
            try:
                walked = verify_journal(key, partial(self._open, name), case_id, keep=False)
            except (OSError, VerificationError) as error:
                self._say(Trouble.JOURNAL, name, getattr(error, "fact", str(error)))
                continue
            if walked.number:
                ends[key] = {"number": walked.number, "digest": walked.digest}
        if not any(problem.trouble is Trouble.JOURNAL for problem in self._found):
            try:
                heads = json.loads(self._read(_HEADS) or b"")
            except ValueError:
                heads = None
            if heads != ends:
                self._say(Trouble.JOURNAL, _HEADS, "a journal does not end where this says")

    # --- signature ---------------------------------------------------------------------------
    def _signature(self, present: set[str]) -> tuple[str, bool | None]:
        """Fingerprint of the key that signed ("" if none did), and whether it is trusted."""
        if SIGNATURE not in present or TAG_MANIFEST not in present:
            return "", None if self._trust is None else False
        data, armoured = self._read(TAG_MANIFEST), self._read(SIGNATURE)
        if data is None or armoured is None:
            return "", None if self._trust is None else False
        try:
            seal = sign.check(armoured, data)
        except sign.BadSignatureError as error:
            self._say(Trouble.SIGNATURE, SIGNATURE, str(error))
            return "", None if self._trust is None else False
        for name, text in (
            (PUBLIC_KEY, seal.public_line + "\n"),
            (ALLOWED_SIGNERS, seal.allowed_signers),
        ):
            if name in present and self._read(name) != text.encode():
                self._say(Trouble.CHANGED, name, "it names another key than the one that signed")
        if self._trust is None:
            return seal.fingerprint, None
        trusted = seal.fingerprint == self._trust
        if not trusted:
            self._say(Trouble.SIGNER, SIGNATURE, f"signed by {seal.fingerprint}")
        return seal.fingerprint, trusted
