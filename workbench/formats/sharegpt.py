"""ShareGPT: conversations that people shared, and the training sets that took over its shape.

``conversations`` is a list of turns ``{"from": "human", "value": "..."}``; FastChat's and
LLaMA-Factory's documentation name the roles human, gpt, system, function_call and observation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from workbench.formats.conversations import ConversationFormat, computed_of, listed
from workbench.formats.shape import Rule, Unread

if TYPE_CHECKING:
    from collections.abc import Mapping


class ShareGpt(ConversationFormat):
    """A conversation of ShareGPT."""

    name: ClassVar[str] = "sharegpt"
    about: ClassVar[str] = (
        "ShareGPT: a JSON array, JSON lines, Parquet or Arrow of `conversations`, whose turns have "
        "`from` and `value` (or `role` and `content`). It says neither who asked nor when."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("request_id", ("id",)),
        Rule("session_id", ("id",)),
        Rule("model", ("model",)),
        Rule("system", ("system",), "but text of the system turns first"),
        *(
            rule
            for rule in computed_of("conversations", "from", "value", "role", "content")
            if rule.column != "system"
        ),
    )
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(("tools",), "definitions of tools (LLaMA-Factory): the calls stand in the turns"),
        Unread(("images", "videos", "audios"), "names of files beside the data set"),
    )

    def turns(self, record: Mapping[str, Any]) -> Any:
        """The list of turns, each with a role and content."""
        turns = listed(record.get("conversations"))
        if not isinstance(turns, list):
            return turns
        return [
            {"role": turn.get("from"), "content": turn.get("value")}
            if isinstance(turn, dict) and "role" not in turn and "from" in turn
            else turn
            for turn in turns
        ]
