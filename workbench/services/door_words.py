"""What was left out of a case at the door, in words: for window, command line and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.domain.door import CODES, Door

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a case without texts holds of them, and what it cannot do.
_TOLD_OF_TEXT: Final = (
    "Prompts, system prompts, completions, reasoning and what else conversations hold: their texts "
    "are not in the case. Kept are digests, signatures of near-duplicates, vectors, lengths, what "
    "prompts ask for, whether answers begin as refusals, and of beginnings and ends of prompts the "
    "words that at least six prompts share (templates).",
    "Without the logs no text can be read, searched, exported or embedded anew; templates and "
    "regions are named by shared words alone; campaigns cannot be planted, nor the log replayed. "
    "Who guesses a text can check it by its digest, and a vector tells what a text is about.",
    f"{', '.join(CODES)}: codes are kept; what has words, as the message of an error, is a name by "
    "the key: equal ones can be told, and without the key nobody can test a guess. Of an endpoint "
    "it is kept which known parts its path has: no query, no host, no other part.",
)


def told(door: Door) -> list[str]:
    """What was left out, and what can no longer be done; empty where nothing was."""
    if door.is_open:
        return []
    lines = []
    if door.pseudonymised:
        lines.append(
            f"{', '.join(door.pseudonymised)}: pseudonyms in place of names, by {_key(door)}, "
            "which is not in the case. Who has the key can tell which name a pseudonym stands "
            "for, by trying names."
        )
    if "ip" in door.pseudonymised:
        lines.append(
            "Of addresses it is kept which are equal and which lie in one network (/24, or /48 of "
            "IPv6); country and network operator can no longer be looked up."
        )
    if door.text:
        lines += _TOLD_OF_TEXT
    lines.append("Rejected records: place and reason, without their bytes.")
    return lines


def told_of_options(options: Mapping[str, Any]) -> list[str]:
    """The same of what an import kept of its options."""
    return told(Door.of(options.get("door", {})))


def in_short(door: Door) -> str:
    """The same in few words, without a full stop; empty where nothing was left out."""
    what = [f"pseudonyms for {', '.join(door.pseudonymised)}"] if door.pseudonymised else []
    what += ["texts left out"] if door.text else []
    return "; ".join(what)


def _key(door: Door) -> str:
    return f"the key {door.key_id}" if door.key_id else "a key"
