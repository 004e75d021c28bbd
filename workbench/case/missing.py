"""What journals lack of what was written: told by pins, and by what other journals had seen.

Nothing is added to journals that lack something, until they are restored, or a person goes on
without it by an entry that names what is missing: from then on it is accepted, and told for ever.
This room must not touch files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.case.pins import Pin
from workbench.domain.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.domain.label import JournalEntry

#: What a person can do, as the end of every message.
REMEDY: Final = (
    "Restore decided/ from a copy of the case folder, or go on without them: "
    "workbench journal CASE accept --why TEXT"
)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that journals lack.

    Attributes:
        fact: One sentence: which journal, which lines, how that is known.
        journal: Name of the journal; empty where it is the pins themselves.
        pin: The line that is known to have been written; number 0 where its place is not known.
    """

    fact: str
    journal: str = ""
    pin: Pin | None = None


def by_pins(
    digests: Mapping[str, Sequence[str]],
    pins: Mapping[str, Pin],
    accepted: Mapping[str, set[str]],
    told_by: str,
) -> list[Missing]:
    """Journals that do not hold the lines that pins name.

    Args:
        digests: Of each journal's lines, in order.
        pins: Journal -> a line that was written.
        accepted: Journal -> lines that are missing, and somebody goes on without.
        told_by: Who says that it was written, the end of a sentence.
    """
    found = []
    for key, pin in sorted(pins.items()):
        lines = digests.get(key, ())
        if pin.digest in accepted.get(key, ()) or (
            0 < pin.number <= len(lines) and lines[pin.number - 1] == pin.digest
        ):
            continue
        if len(lines) < pin.number:
            fact = (
                f"The journal {key}.jsonl was cut off: it has "
                f"{plural(len(lines), 'line', 'lines')}, {pin.number:,} were written ({told_by}): "
                f"what is missing begins with line {len(lines) + 1:,}."
            )
        else:
            fact = (
                f"Line {pin.number:,} of the journal {key}.jsonl is not the one that was written "
                f"({told_by})."
            )
        found.append(Missing(fact, key, pin))
    return found


def by_others(
    digests: Mapping[str, Sequence[str]],
    seen: Mapping[str, Iterable[tuple[int, Mapping[str, str]]]],
    accepted: Mapping[str, set[str]],
) -> list[Missing]:
    """Lines that another journal had seen, and that are not there; the first of each journal.

    Args:
        digests: Of each journal's lines, in order.
        seen: Of each journal, number of a line and the heads of the others that it had seen.
        accepted: As ``by_pins``.
    """
    if not any(heads for told in seen.values() for _, heads in told):
        return []
    known = {key: set(lines) | accepted.get(key, set()) for key, lines in digests.items()}
    found: dict[tuple[str, str], Missing] = {}
    for key, told in sorted(seen.items()):
        for number, heads in told:
            for other, head in sorted(heads.items()):
                if head in known.get(other, accepted.get(other, set())):
                    continue
                fact = (
                    f"The journal {other}.jsonl was cut off or replaced: line {number:,} of "
                    f"{key}.jsonl had seen an entry that it lacks."
                )
                found.setdefault((other, head), Missing(fact, other, Pin(0, head)))
    return list(found.values())


def accepted_by(entries: Iterable[JournalEntry]) -> dict[str, set[str]]:
    """Lines that are missing and somebody goes on without: journal -> digests.

    Args:
        entries: Entries of kind accept.
    """
    found: dict[str, set[str]] = {}
    for entry in entries:
        lost = entry.body.get("lost")
        for key, pins in lost.items() if isinstance(lost, dict) else ():
            for pin in pins if isinstance(pins, list) else ():
                if isinstance(pin, dict):
                    found.setdefault(str(key), set()).add(str(pin.get("digest")))
    return found


def acceptance(missing: Iterable[Missing], kept: Mapping[str, Pin], why: str) -> dict[str, Any]:
    """Body of the entry by which a person goes on without what is missing.

    Args:
        missing: All that is missing.
        kept: The last line that is there, of each journal that lacks something.
        why: The reason, in the analyst's words.
    """
    lost: dict[str, list[dict[str, Any]]] = {}
    for one in missing:
        if one.pin is not None:
            lost.setdefault(one.journal, []).append(
                {"number": one.pin.number, "digest": one.pin.digest}
            )
    return {
        "why": why,
        "facts": [one.fact for one in missing],
        "lost": lost,
        "kept": {
            key: {"number": pin.number, "digest": pin.digest} for key, pin in sorted(kept.items())
        },
    }
