"""What a request repeats of its conversation: the turns asked before, and how far its tools are.

Reads the column ``dialogue`` (``docs/formats.md``, "Conversations"). Must not decide what goes on
with what: ``linking`` does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

#: The chain of a conversation in which nothing was asked yet.
START: Final = np.uint64(1)


@dataclass(frozen=True, slots=True)
class History:
    """What a dialogue repeats.

    Attributes:
        asked: First eight bytes of the BLAKE2b-128 of each earlier user turn, as integers.
        rounds: How many times tools have answered since the prompt.
        answer: The last answer in words before the prompt; None = none.
    """

    asked: tuple[int, ...]
    rounds: int
    answer: str | None


def history_of(dialogue: str) -> History | None:
    """The history in a dialogue; None where none can be read in it.

    Args:
        dialogue: The column's text. A dialogue that does not say where the prompt stands is an
            answer's alone: its request was a question in words, so nothing went before.
    """
    try:
        messages = json.loads(dialogue)
    except (ValueError, RecursionError):
        return None
    if not isinstance(messages, list) or not all(map(_is_message, messages)):
        return None
    prompt_at = next(
        (at for at, each in enumerate(messages) if {"in": "prompt"} in each["parts"]), None
    )
    if prompt_at is None:
        return History((), 0, None)
    asked: list[int] = []
    answer = None
    for message in messages[:prompt_at]:
        text = _text(message["parts"])
        if text is not None and message["role"] == "user":
            asked.append(_digest(text))
            answer = None
        elif text is not None and message["role"] == "assistant":
            answer = text
    return History(tuple(asked), _rounds(messages[prompt_at + 1 :]), answer)


def chains(histories: Sequence[History]) -> NDArray[np.uint64]:
    """u64[n]: the chain of what each history asked; ``START`` where that is nothing."""
    size = np.array([len(each.asked) for each in histories], dtype=np.int64)
    first = np.cumsum(size) - size
    digests = np.array([one for each in histories for one in each.asked], dtype=np.uint64)
    found = np.full(len(size), START)
    rows, turn = np.flatnonzero(size), 0
    while len(rows):
        found[rows] = followed(found[rows], digests[first[rows] + turn])
        turn += 1
        rows = rows[size[rows] > turn]
    return found


def followed(chain: NDArray[np.uint64], digest: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """u64[n]: the chain with one thing more; never 0.

    The finaliser of SplitMix64 (Steele, Lea, Flood 2014, section 4) over both.
    """
    mixed = chain * np.uint64(0x9E3779B97F4A7C15) + digest
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.maximum(mixed ^ (mixed >> np.uint64(31)), START)


def _is_message(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("role"), str)
        and isinstance(value.get("parts"), list)
    )


def _text(parts: Iterable[Any]) -> str | None:
    """As ``formats.text.text_of`` joins what becomes a prompt or a completion."""
    texts = [
        part["text"]
        for part in parts
        if isinstance(part, dict) and isinstance(part.get("text"), str)
    ]
    return "\n".join(texts) if texts else None


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=16).digest()[:8], "little")


def _rounds(messages: Sequence[dict[str, Any]]) -> int:
    """Results that stand together are one round: a model may call several tools at once."""
    rounds, before = 0, False
    for message in messages:
        # An assistant's own results are of tools that the provider runs, within one answer.
        results = message["role"] != "assistant" and any(
            isinstance(part, dict) and "result_of" in part for part in message["parts"]
        )
        rounds += results and not before
        before = results
    return rounds
