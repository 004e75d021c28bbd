"""Everything that is read of a case, for the window and the command line. Changes nothing.

Safe from any thread. Tables come from one reading (``services.results``) and the labels that
stand; text of prompts comes from the case, page by page.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.account import AccountKey
from workbench.domain.errors import InputError
from workbench.domain.finding import MEMBERSHIP_THRESHOLD
from workbench.domain.ports import Statement
from workbench.services import mapping, tables, wording
from workbench.services.analysing import runs_table
from workbench.services.attributing import Attributing
from workbench.services.findings import account_finding, cluster_finding, unsought
from workbench.services.history import history_table
from workbench.services.info import Info, info
from workbench.services.joined import known_of
from workbench.services.measure_words import MEASURES
from workbench.services.power import unfound
from workbench.services.ranking import ranked
from workbench.services.results import account_key, cluster_row
from workbench.services.skeletons import Skeletons
from workbench.services.timeline import MOMENTS, Moments, Timeline, moments, timeline
from workbench.services.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from workbench.domain.finding import Finding
    from workbench.domain.map_data import MapData
    from workbench.domain.selection import Selection, SelectionDefinition
    from workbench.services.mapping import Categories, ColourBy, NamedPlace
    from workbench.services.open_case import OpenCase
    from workbench.services.results import Results
    from workbench.services.selecting import Selecting

_NOTE: Final = Statement.read(__file__, "exchange_note")
_VECTORS: Final = Statement.read(__file__, "vector_count")
_TEXTS: Final = Statement.read(__file__, "prompt_texts")
_MATCHES: Final = Statement.read(__file__, "prompt_matches")
#: Most characters of a prompt that a table gets; the reader asks for the whole text.
_CUT: Final = 600
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PromptPage:
    """A page of prompts, the most asked first.

    Attributes:
        table: prompt_id, text (cut), n_characters, n_exchanges, n_attributed (NULL: not assessed),
            withheld (number of ``Withheld``; NULL: the text is read).
        offset: Place of the first row among all prompts.
        n_prompts: All prompts that were asked for.
        n_exchanges: Exchanges of the selection; with a text, those that asked them.
    """

    table: pa.Table
    offset: int
    n_prompts: int
    n_exchanges: int


class Browsing:
    """Reads of an open case.

    Args:
        held: The open case.
        selecting: Marks exchanges of a definition, for the prompts inside a selection.
    """

    def __init__(self, held: OpenCase, selecting: Selecting) -> None:
        self._held = held
        self._selecting = selecting
        self._lock = threading.Lock()
        self._cache: dict[str, tuple[object, Any]] = {}

    def accounts(self) -> pa.Table:
        """Every account, best first: ``tables.ACCOUNTS_COLUMNS``."""
        results, book = self._held.results(), self._held.book()
        return self._remembered(
            "accounts",
            (results.digest, book),
            lambda: tables.accounts_table(results, book.labels),
        )

    def near(self, cluster_id: str) -> pa.Table:
        """The accounts that stand near a cluster without belonging to it: rows of ``accounts``.

        Raises:
            InputError: There is no such cluster.
            NotAssessedError: The case has not been analysed.
        """
        cluster_row(self._held.results(), cluster_id)
        loose = pc.field("membership") < MEMBERSHIP_THRESHOLD
        return self.accounts().filter((pc.field("cluster_id") == cluster_id) & loose)

    def clusters(self) -> pa.Table:
        """Every cluster, best first: ``tables.CLUSTERS_COLUMNS``."""
        results, book = self._held.results(), self._held.book()
        return self._remembered(
            "clusters",
            (results.digest, book),
            lambda: tables.clusters_table(results, book.labels),
        )

    def unsought(self) -> str:
        """Why the analysis looked for no clusters, a sentence; empty where it did."""
        message = unsought(self._held.results())
        return "" if message is None else wording.text(message)

    @property
    def n_accounts(self) -> int:
        """Accounts that were analysed; 0 before the first analysis."""
        return self._held.results().n_accounts

    @property
    def analysed(self) -> bool:
        """Whether an analysis came to its end: clusters were sought, and found or not."""
        return self._held.results().clusters is not None

    def has_vectors(self) -> bool:
        """Whether the log brought vectors of its own."""
        with self._held.engine() as engine:
            return bool(engine.table(_VECTORS).column("n")[0].as_py())

    def verdict_counts(self) -> dict[str, int]:
        """Clusters by verdict, those with any."""
        names = self.clusters().column("verdict").to_pylist()
        return {name: names.count(name) for name in dict.fromkeys(names)}

    def activity(self, bins: int = 24) -> tables.Activity:
        """Exchanges over time of each account and cluster."""
        results = self._held.results()

        def count() -> tables.Activity:
            first, last, accounts = tables.activity(results, bins)
            return tables.Activity(first, last, accounts, tables.by_cluster(results, accounts))

        return self._remembered(f"activity {bins}", results.digest, count)

    def timeline(self, accounts: Sequence[AccountKey] | None = None, bins: int = 200) -> Timeline:
        """Exchanges over time; those of ``accounts`` counted apart, with their moments."""
        results = self._held.results()
        if accounts is None:
            return timeline(results, None, bins)
        indices = results.indices([str(key) for key in accounts])
        return timeline(results, indices, bins).with_moments(self._moments(results), indices)

    def _moments(self, results: Results) -> Moments:
        def read() -> Moments:
            with self._held.engine() as engine:
                return moments(results, engine.table(MOMENTS))

        return self._remembered("moments", (results.digest, self._held.case.added.state), read)

    def prompts(
        self,
        definition: SelectionDefinition,
        offset: int = 0,
        limit: int = 64,
        *,
        text: str = "",
    ) -> PromptPage:
        """Prompts of the exchanges inside a selection, the most asked first.

        An empty definition asks for the whole case; a text for prompts that hold it, in any case.

        Raises:
            NotAssessedError: The case has not been analysed, or has no texts to be searched.
        """
        results = self._held.results()
        ranked = self._remembered(
            "prompts",
            (results.digest, definition),
            lambda: self._ranked(results, definition),
        )
        if text:
            self._held.need_texts("they cannot be searched")
            ranked = self._remembered(
                "prompts with a text",
                (results.digest, definition, text, self._held.gate()),
                lambda: self._holding(text, ranked),
            )
        page = ranked.prompt[offset : offset + limit]
        with self._held.engine() as engine:
            texts = engine.table(_TEXTS, ids=page.tolist(), most=_CUT)
        place = np.searchsorted(texts.column("prompt_id").to_numpy(), page)
        table = pa.table(
            {
                "prompt_id": pa.array(page),
                "text": texts.column("text").take(pa.array(place)),
                "n_characters": texts.column("n_characters").take(pa.array(place)),
                "n_exchanges": pa.array(ranked.n_exchanges[offset : offset + limit]),
                "n_attributed": ranked.n_attributed.slice(offset, limit),
                "withheld": texts.column("withheld").take(pa.array(place)),
            }
        )
        return PromptPage(table, offset, int(ranked.prompt.size), ranked.inside)

    def prompt_text(self, prompt_id: int, most: int = 200_000) -> str:
        """The text of one prompt, cut at ``most`` characters; or why it is not read.

        Raises:
            InputError: The case holds no such prompt.
        """
        with self._held.engine() as engine:
            found = engine.table(_TEXTS, ids=[prompt_id], most=most)
        if found.num_rows == 0:
            raise InputError(f"The case holds no prompt {prompt_id}.")
        return str(found.column("text")[0].as_py())

    def finding(self, *, cluster_id: str = "", account: str = "") -> Finding:
        """What the analysis says of a cluster, or of an account.

        Args:
            cluster_id: The cluster.
            account: The account instead: its key, or its value as the log gave it.

        Raises:
            InputError: There is no such subject, or the value names several accounts.
            NotAssessedError: The case has not been analysed.
        """
        results = self._held.results()
        if cluster_id:
            return Skeletons.read(self._held).in_finding(cluster_finding(results, cluster_id))
        return account_finding(results, account)

    def map_data(self) -> MapData | None:
        """The points of the map; None before the analysis."""
        return mapping.map_data(self._held.results())

    def categories(self, by: ColourBy, clusters: Sequence[str] = ()) -> Categories:
        """What colours the map: each account's category."""
        return mapping.categories(self._held.results(), self._held.labels(), by, clusters)

    def regions(self) -> list[NamedPlace]:
        """Names of the fullest regions of the map."""
        return mapping.regions(self._held.results())

    def tags(self, clusters: Sequence[str]) -> list[NamedPlace]:
        """Where clusters are on the map."""
        return mapping.tags(self._held.results(), clusters)

    def chosen(self, selection: Selection) -> NDArray[np.bool_]:
        """bool[A]: the accounts of a selection, by index of the map's data."""
        return mapping.chosen(self._held.results(), [str(key) for key in selection.accounts])

    def clusters_of(self, selection: Selection) -> list[tuple[str, int]]:
        """Clusters that bind the selected accounts and how many each, the most first."""
        return mapping.clusters_of(self._held.results(), self.chosen(selection))

    def exchange(self, exchange_id: int) -> dict[str, Any] | None:
        """ts_us, account_key, account, model, text (cut) of one exchange; None if unknown."""
        with self._held.engine() as engine:
            rows = engine.table(_NOTE, id=exchange_id, most=200).to_pylist()
        return dict(rows[0]) if rows else None

    def explain(self, *, account: str = "", cluster_id: str = "") -> Told:
        """A finding in words.

        Args:
            account: The account's key, or its value as the log gave it.
            cluster_id: The cluster instead.

        Raises:
            InputError: There is no such subject, or the value names several accounts.
            NotAssessedError: The case has not been analysed.
        """
        finding = self.finding(cluster_id=cluster_id, account=account)
        shown = Attributing(self._held).shown(cluster_id).to_pylist() if cluster_id else ()
        whom = ranked(self._held.results()) if account else ()
        name = "" if cluster_id else AccountKey.parse(finding.subject).value
        signals = None if cluster_id else self._held.results().signals
        specs = () if signals is None else tuple(signals.specs.to_pylist())
        beside = () if cluster_id else known_of(self._held, finding.subject)
        titles, missed = self.signal_titles(), unfound(self._held, finding.verdict)
        return Told(finding, titles, whom, tuple(shown), name, specs, missed, beside=beside)

    def info(self) -> Info:
        """How much the case holds."""
        return info(self._held)

    def journal(self) -> pa.Table:
        """Every entry of every journal, the newest first: ``JOURNAL_COLUMNS``."""
        return history_table(self._held.book(), self._held.case.journals.names())

    def runs(self) -> pa.Table:
        """Every analysis run, abandoned ones too, the newest first: ``RUNS_SCHEMA``."""
        return runs_table(self._held.book().entries)

    def cluster_row(self, cluster_id: str) -> dict[str, Any]:
        """The row of one cluster.

        Raises:
            InputError: There is no such cluster.
        """
        return _one(self.clusters(), "cluster_id", cluster_id, "cluster")

    def account_row(self, account: str) -> dict[str, Any]:
        """The row of one account, by its key.

        Raises:
            InputError: There is no such account.
        """
        return _one(self.accounts(), "account_key", account, "account")

    def account_keys(self, names: Sequence[str]) -> tuple[AccountKey, ...]:
        """Keys of accounts, each given as its key or as the value that the log gave; sorted.

        Raises:
            InputError: There is no such account, or a value names several.
        """
        results = self._held.results()
        return tuple(sorted({AccountKey.parse(account_key(results, name)) for name in names}))

    def signal_titles(self) -> dict[str, str]:
        """Title of each signal by its name."""
        signals = self._held.results().signals
        if signals is None:
            return {}
        own = dict(zip(*(signals.specs[one].to_pylist() for one in ("name", "title")), strict=True))
        # A measure of clusters and the signal that it is made of go by one name.
        return own | {name: measure.title for name, measure in MEASURES.items()}

    def _ranked(self, results: Results, definition: SelectionDefinition) -> _Ranked:
        """Prompts by number of exchanges inside the definition, then by id."""
        if results.points is None:
            # Raises, with the remedy.
            self._selecting.marks(definition, results)
            raise AssertionError
        prompt, exchange_id, found = results.points.prompt, results.points.exchange_id, None
        if definition.steps:
            marks, found = self._selecting.marks(definition, results), results.attribution
            prompt, exchange_id = prompt[marks], exchange_id[marks]
        counts = np.bincount(prompt[prompt >= 0])
        ids = np.flatnonzero(counts)
        ids = ids[np.argsort(-counts[ids], kind="stable")]
        nothing = pa.nulls(len(ids), pa.int64())
        attributed = nothing if found is None else found.by_prompt(exchange_id, prompt, ids)
        return _Ranked(ids.astype(np.int32), counts[ids], int(prompt.size), attributed)

    def _holding(self, text: str, ranked: _Ranked) -> _Ranked:
        """Those of ranked prompts that hold a text, and the exchanges that carry them."""
        with self._held.engine() as engine:
            found = engine.table(_MATCHES, text=text).column("prompt_id").to_numpy()
        # Prompts are dense from 0: a mark each is faster than a search.
        marks = np.zeros(1 + max(found.max(initial=0), ranked.prompt.max(initial=0)), np.bool_)
        marks[found] = True
        held = marks[ranked.prompt]
        counts, attributed = ranked.n_exchanges[held], ranked.n_attributed.filter(pa.array(held))
        return _Ranked(ranked.prompt[held], counts, int(counts.sum()), attributed)

    def _remembered(self, name: str, key: object, make: Callable[[], _T]) -> _T:
        """What ``make`` gives, made again only when the key changes."""
        with self._lock:
            found = self._cache.get(name)
        if found is None or found[0] != key:
            found = (key, make())
            with self._lock:
                self._cache[name] = found
        value: _T = found[1]
        return value


def _one(table: pa.Table, name: str, value: str, noun: str) -> dict[str, Any]:
    found = table.filter(pc.equal(table.column(name), value)).slice(0, 1).to_pylist()
    if not found:
        raise InputError(
            f"There is no {noun} {value}.", remedy=f"See the ids with: workbench {noun}s CASE"
        )
    return dict(found[0])


@dataclass(frozen=True, slots=True)
class _Ranked:
    prompt: NDArray[np.int32]
    n_exchanges: NDArray[np.int64]
    inside: int
    n_attributed: pa.Array
