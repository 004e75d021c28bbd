"""WildChat (1M, 4.8M and the first release): conversations with a free chat service.

Source: the data set card of allenai/WildChat-1M; the first release has conversation_id and times
of whole conversations only.
"""

from __future__ import annotations

from typing import ClassVar

from workbench.formats.conversations import TURNS, ConversationFormat
from workbench.formats.shape import Rule


class WildChat(ConversationFormat):
    """A conversation of WildChat."""

    name: ClassVar[str] = "wildchat"
    about: ClassVar[str] = (
        "WildChat: Parquet, Arrow or JSON lines, a record each conversation. Nobody has an account "
        "there: the hashed address stands for who asked. Moderation, toxicity and language are "
        "not kept."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("request_id", ("conversation_hash", "conversation_id")),
        Rule("ts", ("timestamp", "conversation[-1].timestamp", "conversation[0].timestamp")),
        Rule("account_id", ("hashed_ip", "conversation[0].hashed_ip"), "a hash of the address"),
        Rule("session_id", ("conversation_hash", "conversation_id")),
        Rule("country", ("country", "conversation[0].country"), "its name in English"),
        Rule("user_agent", ('header["user-agent"]', 'conversation[0].header["user-agent"]')),
        Rule("model", ("model",)),
        *TURNS,
    )
