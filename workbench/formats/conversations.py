"""Whole conversations, as data sets of them are published: a list of turns in each record.

A record is one exchange: the last user turn that has text, and what was answered to it; how many
user turns there are is kept. Must not make an exchange of each turn: who asked for the earlier
ones, and when, such records do not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.formats.dialogue import answered, both
from workbench.formats.messages import from_messages, is_messages
from workbench.formats.owners import OwnedFormat, may_be
from workbench.formats.paths import embedded_json
from workbench.formats.shape import UNREADABLE, Record, Rule, apply_rules
from workbench.formats.text import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def computed_of(turns: str, *keys: str) -> tuple[Rule, ...]:
    """Columns that are computed of the turns; listed for the documents.

    Args:
        turns: Where they are.
        keys: What a turn holds that is read.
    """
    read = " and ".join(f"`{turns}[].{key}`" for key in keys)
    return (
        Rule("system", (), "text of the system turns"),
        Rule("prompt", (), f"text of the last user turn that has any; turns are {read}"),
        Rule("n_turns", (), "user turns with text"),
        Rule("completion", (), "text of the last answer, where one follows the last user turn"),
        Rule("dialogue", (), "all turns, where there are more than a question and an answer"),
    )


_ANSWERS: Final = frozenset({"assistant", "gpt", "chatgpt", "bing", "bard", "model"})


class ConversationFormat(OwnedFormat):
    """A data set whose records hold turns; a format of it says its rules and where they lie."""

    def turns(self, record: Mapping[str, Any]) -> Any:
        """The list of turns, each with a role and content."""
        return listed(record.get("conversation"))

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one conversation; None where the record is not one of this data set."""
        if not (self.matches(record) or may_be(self.name, record)):
            return None
        columns = apply_rules(self.rules, record, exact=True)
        turns = self.turns(record)
        if not is_messages(turns):
            return columns | {"prompt": UNREADABLE}
        is_answered = str(turns[-1].get("role")) in _ANSWERS
        said = from_messages(turns[:-1] if is_answered else turns)
        said["system"] = said["system"] or columns.get("system")
        if is_answered:
            said["dialogue"] = both(said["dialogue"], answered(turns[-1]))
        columns |= said
        columns["completion"] = last_answer(turns)
        return columns


def last_answer(turns: list[Record]) -> str | None:
    """Text of the last answer, unless a question came after it."""
    for turn in reversed(turns):
        role = str(turn.get("role"))
        if role in _ANSWERS:
            return text_of(turn.get("content"))
        if role in ("user", "human"):
            return None
    return None


def listed(value: Any) -> Any:
    """A list, also from JSON text; what is none stays as it is."""
    return embedded_json(value.strip()) if isinstance(value, str) else value
