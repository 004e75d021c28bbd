"""What a fingerprint is taken of, or looked for in: one analysed case, read once.

Reads what the analysis published and who shows which value; places and wordings are computed anew
against a vocabulary, because those of a case are numbered within it. Reads no country, no
autonomous system and no hour of the day: these tell where people live, not what a campaign does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.analysis.fingerprint.counting import Counts, octaves
from workbench.analysis.fingerprint.form import ELICITATIONS, OCTAVES
from workbench.analysis.fingerprint.wordings import wording_of
from workbench.analysis.signals import ties
from workbench.analysis.signals.profiles import first_asked
from workbench.analysis.signals.ties import network_of
from workbench.analysis.text.embed import embedder_digests
from workbench.analysis.text.vectors import each_block
from workbench.domain.finding import ATTRIBUTED
from workbench.domain.ports import Statement
from workbench.kernels.assign import nearest_centroid, padded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.fingerprint.wordings import Skeleton
    from workbench.analysis.stage import Context

_SHOWN: Final = Statement.read(ties.__file__, "shown_values")
#: Kind of the statement -> kind of value of a fingerprint.
_KIND_OF: Final = {
    "address": "networks",
    "ja3": "clients",
    "ja4": "clients",
    "agent": "clients",
    "payment": "payments",
    "domain": "domains",
}
_FAMILY: Final = re.compile(r"([A-Za-z][A-Za-z0-9._-]{0,39})(?:[/ (;]|$)")


@dataclass(frozen=True, slots=True)
class Shown:
    """Values of one kind, and who shows them.

    Attributes:
        values: Each once, ascending.
        counts: Accounts by value.
    """

    values: tuple[str, ...]
    counts: Counts


@dataclass(frozen=True)
class Log:
    """A case as fingerprints see it. A accounts, N exchanges by account, then time, P prompts.

    Attributes:
        offsets: i64[A+1].
        ts: i64[N].
        prompt: i32[N], -1 = none.
        template: i32[P], -1 = none.
        elicits: u8[N], a bit a class; None where the analysis did not look.
        attribution: f32[N]; NaN = not assessed. None where nothing was attributed.
        cell: i32[P], the case's own region of each prompt, -1 = none.
        centroid: f32[C,D] of these regions.
        embedder: Digest of what placed the prompts.
        shared_frame: Whether that digest says that the same text has the same place elsewhere;
            vectors that a log brought may come from anywhere.
        shown: Kind of value -> who shows which; absent where the log has none.
    """

    offsets: NDArray[np.int64]
    ts: NDArray[np.int64]
    prompt: NDArray[np.int32]
    template: NDArray[np.int32]
    elicits: NDArray[np.uint8] | None
    attribution: NDArray[np.float32] | None
    cell: NDArray[np.int32]
    centroid: NDArray[np.float32]
    embedder: str
    shared_frame: bool
    shown: Mapping[str, Shown]

    @classmethod
    def read(cls, context: Context) -> Log:
        """Read it.

        Raises:
            KeyError: The case has not been analysed so far.
        """
        get = context.artifacts.array
        prompt = get("exchanges", "prompt")
        code = np.asarray(get("accounts", "code"))
        return cls(
            offsets=np.asarray(get("exchanges", "offsets")),
            ts=np.asarray(get("exchanges", "ts")),
            prompt=np.asarray(prompt),
            template=np.asarray(get("text.templates", "template")),
            elicits=_fitting(context, "signals", "elicits", len(prompt)),
            attribution=_fitting(context, "attribution", "attribution", len(prompt)),
            cell=np.asarray(get("space.place", "cell")),
            centroid=np.asarray(get("space.place", "centroid")),
            embedder=embedder_digests(context.settings.embedder)["embedder"],
            shared_frame=context.settings.embedder == "static",
            shown=_shown(context.engine.table(_SHOWN), code),
        )

    @property
    def n_accounts(self) -> int:
        """A."""
        return len(self.offsets) - 1

    @cached_property
    def account(self) -> NDArray[np.int64]:
        """i64[N]."""
        return np.repeat(np.arange(self.n_accounts), np.diff(self.offsets))

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """i64[n]: exchanges that ask what their account had not asked before."""
        return first_asked(self.account, self.prompt)

    def taken(self, members: NDArray[np.bool_]) -> tuple[NDArray[np.int64], bool]:
        """Exchanges that a fingerprint of some accounts (bool[A]) is taken of, among ``first``.

        Those that were attributed to what the accounts have in common, else all; and which.
        """
        mine = self.first[members[self.account[self.first]]]
        if self.attribution is None:
            return mine, False
        belongs = mine[self.attribution[mine] >= ATTRIBUTED]
        return (belongs, True) if len(belongs) else (mine, False)

    def by_prompt(
        self, code: NDArray[np.int32], size: int, rows: NDArray[np.int64] | None = None
    ) -> Counts:
        """Distinct prompts of each account by a code of prompts (i32[P], -1 = none).

        Args:
            code: Of each prompt.
            size: Codes.
            rows: Exchanges to count, of ``first``; all of them by default.
        """
        rows = self.first if rows is None else rows
        word = code[self.prompt[rows]].astype(np.int64)
        return Counts.of(self.account[rows], word, size, self.n_accounts)

    def by_elicitation(self, rows: NDArray[np.int64] | None = None) -> Counts | None:
        """Distinct prompts of each account by what they elicit; None where not assessed."""
        if self.elicits is None:
            return None
        rows = self.first if rows is None else rows
        word = (self.elicits[rows] & (ELICITATIONS - 1)).astype(np.int64)
        return Counts.of(self.account[rows], word, ELICITATIONS, self.n_accounts)

    def by_pace(self) -> Counts | None:
        """Gaps of each account by octaves; None where no two times are known."""
        account, octave = octaves(self.offsets, self.ts, OCTAVES)
        return Counts.of(account, octave, OCTAVES, self.n_accounts) if len(account) else None

    def by_family(self, families: Sequence[str]) -> Counts | None:
        """Families of clients of each account, the last word all others; None without any."""
        held = self.families
        if held is None:
            return None
        number = {family: at for at, family in enumerate(families)}
        word = np.array([number.get(name, len(families)) for name in held.values], np.int64)
        return _renamed(held, word, len(families) + 1)

    def by_value(self, kind: str, values: Sequence[str]) -> Counts | None:
        """Which of some values each account shows, the last word all others; None without any."""
        held = self.shown.get(kind)
        if held is None:
            return None
        number = {value: at for at, value in enumerate(values)}
        word = np.array([number.get(name, len(values)) for name in held.values], np.int64)
        return _renamed(held, word, len(values) + 1)

    @cached_property
    def families(self) -> Shown | None:
        """Families of client programs; None where no user agent is known."""
        held = self.shown.get("clients")
        if held is None:
            return None
        names = [family_of(value) for value in held.values]
        known = tuple(sorted({name for name in names if name}))
        if not known:
            return None
        number = {name: at for at, name in enumerate(known)}
        word = np.array([number.get(name, -1) for name in names], np.int64)
        return Shown(known, _renamed(held, word, len(known)))

    def pooled(self, kind: str, members: NDArray[np.bool_]) -> float | None:
        """Share of some accounts (bool[A]) that show a value another of them shows, too."""
        held = self.shown.get(kind)
        if held is None:
            return None
        shared = held.counts.holders(members) >= 2
        row = held.counts.row[shared[held.counts.cells]]
        return float(members[np.unique(row)].sum() / max(int(members.sum()), 1))


def family_of(value: str) -> str:
    """The family of a client as ``Log.shown`` has it; empty for one without a user agent."""
    kind, _, text = value.partition(" ")
    found = _FAMILY.match(text) if kind == "agent" else None
    return found[1] if found else ""


def placed(
    context: Context, skeletons: Sequence[Skeleton], centroids: NDArray[np.float32] | None
) -> tuple[NDArray[np.int32], NDArray[np.int32] | None]:
    """Codes of every prompt: its wording, and its region where there are centroids.

    Returns:
        (i32[P], ``wordings.wording_of``; i32[P] row of the nearest centroid, -1 without a vector).
    """
    wording = wording_of(context, skeletons)
    if centroids is None or len(centroids) == 0:
        return wording, None
    rows, size = padded(centroids), len(centroids)

    def near(
        ids: NDArray[np.int64], vectors: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        nearest = np.empty(len(ids), np.int32)
        similarity = np.empty(len(ids), np.float32)
        nearest_centroid(vectors, rows, size, nearest, similarity)
        return ids, np.where(vectors.any(axis=1), nearest, -1).astype(np.int32)

    region = np.full(len(wording), -1, np.int32)
    for ids, nearest in each_block(context, near):
        region[ids] = nearest
    return wording, region


def _fitting(context: Context, stage: str, name: str, length: int) -> NDArray[Any] | None:
    """An array by exchange, where it is published and of these exchanges."""
    if context.artifacts.current(stage) is None:
        return None
    try:
        found = np.asarray(context.artifacts.array(stage, name))
    except KeyError:
        return None
    return found if len(found) == length else None


def _shown(rows: pa.Table, code: NDArray[np.int32]) -> dict[str, Shown]:
    """Who shows which value, by kind of value of a fingerprint."""
    found: dict[str, list[tuple[str, int]]] = {}
    rows = rows.filter(pc.is_in(rows.column("kind"), value_set=pa.array(list(_KIND_OF))))
    at = np.searchsorted(code, rows.column("account_id").to_numpy())
    pairs = zip(
        rows.column("kind").to_pylist(), rows.column("value").to_pylist(), at.tolist(), strict=True
    )
    for kind, value, account in pairs:
        if account >= len(code):
            continue
        text = network_of(value) if kind == "address" else value
        text = f"{kind} {text}" if _KIND_OF[kind] == "clients" else text
        found.setdefault(_KIND_OF[kind], []).append((text, account))
    return {kind: _indexed(held, len(code)) for kind, held in sorted(found.items())}


def _indexed(held: list[tuple[str, int]], n_accounts: int) -> Shown:
    values = tuple(sorted({value for value, _ in held}))
    number = {value: at for at, value in enumerate(values)}
    pairs = np.unique(np.array([(account, number[value]) for value, account in held]), axis=0)
    return Shown(values, Counts.of(pairs[:, 0], pairs[:, 1], len(values), n_accounts))


def _renamed(held: Shown, word: NDArray[np.int64], size: int) -> Counts:
    """The counts under other words, each account once a word."""
    counts = held.counts
    mine = word[counts.cells]
    known = mine >= 0
    pairs = np.unique(np.column_stack((counts.row[known], mine[known])), axis=0)
    return Counts.of(pairs[:, 0], pairs[:, 1], size, len(counts.indptr) - 1)
