"""WildChat (1M, 4.8M and the first release): conversations with a free chat service.

Source: the data set card of allenai/WildChat-1M; the first release has conversation_id and times
of whole conversations only.
"""

from __future__ import annotations

from typing import ClassVar

from workbench.formats.conversations import ConversationFormat, computed_of
from workbench.formats.shape import Rule, Unread


class WildChat(ConversationFormat):
    """A conversation of WildChat."""

    name: ClassVar[str] = "wildchat"
    about: ClassVar[str] = (
        "WildChat: Parquet, Arrow or JSON lines, a record each conversation. Nobody has an account "
        "there: the hashed address stands for who asked."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("request_id", ("conversation_hash", "conversation_id")),
        Rule("ts", ("timestamp", "conversation[-1].timestamp", "conversation[0].timestamp")),
        Rule("account_id", ("hashed_ip", "conversation[0].hashed_ip"), "a hash of the address"),
        Rule("session_id", ("conversation_hash", "conversation_id")),
        Rule("country", ("country", "conversation[0].country"), "its name in English"),
        Rule("user_agent", ('header["user-agent"]', 'conversation[0].header["user-agent"]')),
        Rule("model", ("model",)),
        *computed_of("conversation", "role", "content"),
    )
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(
            ("openai_moderation", "detoxify_moderation", "toxic", "conversation[].toxic"),
            "what a classifier thought of it",
        ),
        Unread(("redacted", "conversation[].redacted"), "whether the publisher took names out"),
        Unread(("language", "conversation[].language"), "a guess of the publisher's"),
        Unread(
            ("state", "conversation[].state"),
            "where in the country the address lies: the column is of countries",
        ),
        Unread(
            ('header["accept-language"]', 'conversation[].header["accept-language"]'),
            "the browser's languages: no column holds them",
        ),
        Unread(
            ("turn", "conversation[].turn_identifier"),
            "numbers of turns: they are counted anew, those with text",
        ),
    )
