"""The use case export: gather what a case says about accounts, write the bundle, verify it.

The bundle is verified as a stranger would before the export is recorded. What it says comes from
``gathering``. Knows no window.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.bundle.bag import free_place, write_bundle
from workbench.bundle.content import Texts
from workbench.bundle.verify import verify
from workbench.domain.errors import VerificationError
from workbench.domain.label import EntryKind
from workbench.domain.progress import ScaledJob
from workbench.services.export_scope import tlp_mark
from workbench.services.gathering import Gathering

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from workbench.bundle.content import BundleContent
    from workbench.bundle.verification import Verification
    from workbench.case.identity import Signer
    from workbench.domain.progress import JobContext
    from workbench.services.browsing import Browsing
    from workbench.services.export_scope import Scope
    from workbench.services.open_case import OpenCase


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        path: The bundle.
        fingerprint: Of the key that signed it.
        digest: Case digest.
        n_files: Files in it.
        n_bytes: Their bytes.
        n_accounts: Accounts exported.
        n_exchanges: Exchanges exported.
        drafts: Clusters that nobody has confirmed; one marks every page of the report DRAFT.
        verified: What verifying it found; always intact.
    """

    path: Path
    fingerprint: str
    digest: str
    n_files: int
    n_bytes: int
    n_accounts: int
    n_exchanges: int
    drafts: tuple[str, ...]
    verified: Verification

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "bundle": str(self.path),
            "signer": self.fingerprint,
            "case_digest": self.digest,
            "files": self.n_files,
            "bytes": self.n_bytes,
            "accounts": self.n_accounts,
            "exchanges": self.n_exchanges,
            "drafts": list(self.drafts),
            "verified": self.verified.verdict,
        }


class Exporting:
    """Writes evidence out of an open case.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
        browsing: The tables that the window shows: the bundle's are the same.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer], browsing: Browsing) -> None:
        self._held = held
        self._signer = signer
        #: What a bundle would say, without writing one.
        self.gathering = Gathering(held, signer, browsing)

    def run(
        self,
        what: Scope,
        out: Path,
        job: JobContext,
        *,
        sign_with: Path | None = None,
        marking: str | None = None,
        why: str = "",
        raw: bool = False,
        exhibits: Sequence[int] = (),
    ) -> ExportReport:
        """Export clusters, what a label binds, or accounts.

        Args:
            what: The three ways to say it.
            out: The folder to make.
            job: Progress and cancellation.
            sign_with: File of another key than the analyst's own (OpenSSH, Ed25519).
            marking: TLP mark; the case's when None.
            raw: With the texts of all exchanges, and the bytes of rejected records.
            exhibits: Exchanges whose texts are in it, chosen one by one.
            why: The reason, for the journal; it stands in no bundle before the next entry.

        Raises:
            InputError: Nothing like that is in the case, an exhibit is of nobody who is exported,
                something lies at ``out``, the case was imported into since it was analysed, or
                key or mark are none.
            NotAssessedError: The case was not analysed, or the label stands on no account.
            StorageError: The disk is full or failing; nothing half-written remains.
            CancelledError: The user cancelled; nothing remains.
            VerificationError: What was written does not verify (a failing disk).
        """
        from workbench.case.identity import Signer

        if self._held.case.write:
            self._held.case.journals.check()
        signer = Signer.from_file(sign_with) if sign_with is not None else self._signer()
        marking = None if marking is None else tlp_mark(marking)
        out = free_place(Path(out))
        texts = Texts(raw, tuple(sorted(set(exhibits))))
        content = self.gathering.content(
            what, marking=marking, texts=texts, job=ScaledJob(job, 0.0, 0.3)
        )
        written = write_bundle(content, out, signer, ScaledJob(job, 0.3, 0.9))
        found = verify(written.path, written.fingerprint, ScaledJob(job, 0.9, 1.0))
        if not found.intact:
            raise VerificationError(
                f"The bundle {written.path} does not verify: {found.problems[0]}.",
                remedy="Check the disk, remove the bundle and export again.",
            )
        if self._held.case.write:
            self._record(content, written.path, written.fingerprint, why)
        return ExportReport(
            path=written.path,
            fingerprint=written.fingerprint,
            digest=content.case.digest,
            n_files=written.n_files,
            n_bytes=written.n_bytes,
            n_accounts=sum(subject.n_accounts for subject in content.subjects),
            n_exchanges=content.n_evidence,
            drafts=tuple(s.id for s in content.subjects if s.draft),
            verified=found,
        )

    @staticmethod
    def verify(path: Path, trust: str | None = None, job: JobContext | None = None) -> Verification:
        """Check a bundle; needs no case. As ``bundle.verify.verify``."""
        return verify(path, trust, job)

    def _record(self, content: BundleContent, path: Path, fingerprint: str, why: str) -> None:
        body: dict[str, Any] = {
            "bundle": path.name,
            "path": str(path.absolute()),
            "signer": fingerprint,
            "case_digest": content.case.digest,
            "marking": content.case.marking,
            "subjects": [subject.id for subject in content.subjects],
            "n_accounts": sum(subject.n_accounts for subject in content.subjects),
            "n_exchanges": content.n_evidence,
            "all_texts": content.texts.whole,
            "exhibits": list(content.texts.exhibits),
        }
        if why.strip():
            body["why"] = why
        self._held.case.journals.append(EntryKind.EXPORT, body, self._signer())
        self._held.renew(decisions=True)
