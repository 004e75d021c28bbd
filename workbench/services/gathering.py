"""Everything that a bundle will say of a case, gathered as plain values.

Knows no window and writes nothing; the words of findings come from the catalogue, the words of the
bundle from the bundle.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.bundle.content import BundleContent, CaseFacts, OtherCluster, Texts
from workbench.domain.account import IdentityKind
from workbench.domain.errors import InputError
from workbench.domain.label import Label
from workbench.domain.text import plural
from workbench.domain.withheld import Withheld
from workbench.services import custody, pictures
from workbench.services.dossiers import Computed, Dossiers, measures
from workbench.services.evidence import Evidence, chosen_table
from workbench.services.export_scope import Group, Scope, resolve
from workbench.services.loss import Losses
from workbench.services.power import Detectability
from workbench.services.results import NO_TIME
from workbench.services.reviewing import require_reviewed
from workbench.services.skeletons import Skeletons

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import pyarrow as pa

    from workbench.bundle.content import Batch
    from workbench.bundle.subject import Subject
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


class Gathering:
    """Reads an open case for a bundle.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
        browsing: The tables that the window shows: the bundle's are the same.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer], browsing: Browsing) -> None:
        self._held = held
        self._signer = signer
        self._browsing = browsing

    def content(
        self,
        what: Scope,
        *,
        marking: str | None,
        job: JobContext,
        texts: Texts | None = None,
    ) -> BundleContent:
        """Everything that the bundle will say, as plain values.

        Args:
            what: What is exported.
            marking: TLP mark; the case's when None.
            job: Progress and cancellation.
            texts: Which texts leave the case; none when None.

        Raises:
            InputError: Nothing like that is in the case, it was imported into since it was
                analysed, or analysts do not agree, or have not signed off what the case asks for.
            NotAssessedError: The case was not analysed, or the label stands on no account.
        """
        held, texts = self._held, texts or Texts()
        case, results, book = held.case, held.results(), held.book()
        clusters = self._browsing.clusters()
        groups = resolve(what, results, book.labels, clusters.column("cluster_id").to_pylist())
        accounts = [results.keys[i] for group in groups for i in group.indices]
        require_reviewed(book, held.policy(), accounts)
        evidence = Evidence(held, chosen_table(groups, results), texts)
        facts = evidence.facts()
        require_current(results, facts)
        require_exported(evidence)
        require_revealed(evidence)
        texts = replace(texts, n_quarantined=evidence.withheld()["quarantined"])
        evidence = replace(evidence, texts=texts)
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
            losses=losses.counter(results, losses.prices(), leaving=True),
            words=Skeletons.read(held, leaving=True),
        )
        subjects = []
        for number, group in enumerate(groups):
            job.check()
            job.report("Gathering", done=number / len(groups))
            subjects.append(dossiers.subject(group, number))
        marking = marking or case.settings.marking
        chosen = {group.id: group.marks(results.n_accounts) for group in groups}
        journals = custody.journals(case)
        return BundleContent(
            case=CaseFacts(
                id=case.id,
                name=case.name,
                digested=case.digested(),
                marking=marking,
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
            journals=journals,
            method=custody.method(case, results, runs, self._known(results, subjects, batches)),
            overview=pictures.overview(results.points, chosen) if results.points else None,
            against=_against(subjects),
            texts=texts,
            rerun=custody.rerun(
                case, what, marking, losses.price_file(), Detectability(held).rows(), held.reader
            ),
            stamps=custody.stamps(case, journals),
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
        undated = 0
        if results.points is not None:
            undated = int(np.count_nonzero(results.points.ts == NO_TIME))
        stage = self._held.artifacts.current("clusters")
        return {
            "q_nominal": any(one.q_nominal for one in subjects if one.is_cluster),
            "measures": measures(results) if any(one.is_cluster for one in subjects) else (),
            "n_undated": undated,
            "power": Detectability(self._held).shown(),
            "gaps": [batch.frame.gaps for batch in batches if batch.frame.gaps],
            "n_null": dict(stage.info).get("n_null") if stage is not None else None,
        }


def require_current(results: Results, facts: dict[str, Any]) -> None:
    """A report computed on part of the evidence beside all of it would mislead.

    Raises:
        InputError: The case was imported into since it was analysed.
    """
    assert results.accounts is not None
    seen = int(np.sum(results.accounts.column("n_exchanges").to_numpy()))
    if seen != facts["n_exchanges"]:
        raise InputError(
            f"The case holds {facts['n_exchanges']:,} exchanges, but the analysis has seen "
            f"{seen:,}.",
            remedy="Analyse the case, then export.",
        )


def require_exported(evidence: Evidence) -> None:
    """An exhibit is an exchange of an exported account.

    Raises:
        InputError: One is not.
    """
    codes = set(evidence.chosen.column("account_id").to_pylist())
    found = evidence.exhibits(evidence.texts.exhibits)
    for exchange_id in evidence.texts.exhibits:
        if exchange_id not in found or found[exchange_id]["code"] not in codes:
            raise InputError(
                f"Exchange {exchange_id} is not of an exported account.",
                remedy="Name exhibits by their exchange_id, as data/exchanges.csv and the window "
                "have it, of accounts that are exported.",
            )


def require_revealed(evidence: Evidence) -> None:
    """Texts leave a case only where whoever lets them out may read them.

    Raises:
        InputError: They are in quarantine, or read after a reveal that this analyst did not make.
    """
    texts = evidence.texts
    rows = evidence.exhibits(texts.exhibits)
    for exchange_id in texts.exhibits:
        why = rows[exchange_id]["withheld"]
        if why == Withheld.QUARANTINE:
            raise InputError(f"Exchange {exchange_id} is in quarantine: its texts do not leave.")
        if why == Withheld.HIDDEN:
            raise InputError(
                f"The texts of exchange {exchange_id} are read after a reveal.",
                remedy=f"Run: workbench reveal CASE --exchange {exchange_id} --why TEXT",
            )
    if texts.whole and (hidden := evidence.withheld()["hidden"]):
        raise InputError(
            f"The texts of {plural(hidden, 'exchange', 'exchanges')} are read after a reveal.",
            remedy="Reveal the accounts first: workbench reveal CASE --account ID --why TEXT",
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
