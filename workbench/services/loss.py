"""What clusters were delivered, what it costs by a list the user gives, and the list a case keeps.

Reads what the stage ``loss`` published; for accounts that are exported it counts by the same code.
Words are made in ``loss_words``. A kept list lies in the case folder as it was given; the journal
says who kept which, and its digest, so that another file in its place is noticed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain.changes import Changes
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.finding import ATTRIBUTED
from workbench.domain.label import EntryKind
from workbench.domain.prices import Bill, PriceList, bill
from workbench.services.price_lists import parse_prices
from workbench.services.results import cluster_row
from workbench.services.skeletons import Skeletons

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from workbench.case.identity import Signer
    from workbench.domain.ports import Artifacts
    from workbench.services.open_case import OpenCase
    from workbench.services.results import Results

#: Parts of the loss of a cluster: every exchange of its accounts, and those attributed to it.
ALL: Final = "all"
OWN: Final = "attributed"
NOT_COUNTED: Final = "What was delivered has not been counted."
#: Files of the case folder that hold kept lists as they were given begin so; behind it stands the
#: beginning of the digest, so that undo finds it. Older programs wrote one, so named.
KEPT: Final = "prices"
_KINDS: Final = frozenset({EntryKind.POLICY, EntryKind.SETTINGS})
#: Kind of the rows that say all of a part, by model: they alone have an amount.
WHOLE: Final = "all"
TOKENS: Final = ("in_tok", "out_tok", "reasoning_tok", "cached_tok")
TABLE: Final = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("part", pa.string()),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("model", pa.string()),
        ("n_accounts", pa.int64()),
        ("n_exchanges", pa.int64()),
        *((name, pa.int64()) for name in TOKENS),
    ]
)
#: What a price adds to ``TABLE``.
PRICED: Final = (("amount", pa.float64()), ("currency", pa.string()))


@dataclass(frozen=True, slots=True)
class Loss:
    """What some exchanges were delivered.

    Attributes:
        cluster_id: Of the cluster; empty for accounts that were picked.
        part: ``ALL`` or ``OWN``.
        totals: Counts and sums; None = not in the log.
        capabilities: Rows kind, place, name, n_accounts, n_exchanges and tokens: each kind adds up
            to all of it.
        by_model: The same once more by model.
        days: Tokens by model and day.
        bill: What it costs; None without a list.
    """

    cluster_id: str
    part: str
    totals: dict[str, Any]
    capabilities: tuple[dict[str, Any], ...]
    by_model: tuple[dict[str, Any], ...]
    days: tuple[dict[str, Any], ...]
    bill: Bill | None = None

    def of_kind(self, kind: str) -> tuple[dict[str, Any], ...]:
        """Rows of one kind, the rest last."""
        return tuple(row for row in self.capabilities if row["kind"] == kind)

    def models(self) -> tuple[dict[str, Any], ...]:
        """Sums by model, most exchanges first: model, n_exchanges and tokens; None = not said."""
        held: dict[str | None, dict[str, Any]] = {}
        for row in self.days:
            one = held.setdefault(row["model"], {"model": row["model"], "n_exchanges": 0})
            one["n_exchanges"] += row["n_exchanges"]
            for name in TOKENS:
                if row[name] is not None:
                    one[name] = (one.get(name) or 0) + row[name]
                one.setdefault(name, None)
        return tuple(sorted(held.values(), key=lambda m: (-m["n_exchanges"], m["model"] or "")))


class Losses:
    """Reads and prices the losses of an open case. Safe from any thread.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def of(self, cluster_id: str, prices: PriceList | None = None) -> tuple[Loss, ...]:
        """What a cluster was delivered, all of it first; empty where it was not counted.

        Args:
            cluster_id: The cluster.
            prices: The list; nothing is priced without.

        Raises:
            InputError: There is no such cluster.
        """
        cluster_row(self._held.results(), cluster_id)
        tables = _tables(self._held.artifacts)
        if tables is None:
            return ()
        return _losses(tables, cluster_id, prices, Skeletons.read(self._held))

    def every(self, prices: PriceList | None = None) -> tuple[Loss, ...]:
        """Of every cluster, in the order of the analysis.

        Raises:
            NotAssessedError: It was not counted.
        """
        results = self._held.results()
        tables = _tables(self._held.artifacts)
        if tables is None or results.clusters is None:
            raise NotAssessedError(
                NOT_COUNTED,
                remedy="Run: workbench analyse CASE",
            )
        words = Skeletons.read(self._held)
        return tuple(
            loss for name in results.clusters.ids for loss in _losses(tables, name, prices, words)
        )

    def counter(
        self, results: Results, prices: PriceList | None = None, *, leaving: bool = False
    ) -> Counter | None:
        """Counts for chosen accounts of a reading; None where the analysis lacks a stage.

        Args:
            results: The reading.
            prices: The list; nothing is priced without.
            leaving: For what leaves the case.
        """
        artifacts = self._held.artifacts
        if _tables(artifacts) is None:
            return None
        with self._held.engine() as engine:
            from workbench.analysis.clusters.loss_reading import read_exchanges

            exchanges = read_exchanges(artifacts, engine)
        if exchanges.account.max(initial=-1) >= results.n_accounts:
            return None
        words = Skeletons.read(self._held, leaving=leaving)
        return Counter(artifacts, exchanges, prices, words)

    # --- the kept list -----------------------------------------------------------------------
    def prices(self) -> PriceList | None:
        """The list that the case keeps; None without one.

        Raises:
            InputError: The file is gone, or is not the one that was kept.
        """
        file = self.price_file()
        return None if file is None else parse_prices(file.data, file.name, str(file.path))

    def price_file(self) -> PriceFile | None:
        """The file of the list that the case keeps, as it was given; None without one.

        Raises:
            InputError: The file is gone, or is not the one that was kept.
        """
        kept = self._kept()
        if kept is None:
            return None
        path = self._place(kept["digest"])
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(
                f"The price list that the case keeps cannot be read: {error.strerror} ({path}).",
                remedy="Keep it again: workbench loss CASE --prices FILE --keep",
            ) from error
        if hashlib.sha256(data).hexdigest() != kept["digest"]:
            raise InputError(
                f"{path} is not the price list that was kept: its SHA-256 is another one.",
                remedy="Keep the right one again: workbench loss CASE --prices FILE --keep",
            )
        return PriceFile(path, kept["name"], data)

    def keep_prices(self, path: Path, why: str = "") -> Changes:
        """Keep a list: window, report and command line price by it from now on. Undo takes it back.

        Raises:
            InputError: It cannot be read, or a line is wrong; nothing was kept.
            StorageError: The case cannot be written.
        """
        from workbench.case.casefile import replace_file
        from workbench.services.price_lists import read_bytes

        data = read_bytes(path)
        found = parse_prices(data, path.name, str(path))
        self._held.case.journals.check()
        replace_file(self._place(found.digest, new=True), data)
        return self._note({"name": found.name, "digest": found.digest}, why)

    def forget_prices(self, why: str = "") -> Changes:
        """Keep no list any more; its file stays, so that undo brings it back.

        Raises:
            InputError: The case keeps none.
        """
        if self._kept() is None:
            raise InputError("The case keeps no price list.")
        return self._note(None, why)

    def _place(self, digest: str, *, new: bool = False) -> Path:
        """Where the list of a digest lies."""
        folder = self._held.case.path
        path = folder / f"{KEPT}-{digest[:16]}"
        return path if new or path.exists() else folder / KEPT

    def _kept(self) -> dict[str, str] | None:
        """Of records, as older programs wrote them, and of decisions that stand, the last."""
        book = self._held.book()
        found: dict[str, str] | None = None
        for entry in book.entries:
            if entry.kind in _KINDS and "prices" in entry.body and book.stands(entry):
                found = entry.body["prices"]
        return found

    def _note(self, prices: dict[str, str] | None, why: str) -> Changes:
        body = {"prices": prices, "why": why}
        self._held.case.journals.append(EntryKind.POLICY, body, self._signer())
        self._held.renew(decisions=True)
        return Changes(decided=True, frame=True)


@dataclass(frozen=True, slots=True)
class PriceFile:
    """A price list as it was given.

    Attributes:
        path: Where the case keeps it.
        name: As it was called; ``.csv`` at its end says how it is read.
        data: Its bytes.
    """

    path: Path
    name: str
    data: bytes


class Counter:
    """Counts what chosen accounts were delivered, as the stage does for clusters.

    Args:
        artifacts: What was computed.
        exchanges: All of them.
        prices: The list; nothing is priced without.
        words: Which skeletons are told.
    """

    def __init__(
        self, artifacts: Artifacts, exchanges: Any, prices: PriceList | None, words: Skeletons
    ) -> None:
        from workbench.analysis.clusters.loss_reading import read_kinds

        names = artifacts.table("loss", "regions").column("name").to_pylist()
        region = artifacts.array("loss", "region")
        self._exchanges = exchanges
        self._kinds = read_kinds(artifacts, exchanges.prompt, region, names)
        self._attribution = artifacts.array("attribution", "attribution")
        self._prices = prices
        self._words = words

    def of(self, chosen: NDArray[Any], cluster_id: str = "") -> tuple[Loss, ...]:
        """Of accounts (bool[A]), all of it first; of a cluster's also what is attributed to it."""
        import numpy as np

        from workbench.analysis.clusters.loss_reading import count

        rows = np.flatnonzero(chosen[self._exchanges.account])
        parts = {ALL: rows}
        if cluster_id and not np.isnan(self._attribution[rows]).all():
            parts[OWN] = rows[self._attribution[rows] >= ATTRIBUTED]
        return tuple(
            _loss(
                cluster_id,
                part,
                count(self._exchanges, self._kinds, held),
                self._prices,
                self._words,
            )
            for part, held in parts.items()
        )


def table(losses: Sequence[Loss]) -> pa.Table:
    """Every row of losses by model (``TABLE``); with prices, what each model costs, too.

    Rows of each kind add up to the part; those of kind ``WHOLE`` have an amount where the model
    has a price.
    """
    from workbench.services.loss_words import capability

    rows: list[dict[str, Any]] = []
    priced = any(loss.bill is not None for loss in losses)
    for loss in losses:
        whose = {"cluster_id": loss.cluster_id, "part": loss.part}
        amounts = {cost.model: cost.amount for cost in loss.bill.costs} if loss.bill else {}
        for row in loss.models():
            amount = amounts.get(row["model"])
            rows.append(
                whose
                | row
                | {
                    "kind": WHOLE,
                    "amount": None if amount is None else float(amount),
                    "currency": loss.bill.list.currency
                    if loss.bill and amount is not None
                    else None,
                }
            )
        rows += [whose | row | {"name": capability(row)} for row in loss.by_model]
    schema = pa.schema([*TABLE, *PRICED]) if priced else TABLE
    return pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in rows], schema)


_Tables = dict[str, pa.Table]


def _tables(artifacts: Artifacts) -> _Tables | None:
    """What the stage published; None where it never ran, or for clusters of another run."""
    published, clusters = artifacts.current("loss"), artifacts.current("clusters")
    if published is None or clusters is None:
        return None
    if published.info.get("clusters") != clusters.digest:
        return None
    return {
        name: artifacts.table("loss", name) for name in ("totals", "capabilities", "loss", "days")
    }


def _losses(
    tables: _Tables, cluster_id: str, prices: PriceList | None, words: Skeletons
) -> tuple[Loss, ...]:
    own = {
        name: found.filter(pc.equal(found.column("cluster_id"), cluster_id)).to_pylist()
        for name, found in tables.items()
    }
    return tuple(
        _loss(
            cluster_id,
            total["part"],
            {name: [r for r in rows if r["part"] == total["part"]] for name, rows in own.items()},
            prices,
            words,
        )
        for total in own["totals"]
    )


def _loss(
    cluster_id: str,
    part: str,
    counted: Mapping[str, list[dict[str, Any]]],
    prices: PriceList | None,
    words: Skeletons,
) -> Loss:
    days = tuple(counted["days"])
    return Loss(
        cluster_id,
        part,
        counted["totals"][0],
        tuple(words.in_rows(counted["capabilities"])),
        tuple(words.in_rows(counted["loss"])),
        days,
        None if prices is None else bill(prices, days),
    )
