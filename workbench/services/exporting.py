"""The use case export: gather what a case says about accounts, write the bundle, verify it.

The bundle is verified as a stranger would before the export is recorded. What it says comes from
``gathering``. Knows no window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.bundle.bag import free_place, write_bundle
from workbench.bundle.content import BundleContent, Texts
from workbench.bundle.verify import verify
from workbench.domain.errors import InputError, VerificationError
from workbench.domain.label import EntryKind
from workbench.domain.progress import ScaledJob
from workbench.domain.text import visible_text
from workbench.services.export_scope import tlp_mark
from workbench.services.gathering import Gathering
from workbench.services.outlook import outlook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from workbench.bundle.bag import Written
    from workbench.bundle.share.content import ShareContent
    from workbench.bundle.verification import Verification
    from workbench.case.identity import Signer
    from workbench.domain.progress import JobContext
    from workbench.services.browsing import Browsing
    from workbench.services.export_scope import Scope
    from workbench.services.fingerprinting import Fingerprinting
    from workbench.services.open_case import OpenCase
    from workbench.services.outlook import Outlook


#: Characters of a recipient's name: it stands in the head of each page.
_LONGEST_NAME: Final = 80


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
        recipient: Whom a share edition is for; empty for a full one.
        key_id: Id of the key by which its accounts and prompts are replaced.
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
    recipient: str = ""
    key_id: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        shared = {"recipient": self.recipient, "key_id": self.key_id} if self.recipient else {}
        return shared | {
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
        fingerprinting: Takes fingerprints, for share editions.
    """

    def __init__(
        self,
        held: OpenCase,
        signer: Callable[[], Signer],
        browsing: Browsing,
        fingerprinting: Fingerprinting,
    ) -> None:
        self._held = held
        self._signer = signer
        self._browsing = browsing
        self._fingerprinting = fingerprinting
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
        signer, out, marking = self._ready(out, sign_with, marking)
        texts = Texts(raw, tuple(sorted(set(exhibits))))
        content = self.gathering.content(
            what, marking=marking, texts=texts, job=ScaledJob(job, 0.0, 0.3)
        )
        written = write_bundle(content, out, signer, ScaledJob(job, 0.3, 0.9))
        found = self._verified(written, ScaledJob(job, 0.9, 1.0))
        said = {"all_texts": texts.whole, "exhibits": list(texts.exhibits)}
        self._record(content, written, said, why)
        return _report(content, written, found)

    def share(
        self,
        what: Scope,
        recipient: str,
        out: Path,
        job: JobContext,
        *,
        sign_with: Path | None = None,
        marking: str | None = None,
        why: str = "",
        exhibits: Sequence[int] = (),
        names: bool = False,
    ) -> ExportReport:
        """Export what may leave the house, for one recipient.

        Args:
            what: As for ``run``.
            recipient: Whom it is for: each recipient gets other words for the same accounts.
            out: The folder to make.
            job: Progress and cancellation.
            sign_with: As for ``run``.
            marking: As for ``run``.
            why: As for ``run``.
            exhibits: Exchanges whose prompts are in it, scrubbed; chosen one by one.
            names: Whether analysts are named.

        Raises:
            InputError: As for ``run``, or the recipient has no name, or the key is none.
            NotAssessedError: As for ``run``; so are the other errors.
        """
        from workbench.bundle.share.payload import write_share
        from workbench.case.share_key import ShareKey
        from workbench.services.sharing import Sharing

        recipient = recipient_of(recipient)
        signer, out, marking = self._ready(out, sign_with, marking)
        key = ShareKey.own(self._held.case.id, recipient)
        chosen = tuple(sorted(set(exhibits)))
        content = Sharing(self._held, self._browsing, self._fingerprinting).content(
            what,
            recipient,
            key,
            marking=marking,
            exhibits=chosen,
            names=names,
            job=ScaledJob(job, 0.0, 0.3),
        )
        written = write_share(content, out, signer, ScaledJob(job, 0.3, 0.9))
        found = self._verified(written, ScaledJob(job, 0.9, 1.0))
        said = {
            "recipient": recipient,
            "key_id": key.id,
            "exhibits": list(chosen),
            "names": names,
        }
        self._record(content, written, said, why)
        report = _report(content, written, found)
        return replace(report, recipient=recipient, key_id=key.id)

    def _ready(
        self, out: Path, sign_with: Path | None, marking: str | None
    ) -> tuple[Signer, Path, str | None]:
        """Whose key signs, where, with which mark; refused before any work is done."""
        from workbench.case.identity import Signer

        if self._held.case.write:
            self._held.case.journals.check()
        signer = Signer.from_file(sign_with) if sign_with is not None else self._signer()
        marking = None if marking is None else tlp_mark(marking)
        return signer, free_place(Path(out)), marking

    @staticmethod
    def _verified(written: Written, job: JobContext) -> Verification:
        found = verify(written.path, written.fingerprint, job)
        if not found.intact:
            raise VerificationError(
                f"The bundle {written.path} does not verify: {found.problems[0]}.",
                remedy="Check the disk, remove the bundle and export again.",
            )
        return found

    def outlook(self, what: Scope, exhibits: Sequence[int] = ()) -> Outlook:
        """What ``run`` or ``share`` would come to; as ``services.outlook.outlook``."""
        return outlook(self._held, what, exhibits)

    @staticmethod
    def verify(path: Path, trust: str | None = None, job: JobContext | None = None) -> Verification:
        """Check a bundle; needs no case. As ``bundle.verify.verify``."""
        return verify(path, trust, job)

    def _record(
        self,
        content: BundleContent | ShareContent,
        written: Written,
        said: dict[str, Any],
        why: str,
    ) -> None:
        if not self._held.case.write:
            return
        digest, marking = _heading(content)
        body: dict[str, Any] = {
            "bundle": written.path.name,
            "path": str(written.path.absolute()),
            "signer": written.fingerprint,
            "case_digest": digest,
            "marking": marking,
            "subjects": [subject.id for subject in content.subjects],
            "n_accounts": sum(subject.n_accounts for subject in content.subjects),
            "n_exchanges": content.n_evidence,
            **said,
        }
        if why.strip():
            body["why"] = why
        self._held.case.journals.append(EntryKind.EXPORT, body, self._signer())
        self._held.renew(decisions=True)


def recipient_of(text: str) -> str:
    """The name of a recipient as it is printed and keyed: one line, no more blanks than needed.

    Raises:
        InputError: It is none, or longer than a line.
    """
    name = " ".join(visible_text(text, keep_newlines=False).split())
    if not name or len(name) > _LONGEST_NAME:
        raise InputError(
            f"A recipient has a name of 1 to {_LONGEST_NAME} characters.",
            remedy='Say whom it is for: --share "Trust and Safety, Example".',
        )
    return name


def _heading(content: BundleContent | ShareContent) -> tuple[str, str]:
    """Case digest and mark."""
    if isinstance(content, BundleContent):
        return content.case.digest, content.case.marking
    return content.digest, content.marking


def _report(
    content: BundleContent | ShareContent, written: Written, found: Verification
) -> ExportReport:
    return ExportReport(
        path=written.path,
        fingerprint=written.fingerprint,
        digest=_heading(content)[0],
        n_files=written.n_files,
        n_bytes=written.n_bytes,
        n_accounts=sum(subject.n_accounts for subject in content.subjects),
        n_exchanges=content.n_evidence,
        drafts=tuple(subject.id for subject in content.subjects if subject.draft),
        verified=found,
    )
