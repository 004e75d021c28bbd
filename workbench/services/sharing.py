"""Gathers what a share edition says: field by field, by the allow-list of ``bundle.share``.

Nothing is taken from the full edition and filtered. Accounts and prompts become keyed words here;
sentences are taken only where no word of the log stands in them; skeletons and exhibits are
scrubbed. Knows no window and writes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.bundle.content import Texts
from workbench.bundle.share.content import (
    ACCOUNTS,
    DIGITS,
    EVIDENCE,
    SOURCES,
    Redaction,
    ShareContent,
    SharedDecision,
    SharedExhibit,
    hour_of,
)
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.ports import Statement
from workbench.services import custody
from workbench.services.analysing import DONE
from workbench.services.assurance import LIMITS
from workbench.services.evidence import Evidence, chosen_table
from workbench.services.export_scope import Group, Scope, resolve
from workbench.services.gathering import require_current, require_exported, require_revealed
from workbench.services.known_errors import error_rates, unassessed
from workbench.services.reviewing import require_reviewed
from workbench.services.scrubbing import RULES, Scrubber
from workbench.services.shared_findings import CLUSTER, shared_subject
from workbench.services.shared_templates import SharedTemplates
from workbench.services.skeletons import Skeletons

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.analysis.fingerprint.form import Fingerprint
    from workbench.case.share_key import ShareKey
    from workbench.domain.progress import JobContext
    from workbench.services.browsing import Browsing
    from workbench.services.fingerprinting import Fingerprinting
    from workbench.services.open_case import OpenCase

_EXCHANGES: Final = Statement.read(__file__, "shared_exchanges")
_COUNTS: Final = Statement.read(__file__, "shared_counts")
_NAMES: Final = Statement.read(__file__, "shared_names")
_PAGE: Final = 131_072
_SECOND_US: Final = 1_000_000
_STAGE: Final = re.compile(r"[a-z][a-z_.]{0,60}")
#: Parameters of the analysis that are numbers; "static" is the one word.
_SETTINGS: Final = ("seed", "landmarks", "cells", "q")
#: Families of clients that are programs of many; whatever else a log calls itself stays there.
_CLIENTS: Final = frozenset(
    {
        "aiohttp", "anthropic", "apache-httpclient", "axios", "boto3", "curl", "deno", "fetch",
        "go-http-client", "got", "guzzlehttp", "httpie", "httpx", "java", "langchain", "litellm",
        "mozilla", "node", "node-fetch", "okhttp", "openai", "postmanruntime", "python",
        "python-httpx", "python-requests", "python-urllib", "reqwest", "ruby", "undici", "wget",
    }
)  # fmt: skip
_NOBODY: Final = "a provider that gives no name"
_HOURS: Final = (
    "Times are told by the hour. Whoever has another log of the same accounts may still know them "
    "again by when they were active."
)
_NO_STIX: Final = (
    "No fingerprint for other tools is in it: a cluster of three accounts or more, fifty ordinary "
    "accounts beside it and a whole analysis are needed."
)


class Sharing:
    """Reads an open case for a share edition.

    Args:
        held: The open case.
        browsing: The tables that the window shows.
        fingerprinting: Takes fingerprints.
    """

    def __init__(self, held: OpenCase, browsing: Browsing, fingerprinting: Fingerprinting) -> None:
        self._held = held
        self._browsing = browsing
        self._fingerprinting = fingerprinting

    def content(
        self,
        what: Scope,
        recipient: str,
        key: ShareKey,
        *,
        marking: str | None,
        exhibits: Sequence[int],
        names: bool,
        job: JobContext,
    ) -> ShareContent:
        """Everything that the share edition will say.

        Args:
            what: What is shared.
            recipient: Whom it is for.
            key: Of this case and recipient.
            marking: TLP mark; the case's when None.
            exhibits: Exchanges whose prompts are shown, scrubbed; ascending.
            names: Whether analysts are named.
            job: Progress and cancellation.

        Raises:
            As ``Gathering.content``.
        """
        held = self._held
        case, results, book = held.case, held.results(), held.book()
        ranking = self._browsing.clusters().column("cluster_id").to_pylist()
        groups = resolve(what, results, book.labels, ranking)
        accounts = [results.keys[i] for group in groups for i in group.indices]
        require_reviewed(book, held.policy(), accounts)
        chosen = chosen_table(groups, results)
        evidence = Evidence(held, chosen, Texts(exhibits=tuple(exhibits)))
        require_current(results, evidence.facts())
        require_exported(evidence)
        require_revealed(evidence)
        job.check()
        scrubber = Scrubber(self._known(chosen))
        templates = SharedTemplates.read(
            results, held.artifacts, groups, key, scrubber, Skeletons.read(held, leaving=True)
        )
        subjects = [
            shared_subject(results, held.labels(), group, number)
            for number, group in enumerate(groups)
        ]
        shown = self._exhibits(evidence, chosen, key, scrubber)
        decisions = self._decisions(set(accounts), names=names)
        counts = self._counted(chosen)
        n_evidence = int(pc.sum(counts[0].column("n_exchanges")).as_py() or 0)
        settings = self._settings()
        tested = case.artifacts.current("clusters")
        taken, dropped = self._fingerprints(groups, job)
        marking = marking or case.settings.marking
        as_of_us = custody.as_of_us(case, book) // _SECOND_US * _SECOND_US
        analysts = {d.fingerprint for d in decisions}
        heads = {key.word("journal", one.key): dict(one.head) for one in custody.journals(case)}
        sentences = sum(one.left_out for one in subjects)
        untold = sum(one.untold for one in subjects)
        redactions = [
            Redaction("accounts", "replaced by keyed words", len(accounts), keyed=True),
            Redaction("prompts of exchanges", "replaced by keyed words", counts[1], keyed=True),
            Redaction("times of exchanges", "told by the hour", n_evidence),
            Redaction("templates", "skeleton left out: too few share it", templates.rare),
            Redaction("templates", "skeleton left out: its prompts are withheld", templates.hidden),
            Redaction("sentences on findings", "left out: they name values of the log", sentences),
            Redaction("sentences on findings", "left out: not in this edition", untold),
            Redaction("ordinary accounts", "counts told as rates, rounded up", len(taken)),
            Redaction("client programs", "left out: not widely used", dropped),
            Redaction("journals", "replaced by keyed words", len(heads), keyed=True),
            *(
                Redaction("skeletons and exhibits", f"{rule} replaced", scrubber.taken[rule])
                for rule in RULES
            ),
        ]
        if not names:
            redactions.append(Redaction("analysts", "name left out; the key stays", len(analysts)))
        return ShareContent(
            recipient=recipient,
            key_id=key.id,
            marking=marking,
            case_id=case.id,
            digest=case.digest(),
            as_of_us=as_of_us,
            subjects=tuple(subjects),
            accounts=self._accounts(groups, key),
            templates=templates.table,
            withheld=templates.hidden,
            sources=counts[0],
            evidence=lambda: self._stream(chosen, key, templates),
            n_evidence=n_evidence,
            decisions=decisions,
            heads=heads,
            exhibits=shown,
            versions=custody.versions(),
            settings=settings,
            stages=tuple(
                (one.stage, one.key, one.digest)
                for one in case.artifacts.stages()
                if _STAGE.fullmatch(one.stage)
            ),
            error_rates=error_rates(
                float(settings.get("q", 0.05)),
                claims=any(one.is_cluster for one in subjects),
                nominal=any(one.q_nominal for one in subjects if one.is_cluster),
                n_null=None if tested is None else tested.info.get("n_null"),
            ),
            limits=(
                *LIMITS,
                *unassessed(results),
                _HOURS,
                "Scrubbing finds numbers, addresses and keys by their form and names by what the "
                "case knows: a name of a person that only a text holds it cannot know.",
                *(() if taken else (_NO_STIX,)),
            ),
            redactions=tuple(redactions),
            stix=self._stix(taken, marking, as_of_us) if taken else b"",
        )

    # --- who and what --------------------------------------------------------------------------
    def _known(self, chosen: pa.Table) -> Iterator[str]:
        """Names that the case knows, of accounts, of people, of where logs come from."""
        with self._held.engine() as engine:
            engine.with_table("chosen", chosen)
            for batch in engine.scan(_NAMES):
                for column in batch.columns:
                    yield from (value for value in pc.unique(column).to_pylist() if value)
        case = self._held.case
        yield case.name
        yield from (entry.analyst.name for entry in case.journals.entries())
        for batch in case.given.batches():
            yield from (batch.frame.custodian, batch.frame.system)

    def _accounts(self, groups: Sequence[Group], key: ShareKey) -> pa.Table:
        results, labels = self._held.results(), self._held.labels()
        assert results.accounts is not None
        clusters = results.clusters
        rows = []
        for group in groups:
            order = results.accounts.select(["n_exchanges", "first_us", "last_us"])
            for at, row in zip(
                group.indices.tolist(), order.take(group.indices).to_pylist(), strict=True
            ):
                state = labels.get(results.keys[at])
                score = None if clusters is None else float(clusters.score[at])
                rows.append(
                    {
                        "account": key.word("account", results.keys[at]),
                        "cluster_id": group.id if group.row >= 0 else None,
                        "n_exchanges": row["n_exchanges"],
                        "first_ts": hour_of(row["first_us"]),
                        "last_ts": hour_of(row["last_us"]),
                        "membership": round(float(clusters.membership[at]), DIGITS)
                        if clusters is not None and group.row >= 0
                        else None,
                        "score": None if score is None or np.isnan(score) else round(score, DIGITS),
                        "label": None if state is None else state.label.value,
                    }
                )
        # By volume and word: the case's own order would tell which name comes before which.
        rows.sort(key=lambda row: (row["cluster_id"] or "~", -row["n_exchanges"], row["account"]))
        return pa.Table.from_pylist(rows, schema=ACCOUNTS)

    def _decisions(self, accounts: set[str], *, names: bool) -> tuple[SharedDecision, ...]:
        book = self._held.book()
        found = []
        for one in custody.decisions(book, self._held.case.journals.names()):
            n_accounts = len(accounts.intersection(one.accounts))
            if n_accounts:
                found.append(
                    SharedDecision(
                        at_us=one.at_us,
                        analyst=one.analyst if names else "",
                        fingerprint=one.fingerprint,
                        label=one.label,
                        cluster_id=one.cluster_id if CLUSTER.fullmatch(one.cluster_id) else "",
                        n_accounts=n_accounts,
                        entry=one.entry,
                        withdrawn=bool(one.withdrawn),
                    )
                )
        return tuple(found)

    def _exhibits(
        self, evidence: Evidence, chosen: pa.Table, key: ShareKey, scrubber: Scrubber
    ) -> tuple[SharedExhibit, ...]:
        of = {row["account_id"]: row for row in chosen.to_pylist()}
        rows = evidence.exhibits(evidence.texts.exhibits)
        return tuple(
            SharedExhibit(
                number=number,
                account=key.word("account", of[row["code"]]["account_key"]),
                cluster_id=of[row["code"]]["cluster_id"] or "",
                at_us=hour_of(row["ts_us"]),
                prompt=scrubber.text(row["text"] or "(no prompt)"),
            )
            for number, row in enumerate(
                sorted(rows.values(), key=lambda row: (row["ts_us"] or 0, row["exchange_id"])), 1
            )
        )

    def _settings(self) -> dict[str, int | float | str]:
        runs = custody.runs(self._held.book(), self._held.case.journals.names())
        done = [run.settings for run in runs if run.outcome == DONE]
        last = done[-1] if done else {}
        found: dict[str, int | float | str] = {
            name: last[name] for name in _SETTINGS if isinstance(last.get(name), int | float)
        }
        if last.get("embedder") == "static":
            found["embedder"] = "static"
        return found

    # --- exchanges -----------------------------------------------------------------------------
    def _counted(self, chosen: pa.Table) -> tuple[pa.Table, int]:
        """Rows of ``SOURCES``, and how many exchanges have a prompt."""
        with self._held.engine() as engine:
            engine.with_table("chosen", chosen)
            found = engine.table(_COUNTS)
        n_prompts = int(pc.sum(found.column("n_prompts")).as_py() or 0)
        return found.select(SOURCES.names).cast(SOURCES), n_prompts

    def _stream(
        self, chosen: pa.Table, key: ShareKey, templates: SharedTemplates
    ) -> Iterator[pa.RecordBatch]:
        attributed = self._held.results().attribution
        last = Evidence(self._held, chosen).facts()["last_id"]
        done = 0
        with self._held.engine() as engine:
            engine.with_table("chosen", chosen)
            for low in range(0, last + 1, _PAGE):
                for batch in engine.scan(_EXCHANGES, low=low, high=low + _PAGE):
                    ids = batch.column("exchange_id").to_numpy()
                    probability = pa.nulls(len(ids), pa.float32())
                    if attributed is not None:
                        rounded = attributed.of(ids).round(DIGITS)
                        probability = pa.array(rounded, pa.float32(), from_pandas=True)
                    columns = {
                        "exchange": pa.array(np.arange(done + 1, done + 1 + len(ids))),
                        "account": _words(batch.column("account_key"), key, "account"),
                        "cluster_id": batch.column("cluster_id"),
                        "ts": batch.column("ts"),
                        "prompt": _words(batch.column("prompt_digest"), key, "prompt"),
                        "template": templates.of(ids),
                        "attribution": probability,
                        "source_sha256": batch.column("source_sha256"),
                    }
                    done += len(ids)
                    yield pa.RecordBatch.from_arrays(
                        [columns[one.name].cast(one.type) for one in EVIDENCE], schema=EVIDENCE
                    )

    # --- other tools ---------------------------------------------------------------------------
    def _fingerprints(
        self, groups: Sequence[Group], job: JobContext
    ) -> tuple[list[Fingerprint], int]:
        """Of each cluster of which all is shared, and how many client programs were dropped."""
        import msgspec

        from workbench.analysis.fingerprint.scaled import scaled

        clusters = self._held.results().clusters
        taken, dropped = [], 0
        for group in groups:
            if group.row < 0 or clusters is None:
                continue
            if int((clusters.bound == group.row).sum()) != len(group.indices):
                continue
            try:
                found = self._fingerprinting.describe(group.id, job)
            except (InputError, NotAssessedError):
                continue
            kept = [one for one in found.clients if one.family.casefold() in _CLIENTS]
            dropped += len(found.clients) - len(kept)
            taken.append(scaled(msgspec.structs.replace(found, clients=kept)))
        return taken, dropped

    def _stix(self, taken: Sequence[Fingerprint], marking: str, as_of_us: int) -> bytes:
        from workbench.bundle.stix import stix_bundle
        from workbench.services.partners import campaign_of

        return stix_bundle(*(campaign_of(one, _NOBODY, marking, as_of_us) for one in taken))


def _words(column: pa.Array, key: ShareKey, kind: str) -> pa.Array:
    """What stands for each value: a name, or a digest in bytes; NULL stays NULL."""
    local = column.dictionary_encode()
    values = (one.hex() if isinstance(one, bytes) else one for one in local.dictionary.to_pylist())
    return pa.array([key.word(kind, one) for one in values], pa.string()).take(local.indices)
