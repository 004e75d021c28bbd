"""Use cases: take the fingerprint of a campaign out of a case, and look for one in a case.

What leaves the case is a file of its own, told to the journal before it is there. Looking changes
nothing and accuses nobody: it says what resembles, how much, and how often chance does as well.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench import __version__
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.finding import Verdict
from workbench.domain.label import EntryKind, Label
from workbench.services.custody import as_of_us
from workbench.services.matches import ACCOUNTS, GROUPS, Matched, Taken
from workbench.services.results import NO_TIME, cluster_row, not_analysed
from workbench.services.reviewing import require_reviewed
from workbench.services.skeletons import unsaid_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from workbench.analysis.fingerprint.compare import Compared, Indicators
    from workbench.analysis.fingerprint.describe import Who
    from workbench.analysis.fingerprint.form import Fingerprint, Origin, ValueKind
    from workbench.analysis.fingerprint.log import Log
    from workbench.analysis.stage import Context
    from workbench.case.identity import Signer
    from workbench.domain.progress import JobContext
    from workbench.domain.settings import AnalysisSettings
    from workbench.services.browsing import Browsing
    from workbench.services.open_case import OpenCase

#: Accounts of a cluster, and ordinary ones beside it, that a fingerprint needs.
_MEMBERS, _ORDINARY = 3, 50
#: Ordinary accounts in which rates are measured: how many customers there are stays at home.
_MOST_MEASURED: Final = 5_000
_FLAGGED: Final = (Verdict.MULTI_AXIS.value, Verdict.TRIAGE.value)
_GUILTY: Final = (Label.CONFIRMED, Label.SUSPECTED)


class Fingerprinting:
    """Takes and finds fingerprints.

    Args:
        held: The open case.
        signer: Gives the analyst's key, for the journal.
        browsing: The tables that the window shows.
        settings: Parameters of the case's last analysis.
    """

    def __init__(
        self,
        held: OpenCase,
        signer: Callable[[], Signer],
        browsing: Browsing,
        settings: Callable[[], AnalysisSettings],
    ) -> None:
        self._held = held
        self._signer = signer
        self._browsing = browsing
        self._settings = settings

    # --- out -----------------------------------------------------------------------------------
    def take(
        self,
        cluster_id: str,
        out: Path,
        job: JobContext,
        *,
        ask: Sequence[ValueKind] = (),
        words: bool = False,
        why: str = "",
        stix: Path | None = None,
        provider: str = "",
        marking: str | None = None,
    ) -> Taken:
        """Write the fingerprint of a cluster, and the journal's line about it.

        Args:
            cluster_id: The cluster; its members at or above the membership threshold.
            out: The file; replaced when there.
            job: Progress and cancellation.
            ask: Kinds of value of infrastructure that are written, too (``form.VALUE_KINDS``).
            words: Whether skeletons are written out in words.
            why: The reason; needed for ``ask`` and ``words``.
            stix: A second file, the same for tools of others; None for none.
            provider: Who tells it there; the custodian of the logs when empty.
            marking: TLP mark there; the case's when None.

        Raises:
            InputError: No such cluster, or one of fewer than three accounts; no reason; a file
                cannot be written; or analysts do not agree, or have not signed off what the case
                asks for.
            NotAssessedError: The case was not analysed, or holds too few ordinary accounts.
            CancelledError: The user cancelled; nothing remains.
        """
        from workbench.case.casefile import replace_file
        from workbench.services.export_scope import tlp_mark

        if (ask or words) and not why.strip():
            raise InputError(
                "Values and words of logs leave a case only for a reason.",
                remedy="Say why with --why TEXT: the journal keeps it.",
            )
        marking = tlp_mark(marking or self._held.case.settings.marking)
        self._check_places([out] if stix is None else [out, stix])
        self._require_reviewed(cluster_id)
        found = self.describe(cluster_id, job, ask=ask, words=words)
        job.check()
        files = {out: found.data}
        if stix is not None:
            files[stix] = self._stix(found, provider, marking)
        body = {
            "fingerprint": out.name,
            "path": str(out.absolute()),
            "sha256": found.digest,
            "subjects": [cluster_id],
            "with": [*ask, *(["words"] if words else [])],
            "why": why.strip(),
        }
        if stix is not None:
            body["stix"] = str(stix.absolute())
            body["marking"] = marking
        # First the journal: what it does not know has not left.
        self._held.case.journals.append(EntryKind.EXPORT, body, self._signer())
        self._held.renew(decisions=True)
        for path, data in files.items():
            replace_file(path, data)
        return Taken(str(out), found, "" if stix is None else str(stix))

    def describe(
        self,
        cluster_id: str,
        job: JobContext,
        *,
        ask: Sequence[ValueKind] = (),
        words: bool = False,
    ) -> Fingerprint:
        """The fingerprint of a cluster; nothing is written. Args and errors as of ``take``."""
        from workbench.analysis.fingerprint.describe import describe

        kinds = tuple(dict.fromkeys(ask))
        with self._context(job) as context:
            who, log = self._who(cluster_id), self._log(context)
            origin = self._origin(cluster_id, log, who)
            own = log.prompt[log.taken(who.members)[0]]
            left = unsaid_of(self._held, own) if words else ()
            return describe(context, log, who, origin, ask=kinds, words=words, unsaid=left)

    def _check_places(self, files: Sequence[Path]) -> None:
        """Whether files can be written there, before any work is done."""
        places = [path.resolve() for path in files]
        case = self._held.case.path.resolve()
        for path, place in zip(files, places, strict=True):
            if place.is_dir() or not place.parent.is_dir():
                raise InputError(
                    f"{path} cannot be written.", remedy="Name a file in a folder that is there."
                )
            if place.is_relative_to(case):
                raise InputError(
                    f"{path} lies in the case, which keeps its own files only.",
                    remedy="Name a file outside it.",
                )
        if len(set(places)) != len(places):
            raise InputError("--out and --stix are one file.", remedy="Name two.")

    def _require_reviewed(self, cluster_id: str) -> None:
        results = self._held.results()
        row = cluster_row(results, cluster_id)
        assert results.clusters is not None
        accounts = [results.keys[i] for i in np.flatnonzero(results.clusters.bound == row)]
        require_reviewed(self._held.book(), self._held.policy(), accounts)

    # --- in ------------------------------------------------------------------------------------
    def match(self, files: Sequence[Path], job: JobContext) -> list[Matched]:
        """Look for fingerprints, or a partner's indicators, in the case; one answer a file.

        Raises:
            InputError: A file cannot be read or is neither.
            NotAssessedError: The case was not analysed.
            CancelledError: The user cancelled.
        """
        from workbench.services.partners import wanted_of

        wanted = [one for path in files for one in wanted_of(path)]
        answers = []
        with self._context(job) as context:
            log = self._log(context)
            ordinary = self._ordinary()
            for number, (path, digest, looked, unread) in enumerate(wanted):
                job.report("Looking for fingerprints", done=number / len(wanted))
                job.check()
                found = self._compared(context, log, looked, ordinary)
                answers.append(self._answer(path, digest, looked, unread, found, ordinary))
        return answers

    def _compared(
        self,
        context: Context,
        log: Log,
        looked: Fingerprint | Indicators,
        ordinary: NDArray[np.bool_],
    ) -> Compared:
        from workbench.analysis.fingerprint.compare import Indicators, compare, compare_indicators

        if isinstance(looked, Indicators):
            return compare_indicators(context, log, looked, ordinary)
        return compare(context, log, looked, ordinary)

    def _answer(
        self,
        path: Path,
        digest: str,
        looked: Fingerprint | Indicators,
        unread: tuple[str, ...],
        found: Compared,
        ordinary: NDArray[np.bool_],
    ) -> Matched:
        from workbench.analysis.fingerprint.compare import Indicators

        return Matched(
            path=str(path),
            sha256=digest,
            origin=None if isinstance(looked, Indicators) else looked.origin,
            rates=() if isinstance(looked, Indicators) else tuple(looked.parts),
            n_accounts=len(ordinary),
            n_ordinary=int(ordinary.sum()),
            expected_home=found.expected_home,
            expected_here=found.expected_here,
            chance=found.chance,
            lacking=dict(found.lacking),
            unread=unread,
            accounts=self._accounts(found),
            clusters=self._groups(found, ordinary),
        )

    def _accounts(self, found: Compared) -> pa.Table:
        """Accounts that pass, the most evidence first."""
        rows = np.flatnonzero(found.passes)
        rows = rows[np.lexsort((rows, -found.total[rows]))]
        table = self._browsing.accounts()
        place = np.empty(table.num_rows, np.int64)
        place[table.column("index").to_numpy()] = np.arange(table.num_rows)
        there = table.take(pa.array(place[rows]))
        columns: dict[str, Any] = {
            "evidence": pa.array(found.total[rows]),
            "p": pa.array(found.p[rows]),
            "q": pa.array(found.q[rows]),
            "by_chance": pa.array(found.by_chance[rows], from_pandas=True),
            **{name: pa.array(found.parts[name][rows]) for name in found.parts},
        }
        for name in ACCOUNTS.names:
            if name not in columns:
                known = name in there.column_names
                columns[name] = there.column(name) if known else pa.nulls(len(rows))
        return pa.table({name: columns[name] for name in ACCOUNTS.names}).cast(ACCOUNTS)

    def _groups(self, found: Compared, ordinary: NDArray[np.bool_]) -> pa.Table:
        """Every cluster, the most evidence a head first."""
        from workbench.analysis.fingerprint.compare import discovery, group_p

        clusters = self._held.results().clusters
        assert clusters is not None
        members = [np.flatnonzero(clusters.bound == row) for row in range(len(clusters.ids))]
        rows = [row for row, group in enumerate(members) if len(group)]
        p = group_p(found, ordinary, [members[row] for row in rows])
        known = [one for one in p if one is not None]
        q = iter(discovery(np.array(known, np.float64)).tolist())
        verdicts = clusters.table.column("verdict").to_pylist()
        told = [
            {
                "cluster_id": clusters.ids[row],
                "n_accounts": len(members[row]),
                "n_resembling": int(found.passes[members[row]].sum()),
                "evidence": float(found.total[members[row]].mean()),
                "p": one,
                "q": None if one is None else next(q),
                "verdict": verdicts[row],
            }
            for row, one in zip(rows, p, strict=True)
        ]
        told.sort(key=lambda row: (-row["evidence"], row["cluster_id"]))
        return pa.Table.from_pylist(told, schema=GROUPS)

    # --- the case ------------------------------------------------------------------------------
    @contextmanager
    def _context(self, job: JobContext) -> Iterator[Context]:
        from workbench.analysis.stage import Context

        if self._held.results().clusters is None:
            raise not_analysed()
        with self._held.computing() as engine:
            yield Context("fingerprint", self._settings(), engine, self._held.artifacts, job)

    def _log(self, context: Context) -> Log:
        from workbench.analysis.fingerprint.log import Log

        try:
            return Log.read(context)
        except KeyError as error:
            raise not_analysed() from error

    def _ordinary(self) -> NDArray[np.bool_]:
        """bool[A]: accounts that no finding binds and nobody suspects."""
        results = self._held.results()
        assert results.clusters is not None
        verdict = np.array(
            [*results.clusters.table.column("verdict").to_pylist(), Verdict.NO_FINDING.value]
        )
        free = ~np.isin(verdict[results.clusters.bound], _FLAGGED)
        labels = self._held.labels()
        for key, state in labels.items():
            if state.label in _GUILTY and key in results.index_of:
                free[results.index_of[key]] = False
        return free

    def _who(self, cluster_id: str) -> Who:
        from workbench.analysis.fingerprint.describe import Who

        results = self._held.results()
        row = cluster_row(results, cluster_id)
        assert results.clusters is not None
        members = results.clusters.bound == row
        ordinary = self._ordinary() & ~members
        if int(members.sum()) < _MEMBERS:
            raise InputError(
                f"{cluster_id} has {int(members.sum())} accounts: what fewer than {_MEMBERS} do "
                "is theirs and no campaign's.",
                remedy="Choose another cluster: workbench clusters CASE",
            )
        if int(ordinary.sum()) < _ORDINARY:
            raise NotAssessedError(
                f"The case holds {int(ordinary.sum())} ordinary accounts: too few to measure how "
                "often the fingerprint finds somebody else.",
                remedy="Import more of the log, then analyse it.",
            )
        return Who(members, _drawn(ordinary))

    def _origin(self, cluster_id: str, log: Log, who: Who) -> Origin:
        from workbench.analysis.fingerprint.form import Origin

        row = self._browsing.cluster_row(cluster_id)
        rows, attributed = log.taken(who.members)
        ts = log.ts[who.members[log.account]]
        known = ts[ts != NO_TIME]
        labels = self._held.labels()
        keys = self._held.results().keys
        given = {
            labels[keys[at]].label if keys[at] in labels else None
            for at in np.flatnonzero(who.members).tolist()
        }
        label = given.pop() if len(given) == 1 else None
        return Origin(
            program=__version__,
            case_digest=self._held.case.digest(),
            cluster=cluster_id,
            label=None if label is None else label.value,
            verdict=str(row["verdict"]),
            first_day=_day(int(known.min())) if len(known) else None,
            last_day=_day(int(known.max())) if len(known) else None,
            n_accounts=int(who.members.sum()),
            n_prompts=len(rows),
            attributed=attributed,
        )

    def _stix(self, found: Fingerprint, provider: str, marking: str) -> bytes:
        from workbench.bundle.stix import stix_bundle
        from workbench.services.partners import campaign_of

        frames = [batch.frame for batch in self._held.case.given.batches()]
        custodian = next((frame.custodian for frame in frames if frame.custodian), "")
        at_us = as_of_us(self._held.case, self._held.book())
        name = provider.strip() or custodian or "a provider that gives no name"
        return stix_bundle(campaign_of(found, name, marking, at_us))


def _drawn(ordinary: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """At most ``_MOST_MEASURED`` of them, always the same."""
    rows = np.flatnonzero(ordinary)
    if len(rows) <= _MOST_MEASURED:
        return ordinary
    random = np.random.default_rng(np.random.SeedSequence([len(rows), len(ordinary)]))
    found = np.zeros(len(ordinary), np.bool_)
    found[random.choice(rows, _MOST_MEASURED, replace=False)] = True
    return found


def _day(us: int) -> str:
    return datetime.fromtimestamp(us // 1_000_000, UTC).strftime("%Y-%m-%d")
