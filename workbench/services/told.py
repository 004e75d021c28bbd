"""A finding in words: what ``workbench explain`` prints, and the window copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.signal import Axis
from workbench.domain.text import discovery_text, elide, plural
from workbench.services import power_words, wording
from workbench.services.assurance import LIMITS, sure
from workbench.services.attributions import RULE
from workbench.services.examined import looked
from workbench.services.joined import BESIDE, Known, known_lines
from workbench.services.measure_words import day
from workbench.services.numbers import Part, as_json, as_lines, numbers
from workbench.services.tables import MIXED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.domain.finding import Examined, Finding

#: Most characters of a prompt on a line.
_SAID: Final = 120


@dataclass(frozen=True, slots=True)
class Told:
    """A finding, worded.

    Attributes:
        finding: The finding.
        titles: Title of each signal by its name.
        ranked: Among whom an account is ranked; empty for a cluster.
        shown: The exchanges that show a cluster best: rows of ``attributing.SHOWN``.
        account_id: The account as the log gave it; empty for a cluster.
        specs: What each signal is: rows of the table ``specs`` of the stage signals.
        unfound: Where nothing was found, what would have been; empty otherwise.
        standing: What persons have decided of it, one sentence; empty where it is not known.
        delivered: What a cluster was delivered: (name, value) as printed.
        beside: What tables beside the logs say of an account.
    """

    finding: Finding
    titles: dict[str, str]
    ranked: tuple[str, ...] = ()
    shown: tuple[dict[str, Any], ...] = ()
    account_id: str = ""
    specs: tuple[dict[str, Any], ...] = ()
    unfound: str = ""
    standing: str = ""
    delivered: tuple[tuple[str, str], ...] = ()
    beside: tuple[Known, ...] = ()

    @property
    def numbers(self) -> tuple[Part, ...]:
        """The numbers behind it, with baseline, formula and source."""
        return numbers(self.finding, self.specs, self.ranked)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: figures and sentences."""
        finding = self.finding
        return {
            "subject": finding.subject,
            "account_id": self.account_id or None,
            "verdict": finding.verdict.value,
            "score": finding.score,
            "q": finding.q,
            "q_nominal": finding.q_nominal,
            "level": finding.level,
            "axes": dict(finding.axes),
            "story": [wording.text(message) for message in finding.story],
            "signals": [
                {
                    "signal": measured.signal,
                    "title": self.titles.get(measured.signal, measured.signal),
                    "axis": measured.axis.value,
                    "value": measured.value,
                    "percentile": measured.percentile,
                    "tested": measured.tested,
                    "sentence": wording.text(measured.message),
                }
                for measured in finding.signals
            ],
            "sure": list(sure(finding)),
            "ranked": list(self.ranked),
            "against": [wording.text(message) for message in finding.against],
            "nearest_lookalike": finding.nearest_lookalike,
            "lookalikes": [wording.text(message) for message in finding.lookalikes],
            "facts": [_fact(one) for one in finding.examined],
            "check_next": [wording.text(message) for message in finding.check_next],
            "limits": list(LIMITS),
            "unfound": self.unfound or None,
            "standing": self.standing or None,
            "delivered": dict(self.delivered),
            "beside": [one.as_dict() for one in self.beside],
            "numbers": as_json(self.numbers),
            "shown_best": {"rule": RULE if self.shown else None, "exchanges": list(self.shown)},
        }

    def number_lines(self) -> list[str]:
        """For a statistician: each number with what it is compared with, its formula and source."""
        return [*self._head(), *as_lines(self.numbers)]

    def _head(self) -> list[str]:
        finding = self.finding
        score = "not assessed" if finding.score is None else f"{finding.score:.2f}"
        told = [f"{self.account_id or finding.subject}: {finding.verdict.value}, score {score}"]
        if finding.q is not None:
            nominal = " (nominal: compared within this log)" if finding.q_nominal else ""
            told.append(f"q = {discovery_text(finding.q, finding.level)}{nominal}")
        if self.standing:
            told.append(self.standing)
        return told

    def lines(self) -> list[str]:
        """For reading: the story, what speaks against it, the signals, what to check next."""
        finding, told = self.finding, self._head()
        told += ["", *(wording.text(message) for message in finding.story)]
        told += ["", "What speaks against it"]
        told += [f"  - {wording.text(message)}" for message in finding.against]
        told.append(f"  Nearest look-alike: {wording.lookalike(finding.nearest_lookalike)}")
        if finding.lookalikes:
            told += ["", "Benign explanations, nearest first (near: a distance below 1)"]
            told += [f"  - {wording.text(message)}" for message in finding.lookalikes]
        if how_sure := sure(finding):
            told += ["", "How sure, and compared with whom"]
            told += [f"  - {said}" for said in how_sure]
        if finding.examined:
            told += ["", "Looked at more closely"]
            found = looked(finding)
            for title, messages in (
                ("Speaks for acting as one", found.speaking),
                ("Neither for nor against", found.quiet),
                ("Not assessed", found.missing),
            ):
                if messages:
                    told.append(f"  {title}")
                told += [f"  - {wording.text(message)}" for message in messages]
        # Each sentence begins with the title and says the place.
        for tested, more in ((True, ""), (False, ", for context: not part of the test")):
            for axis in Axis:
                rows = [m for m in finding.signals if m.axis is axis and m.tested is tested]
                if rows:
                    told += ["", f"{axis.value.capitalize()}{more}"]
                told += [f"  {wording.text(measured.message)}" for measured in rows]
        if self.beside:
            told += ["", BESIDE]
            told += [f"  {line}" for line in known_lines(self.beside)]
        if self.ranked:
            told += ["", *self.ranked]
        if self.shown:
            told += ["", "Exchanges that show it best", f"  {RULE}"]
            told += [_line(row) for row in self.shown]
        if self.delivered:
            told += ["", "What was delivered, over all exchanges of its accounts"]
            told += [f"  {name}: {value}" for name, value in self.delivered]
            told.append(f"  More, and prices: workbench loss CASE --cluster {finding.subject}")
        if finding.check_next:
            told += ["", "Check next"]
            told += [f"  - {wording.text(message)}" for message in finding.check_next]
        if self.unfound:
            told += ["", power_words.TITLE, f"  {self.unfound}"]
        told += ["", "What logs cannot show", *(f"  - {said}" for said in LIMITS)]
        return told


def standing(row: Mapping[str, Any]) -> str:
    """What persons have decided of a cluster or an account, by its row of the tables."""
    label = row["label"]
    if "n_labelled" not in row:
        if row["unreviewed"]:
            return "Unreviewed: others of its cluster are labelled, it is not."
        return f"Labelled {label} by a person." if label else "No person has labelled it."
    if not label:
        return "No person has labelled it."
    bound = "with different labels" if label == MIXED else f"{label} by a person"
    members = row["n_labelled"] + row["n_unreviewed"]
    said = (
        f"Labelled {bound}: {row['n_labelled']:,} of its {plural(members, 'account', 'accounts')}"
    )
    if row["n_unreviewed"]:
        said += f"; {row['n_unreviewed']:,} unreviewed, as are those who join after a label"
    return f"{said}."


def _line(row: dict[str, Any]) -> str:
    """One exchange on one line: who, when, what."""
    when = "" if row["ts_us"] is None else f", {day(row['ts_us'])}"
    return f"  {row['rank']:>2}. {row['account']}{when}: {elide(row['text'], _SAID)}"


def _fact(one: Examined) -> dict[str, Any]:
    return {
        "fact": one.name,
        "value": one.value,
        "p": one.p,
        "speaks": one.speaks,
        "sentence": None if one.message is None else wording.text(one.message),
        "figures": {} if one.message is None else dict(one.message.params),
        "curve": one.curve or None,
        "not_assessed": one.reason or None,
        "n_null": one.n_null,
    }
