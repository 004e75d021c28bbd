"""What was taken of a campaign and what was found of one, as values; and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.domain.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workbench.analysis.fingerprint.form import Fingerprint, Measured, Origin

#: Accounts that resemble a campaign. Evidence and its parts are in nats; ``by_chance``: how many
#: accounts of the case would have as much, by the slope of its ordinary ones.
ACCOUNTS: Final = pa.schema(
    [
        ("account_id", pa.string()),
        ("evidence", pa.float64()),
        ("p", pa.float64()),
        ("q", pa.float64()),
        ("by_chance", pa.float64()),
        ("n_exchanges", pa.int64()),
        ("first_ts", pa.timestamp("us")),
        ("last_ts", pa.timestamp("us")),
        ("cluster_id", pa.string()),
        ("verdict", pa.string()),
        ("label", pa.string()),
        ("wordings", pa.float64()),
        ("regions", pa.float64()),
        ("elicitation", pa.float64()),
        ("pace", pa.float64()),
        ("clients", pa.float64()),
        ("values", pa.float64()),
        ("account_key", pa.string()),
    ]
)
#: Clusters, and how much of it their accounts show a head.
GROUPS: Final = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("n_accounts", pa.int64()),
        ("n_resembling", pa.int64()),
        ("evidence", pa.float64()),
        ("p", pa.float64()),
        ("q", pa.float64()),
        ("verdict", pa.string()),
    ]
)
#: A cluster whose q is above this, or whose accounts show nothing on the whole, resembles nothing.
_LEVEL: Final = 0.05
#: What a match is not, said with each.
CAUTION: Final = (
    "Resembling a campaign accuses nobody: whoever asks for the same things in the same words "
    "looks like it. Look at the accounts before you label them."
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A fingerprint that was written.

    Attributes:
        path: Of its file.
        fingerprint: What it holds.
        stix: Path of the bundle of STIX beside it; empty for none.
    """

    path: str
    fingerprint: Fingerprint
    stix: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: what it holds, without the vectors."""
        import msgspec

        told: dict[str, Any] = msgspec.to_builtins(self.fingerprint)
        if told["regions"] is not None:
            del told["regions"]["centroids"]
        return {
            "path": self.path,
            "sha256": self.fingerprint.digest,
            "stix": self.stix or None,
            **told,
        }

    def lines(self) -> Iterator[str]:
        """What was taken, and how often it is found by chance, in words."""
        found = self.fingerprint
        origin = found.origin
        yield (
            f"{self.path}: the fingerprint of {origin.cluster}, "
            f"{plural(origin.n_accounts, 'account', 'accounts')}, "
            f"{plural(origin.n_prompts, 'prompt', 'prompts')}"
            + (" that belong to what they have in common" if origin.attributed else "")
        )
        yield f"SHA-256  {found.digest}"
        yield f"Held against {plural(found.ordinary, 'ordinary account', 'ordinary accounts')}:"
        for part in found.parts:
            yield f"  {part.part}: {_rates(part, found)}"
        seen = found.threshold.seen
        yield (
            f"  all together, above {found.threshold.nats / 1_000:.1f} nats: {seen.members:,} of "
            f"{origin.n_accounts:,} of the cluster, {seen.ordinary:,} of {found.ordinary:,} others"
        )
        for kind, share in sorted(found.pooling.items()):
            yield f"  {share / 10_000:.0f} % of its accounts share a {kind} with another of them"
        if found.values:
            yield f"It holds {plural(len(found.values), 'value', 'values')} of infrastructure."
        else:
            yield "It holds no address, payment, domain or client of anybody."
        if self.stix:
            yield f"{self.stix}: the same as STIX 2.1"


def _rates(part: Measured, found: Fingerprint) -> str:
    return (
        f"speaks clearly for {part.seen.members:,} of {found.origin.n_accounts:,} of the cluster, "
        f"and for {part.seen.ordinary:,} of {found.ordinary:,} others"
    )


@dataclass(frozen=True, slots=True)
class Matched:
    """What a case shows of one fingerprint.

    Attributes:
        path: The file that was looked for.
        sha256: Of the file.
        origin: Where it was taken; None for a partner's indicators.
        rates: How often its parts spoke for somebody else there.
        n_accounts: Accounts of this case.
        n_ordinary: Those without a finding: p is told among them.
        expected_home: Accounts that would resemble it by chance, at the rate of where it was
            taken; None for indicators.
        expected_here: Accounts that would, by the slope of this case's ordinary accounts; None
            where that is not known.
        chance: Probability of as many as do, the larger of both; None for indicators.
        lacking: Part -> why it was not weighed.
        unread: What of the file was not understood.
        accounts: Who resembles it (``ACCOUNTS``), the most evidence first.
        clusters: Every cluster (``GROUPS``), likewise.
    """

    path: str
    sha256: str
    origin: Origin | None
    rates: tuple[Measured, ...]
    n_accounts: int
    n_ordinary: int
    expected_home: float | None
    expected_here: float | None
    chance: float | None
    lacking: Mapping[str, str]
    unread: tuple[str, ...]
    accounts: pa.Table
    clusters: pa.Table

    @property
    def resembling(self) -> list[str]:
        """Ids of the clusters that resemble it."""
        return [
            row["cluster_id"]
            for row in self.clusters.to_pylist()
            if row["q"] is not None
            and row["q"] <= _LEVEL
            and row["evidence"] > 0
            and row["n_resembling"] >= 1
        ]

    @property
    def found(self) -> bool:
        """Whether a cluster resembles it, or more accounts than by chance in one log of 20."""
        if self.resembling:
            return True
        if self.chance is not None:
            return self.accounts.num_rows > 0 and self.chance <= _LEVEL
        return bool(self.accounts.num_rows)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        import msgspec

        return {
            "file": self.path,
            "sha256": self.sha256,
            "origin": None if self.origin is None else msgspec.to_builtins(self.origin),
            "found": self.found,
            "n_accounts": self.n_accounts,
            "n_ordinary": self.n_ordinary,
            "n_resembling": self.accounts.num_rows,
            "expected_home": self.expected_home,
            "expected_here": self.expected_here,
            "chance": self.chance,
            "rates": [msgspec.to_builtins(one) for one in self.rates],
            "not_weighed": dict(self.lacking),
            "not_understood": list(self.unread),
            "clusters_resembling": self.resembling,
            "accounts": self.accounts,
            "clusters": self.clusters,
        }

    def lines(self) -> Iterator[str]:
        """What was found, in words; the tables come beside."""
        of = "a partner's indicators" if self.origin is None else f"of {self.origin.cluster}"
        yield f"{self.path} ({of})"
        n = self.accounts.num_rows
        does, of_all = "resembles" if n == 1 else "resemble", f"of {self.n_accounts:,} {{}} it"
        yield f"  {plural(n, 'account', 'accounts')} {of_all.format(does)}"
        if self.expected_home is not None and self.chance is not None:
            own = self.expected_here
            here = "" if own is None else f", and {own:.1f} by the slope of this log"
            yield (
                f"  by chance {self.expected_home:.1f} would, by the rate of where it was taken"
                f"{here}; as many or more: p {_p(self.chance)}"
            )
        sure = sum(q <= _LEVEL for q in self.accounts.column("q").to_pylist())
        yield (
            f"  {sure:,} of them also at q of {_LEVEL:g} among the {self.n_ordinary:,} ordinary "
            "accounts of this case"
        )
        rows = {row["cluster_id"]: row for row in self.clusters.to_pylist()}
        for name in self.resembling:
            row = rows[name]
            yield (
                f"  {name}: {row['n_resembling']:,} of its {row['n_accounts']:,} accounts, "
                f"{row['evidence']:.1f} nats a head, q {_p(row['q'])} among groups as alike"
            )
        for part, why in sorted(self.lacking.items()):
            yield f"  {part} not weighed: {why}"
        for one in self.unread[:5]:
            yield f"  not understood: {one}"
        if len(self.unread) > 5:
            yield f"  … {len(self.unread) - 5:,} more not understood; --json gives all of them."


def _p(value: float) -> str:
    return f"= {value:.2g}" if value >= 1e-4 else "< 0.0001"
