"""Verifying a bundle with nothing but the bundle: what changed, what is missing, who signed.

A bundle may come from someone who means harm. Nothing in it is run, followed or unpacked: links
are refused, names outside our own alphabet are refused, files are read in pieces and no further
than ours go (``layout``). What is wrong is named, all of it; the first item is the one to look at.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from workbench.bundle import sign
from workbench.bundle.audit import HEADS, STAMPS, check_journals, journals_in, stamps_in
from workbench.bundle.documents import BAGIT_TXT
from workbench.bundle.layout import (
    ALLOWED_SIGNERS,
    BAG_INFO,
    BUNDLE_VERSION,
    LONGEST_TAG_FILE,
    MANIFEST,
    MOST_ENTRIES,
    PUBLIC_KEY,
    SIGNATURE,
    SIGNATURE_FILES,
    TAG_MANIFEST,
    is_path,
    tag_files,
)
from workbench.bundle.verification import Problem, Trouble, Verification
from workbench.bundle.walk import digest_of, open_plain, walk
from workbench.domain.errors import InputError, VersionError
from workbench.domain.text import elide

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.domain.progress import JobContext

_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S.*)")
_VERSION: Final = re.compile(r"[1-9][0-9]{0,8}")


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
        self._contents = walk(path, self._check)
        self._sizes = self._contents.sizes
        self._found = list(self._contents.problems)

    def result(self) -> Verification:
        info: dict[str, str] = {}
        fingerprint, trusted = "", None if self._trust is None else False
        # Where there is more than any bundle holds, nothing of it is judged file by file.
        if self._contents.whole:
            fingerprint, trusted = self._signature()
            info = self._bag_info()
            self._files(info)
        self._found.sort(key=lambda problem: problem.rank)
        return Verification(
            path=self._path,
            problems=tuple(dict.fromkeys(self._found)),
            n_files=len(self._sizes),
            n_bytes=sum(self._sizes.values()),
            fingerprint=fingerprint,
            trusted=trusted,
            case_digest=info.get("Case-Digest", "").removeprefix("sha256:"),
        )

    def _files(self, info: dict[str, str]) -> None:
        version = info.get("Bundle-Version", "")
        required, allowed = tag_files(1), tag_files(BUNDLE_VERSION)
        # Where the version cannot be read, that is what is wrong: nothing of a later one is missed.
        if _VERSION.fullmatch(version):
            required = allowed = tag_files(int(version))
        tags = self._manifest(TAG_MANIFEST, allowed)
        if tags is not None:
            for name in required:
                if name not in tags:
                    self._say(Trouble.MANIFEST, TAG_MANIFEST, f"{name} is not listed")
        payload = self._manifest(MANIFEST, allowed)
        known = {TAG_MANIFEST, *SIGNATURE_FILES, *required}
        complete = tags is not None and payload is not None
        self._compare((tags or {}) | (payload or {}), known, complete=complete)
        self._version(version)
        self._oxum(info, payload)
        self._journals(payload or {}, info.get("External-Identifier", ""))

    def _say(self, trouble: Trouble, item: str, detail: str = "") -> None:
        self._found.append(Problem.of(trouble, item, detail))

    def _check(self) -> None:
        if self._job is not None:
            self._job.check()

    def _read(self, name: str) -> bytes | None:
        """A small file whole; None, with a problem said, when it cannot be read or is too long."""
        try:
            with open_plain(self._path / name) as file:
                data = file.read(LONGEST_TAG_FILE + 1)
        except OSError as error:
            self._say(Trouble.CHANGED, name, error.strerror or "cannot be read")
            return None
        if len(data) > LONGEST_TAG_FILE:
            self._say(Trouble.CHANGED, name, "too long")
            return None
        return data

    # --- manifests ---------------------------------------------------------------------------
    def _manifest(self, name: str, tag_names: tuple[str, ...]) -> dict[str, str] | None:
        """File -> digest; None when there is no manifest that can be read."""
        if name not in self._sizes:
            self._say(Trouble.MISSING, name)
            return None
        data = self._read(name)
        if data is None:
            return None
        if data.count(b"\n") > MOST_ENTRIES:
            self._say(Trouble.MANIFEST, name, f"more than {MOST_ENTRIES:,} lines")
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
            may = item.startswith("data/") if name == MANIFEST else item in tag_names
            if not may or not is_path(item):
                self._say(Trouble.MANIFEST, name, f"line {number} names {elide(item, 80)}")
            elif item in listed:
                self._say(Trouble.MANIFEST, name, f"line {number} names {item} again")
            else:
                listed[item] = digest
        if list(listed) != sorted(listed):
            self._say(Trouble.MANIFEST, name, "its lines are not in order")
        return listed

    def _compare(self, listed: dict[str, str], known: set[str], *, complete: bool) -> None:
        """Each file with its digest; what is in no manifest does not belong."""
        total = sum(self._sizes.get(name, 0) for name in listed) or 1
        done = 0
        for name in sorted(known | set(listed)):
            self._check()
            if name not in self._sizes:
                self._say(Trouble.MISSING, name)
            elif name in listed:
                self._compare_file(name, listed[name])
                done += self._sizes[name]
                if self._job is not None:
                    self._job.report("Checking files", done=done / total)
        if complete:
            for name in sorted(set(self._sizes) - known - set(listed)):
                self._say(Trouble.ADDED, name)

    def _compare_file(self, name: str, digest: str) -> None:
        try:
            if digest_of(self._path / name, self._check) != digest:
                self._say(Trouble.CHANGED, name)
        except OSError as error:
            self._say(Trouble.CHANGED, name, error.strerror or "cannot be read")

    # --- tag files ---------------------------------------------------------------------------
    def _bag_info(self) -> dict[str, str]:
        """The fields of bag-info.txt; not to be believed before the file was compared."""
        if "bagit.txt" in self._sizes and self._read("bagit.txt") != BAGIT_TXT.encode():
            self._say(Trouble.CHANGED, "bagit.txt", "not BagIt 1.0")
        data = self._read(BAG_INFO) if BAG_INFO in self._sizes else None
        lines = (data or b"").decode("utf-8", "replace").split("\n")
        return dict(line.split(": ", 1) for line in lines if ": " in line)

    def _version(self, version: str) -> None:
        if any(problem.item == BAG_INFO for problem in self._found):
            return
        if not _VERSION.fullmatch(version):
            self._say(Trouble.CHANGED, BAG_INFO, "it names no version of bundles")
        elif int(version) > BUNDLE_VERSION:
            raise VersionError(
                f"{self._path} is a bundle of version {version}; this program reads "
                f"{BUNDLE_VERSION}.",
                remedy="Verify it with a newer workbench, or with VERIFY.txt.",
            )

    def _oxum(self, info: dict[str, str], payload: dict[str, str] | None) -> None:
        # A file that is wrong by itself makes the sum wrong too; it says more than the sum does.
        files = any(problem.trouble is not Trouble.SIGNER for problem in self._found)
        if files or payload is None or "Payload-Oxum" not in info:
            return
        found = [size for name, size in self._sizes.items() if name.startswith("data/")]
        if info["Payload-Oxum"] != f"{sum(found)}.{len(found)}":
            counted = f"{sum(found)} bytes in {len(found)} files, not {info['Payload-Oxum']}"
            self._say(Trouble.CHANGED, "data/", counted)

    def _journals(self, payload: dict[str, str], case_id: str) -> None:
        """Of files that were themselves changed nothing more is said."""
        wrong = {problem.item for problem in self._found}
        journals = journals_in(payload)
        if journals and not wrong.intersection([HEADS, *journals]):
            stamps = stamps_in(payload)
            if not any(item.startswith(STAMPS) for item in wrong):
                self._found += check_journals(self._path, journals, stamps, case_id, self._check)

    # --- signature ---------------------------------------------------------------------------
    def _signature(self) -> tuple[str, bool | None]:
        """Fingerprint of the key that signed ("" if none did), and whether it is trusted."""
        if SIGNATURE not in self._sizes or TAG_MANIFEST not in self._sizes:
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
            if name in self._sizes and self._read(name) != text.encode():
                self._say(Trouble.CHANGED, name, "it names another key than the one that signed")
        if self._trust is None:
            return seal.fingerprint, None
        trusted = seal.fingerprint == self._trust
        if not trusted:
            self._say(Trouble.SIGNER, SIGNATURE, f"signed by {seal.fingerprint}")
        return seal.fingerprint, trusted
