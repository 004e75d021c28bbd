"""Records that are half of an exchange: what a format says of them, for the case to join.

A reader sees one file, and of it one block at a time: it can only tell that a record is half of
something and what the other half is called. Must not join.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.formats.paths import as_object
from workbench.formats.text import without_surrogates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.domain.exchange import Side

#: Under this name a format gives the half beside the canonical columns; no column is called so.
HALF: Final = "half of"


@dataclass(frozen=True, slots=True)
class Half:
    """What the other half of a record is known by.

    Attributes:
        kind: What joins them; halves of different kinds have nothing to do with each other.
        side: What this one says.
        key: What both are called.
        batch: What the record itself calls its batch; empty where it says nothing.
    """

    kind: str
    side: Side
    key: str
    batch: str = ""


def name_of(value: Any) -> str:
    """A name that both halves have; empty where there is none, or something that is no name."""
    if isinstance(value, str):
        return without_surrogates(value)
    return str(value) if type(value) is int else ""


def batch_of(record: Mapping[str, Any]) -> str:
    """What a record calls the batch that it is of; neither provider's own lines say it."""
    for key in _BATCHES:
        if name := name_of(record.get(key)):
            return name
    return name_of(as_object(record.get("batch")).get("id"))


_BATCHES: Final = ("batch_id", "batchId", "message_batch_id", "messageBatchId", "batch")
