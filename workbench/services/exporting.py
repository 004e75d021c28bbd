"""The use case export: gather what a case says about accounts, write the bundle, verify it.

The bundle is verified as a stranger would before the export is recorded. Knows no window; the
words of findings come from the catalogue, the words of the bundle from the bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.bundle.bag import free_place, write_bundle
from workbench.bundle.content import BundleContent, CaseFacts, OtherCluster
from workbench.bundle.verify import verify
from workbench.domain.account import IdentityKind
from workbench.domain.errors import InputError, VerificationError
from workbench.domain.label import EntryKind, Label
from workbench.domain.progress import ScaledJob
from workbench.domain.signal import TOO_LITTLE
from workbench.services import custody, pictures
from workbench.services.dossiers import Computed, Dossiers, measures
from workbench.services.evidence import Evidence, chosen_table
from workbench.services.export_scope import Group, Scope, resolve, tlp_mark
from workbench.services.loss import Losses
from workbench.services.measure_words import signal_title
from workbench.services.power import Detectability
from workbench.services.results import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import pyarrow as pa

    from workbench.bundle.content import Batch
    from workbench.bundle.subject import Subject
    from workbench.bundle.verification import Verification
    from workbench.case.identity import Signer
    from workbench.domain.progress import JobContext
    from workbench.services.browsing import Browsing
    from workbench.services.open_case import OpenCase
    from workbench.services.results import Results

_IDENTITY: Final = {
    IdentityKind.KEY: "API key",
    IdentityKind.USER: "end user",
    IdentityKind.ORGANISATION: "organisation",
    IdentityKind.ADDRESS: "network address",
}
#: Verdicts whose members do not serve as a comparison.


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
        drafts: Clusters that nobody has confirmed; their pages are marked DRAFT.
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
        self._browsing = browsing

    def run(
        self,
        what: Scope,
        out: Path,
        job: JobContext,
        *,
        sign_with: Path | None = None,
        marking: str | None = None,
        why: str = "",
    ) -> ExportReport:
        """Export clusters, what a label binds, or accounts.

        Args:
            what: The three ways to say it.
            out: The folder to make.
            job: Progress and cancellation.
            sign_with: File of another key than the analyst's own (OpenSSH, Ed25519).
            marking: TLP mark; the case's when None.
            why: The reason, for the journal; it stands in no bundle before the next entry.

        Raises:
            InputError: Nothing like that is in the case, something lies at ``out``, the case was
                imported into since it was analysed, or key or mark are none.
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
        content = self.content(what, marking=marking, job=ScaledJob(job, 0.0, 0.3))
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

    def content(self, what: Scope, *, marking: str | None, job: JobContext) -> BundleContent:
        """Everything that the bundle will say, as plain values.

        Raises:
            InputError: As ``run``.
            NotAssessedError: As ``run``.
        """
        held = self._held
        case, results, book = held.case, held.results(), held.book()
        clusters = self._browsing.clusters()
        groups = resolve(what, results, book.labels, clusters.column("cluster_id").to_pylist())
        evidence = Evidence(held, chosen_table(groups, results))
        facts = evidence.facts()
        _require_current(results, facts)
        job.check()
        names = case.journals.names()
        decisions = custody.decisions(book, names)
        runs = custody.runs(book, names)
        batches = custody.batches(case)
        losses = Losses(held, self._signer)
        dossiers = Dossiers(
            results,
            Computed.read(held.artifacts),
            book.labels,
            decisions,
            evidence,
            losses=losses.counter(results, losses.prices()),
        )
        subjects = []
        for number, group in enumerate(groups):
            job.check()
            job.report("Gathering", done=number / len(groups))
            subjects.append(dossiers.subject(group, number))
        digest = case.digest()
        chosen = {group.id: group.marks(results.n_accounts) for group in groups}
        return BundleContent(
            case=CaseFacts(
                id=case.id,
                name=case.name,
                digest=digest,
                marking=marking or case.settings.marking,
                as_of_us=custody.as_of_us(case, book),
                first_us=facts["first_us"],
                last_us=facts["last_us"],
                n_exchanges=facts["n_exchanges"],
                n_accounts=facts["n_accounts"],
                n_prompts=facts["n_prompts"],
                identity=_identity(results),
            ),
            batches=batches,
            subjects=tuple(subjects),
            others=_others(clusters, {group.id for group in groups}),
            accounts=self._accounts(groups),
            clusters=_clusters(clusters),
            evidence=evidence.stream,
            n_evidence=sum(subject.n_exchanges for subject in subjects),
            rejects=evidence.rejects,
            decisions=decisions,
            journals=custody.journals(case),
            method=custody.method(case, results, runs, self._known(results, subjects, batches)),
            overview=pictures.overview(results.points, chosen) if results.points else None,
            against=_against(subjects),
        )

    def _accounts(self, groups: Sequence[Group]) -> pa.Table:
        """The exported accounts, best first, without the case's own codes."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = self._browsing.accounts()
        indices = pa.array(np.concatenate([group.indices for group in groups]))
        exported = table.filter(pc.is_in(table.column("index"), value_set=indices))
        return exported.drop_columns(["index", "code"])

    def _known(
        self, results: Results, subjects: Sequence[Subject], batches: Sequence[Batch]
    ) -> dict[str, Any]:
        """What error rates and limits speak of."""
        specs = results.signals.specs.to_pylist() if results.signals is not None else []
        undated = 0
        if results.points is not None:
            undated = int(np.count_nonzero(results.points.ts == NO_TIME))
        stage = self._held.artifacts.current("clusters")
        return {
            "q_nominal": any(one.q_nominal for one in subjects if one.is_cluster),
            "measures": measures(results) if any(one.is_cluster for one in subjects) else (),
            "not_assessed": [
                signal_title(spec["name"], spec["title"])
                for spec in specs
                if spec["not_assessed"] not in (None, TOO_LITTLE)
            ],
            "too_little": [
                signal_title(spec["name"], spec["title"])
                for spec in specs
                if spec["not_assessed"] == TOO_LITTLE
            ],
            "n_undated": undated,
            "power": Detectability(self._held).shown(),
            "gaps": [batch.frame.gaps for batch in batches if batch.frame.gaps],
            "n_null": dict(stage.info).get("n_null") if stage is not None else None,
        }

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
        }
        if why.strip():
            body["why"] = why
        self._held.case.journals.append(EntryKind.EXPORT, body, self._signer())
        self._held.renew(decisions=True)


def _require_current(results: Results, facts: dict[str, Any]) -> None:
    """A report computed on part of the evidence beside all of it would mislead."""
    assert results.accounts is not None
    seen = int(np.sum(results.accounts.column("n_exchanges").to_numpy()))
    if seen != facts["n_exchanges"]:
        raise InputError(
            f"The case holds {facts['n_exchanges']:,} exchanges, but the analysis has seen "
            f"{seen:,}.",
            remedy="Analyse the case, then export.",
        )


def _identity(results: Results) -> str:
    kinds = [key.kind for key in results.account_keys]
    most = max(_IDENTITY, key=lambda kind: kinds.count(kind))
    return _IDENTITY[most]


def _clusters(clusters: pa.Table) -> pa.Table:
    """The clusters as the window shows them, without the case's own codes, times as times."""
    import pyarrow as pa

    for name in ("first", "last"):
        times = clusters.column(f"{name}_us").cast(pa.timestamp("us"))
        place = clusters.column_names.index(f"{name}_us")
        clusters = clusters.set_column(place, f"{name}_ts", times)
    return clusters.drop_columns(["row"])


def _others(clusters: pa.Table, exported: set[str]) -> tuple[OtherCluster, ...]:
    return tuple(
        OtherCluster(
            id=row["cluster_id"],
            verdict=row["verdict"],
            label=Label(row["label"]) if row["label"] in set(Label) else None,
            n_accounts=row["n_accounts"],
            n_exchanges=row["n_exchanges"],
        )
        for row in clusters.to_pylist()
        if row["cluster_id"] not in exported
    )


def _against(subjects: Sequence[Subject]) -> tuple[str, ...]:
    """What stands on the first page: the strongest doubts of each subject, and of all."""
    first, most = subjects[:3], 3 if len(subjects) == 1 else 2
    lines = [
        f"{s.id}: {said}" if s.is_cluster else said for s in first for said in s.against[:most]
    ]
    lines += [
        f"{s.id} resembles benign traffic: {s.lookalike}, distance {s.lookalike_distance:.2f}."
        for s in subjects[:3]
        if s.lookalike_distance is not None and not s.lookalike_told
    ]
    told = any("q is nominal" in line for line in lines)
    if not told and any(subject.q_nominal for subject in subjects if subject.is_cluster):
        lines.append("q is nominal: the comparison groups are of this log itself.")
    return tuple(lines)
