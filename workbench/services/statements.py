"""What a report says of a finding, each sentence and number beside the exact values it is made of.

The same sentences and numbers as the window's, from the same places: nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.bundle.subject import Statement
from workbench.services import wording
from workbench.services.assurance import sure
from workbench.services.come_about import STABILITY, come_about
from workbench.services.examined import looked
from workbench.services.numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.domain.finding import Finding
    from workbench.domain.signal import Message

#: Of what surety is made, beside the p of each axis.
_SURE: Final = ("q", "level", "others")
_JUDGED: Final = {"stage": "clusters", "row": "the claim, axes"}
_STANDING: Final = {
    "stage": "clusters",
    "formula": f"counts over data/accounts.csv and data/labels.jsonl; {STABILITY}",
}


def statements(
    finding: Finding,
    story: Sequence[Message],
    standing: Mapping[str, Any],
    specs: Sequence[Mapping[str, Any]] = (),
    whom: Sequence[str] = (),
) -> tuple[Statement, ...]:
    """Everything that is said of a subject.

    Args:
        finding: Its finding, as told.
        story: What it did.
        standing: How large it is, how it was labelled; counts and shares by name.
        specs: The signals of an account, rows of the table ``specs`` of the stage signals.
        whom: Among whom an account is ranked, sentences.
    """
    rows = (
        Statement(part.title.lower(), entry.title, "", entry.values, dict(entry.rows))
        for part in numbers(finding, specs, whom)
        for entry in part.entries
    )
    nominal = next((one.params for one in finding.against if one.key == "against.nominal"), {})
    behind = {
        "axes": dict(finding.axes),
        **{name: getattr(finding, name) for name in _SURE},
        **nominal,
    }
    return (
        Statement("standing", finding.subject, "", standing, _STANDING),
        *_sentences("story", story),
        *_sentences("what the signals say", (one.message for one in finding.signals)),
        *_sentences("what speaks against it", finding.against),
        *_sentences("looked at", looked(finding).all),
        *(Statement("how sure", "", text, behind, _JUDGED) for text in sure(finding)),
        *_sentences("benign explanations", finding.lookalikes),
        *_sentences("what to check next", finding.check_next),
        *rows,
    )


def said(messages: Iterable[Message]) -> tuple[str, ...]:
    """The sentences of messages, each with its full stop, so that they can follow each other."""
    texts = (wording.text(message).rstrip() for message in messages)
    return tuple(one if one.endswith((".", "!", "?", "…")) else f"{one}." for one in texts)


def _sentences(part: str, messages: Iterable[Message]) -> list[Statement]:
    return [
        Statement(part, one.key, said((one,))[0], one.params, come_about(one)) for one in messages
    ]
