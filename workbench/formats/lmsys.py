"""LMSYS-Chat-1M: conversations with the Vicuna demo and the Chatbot Arena.

Source: the data set card of lmsys/lmsys-chat-1m (arXiv:2309.11998).
"""

from __future__ import annotations

from typing import ClassVar

from workbench.formats.conversations import ConversationFormat, computed_of
from workbench.formats.shape import Rule, Unread


class LmsysChat(ConversationFormat):
    """A conversation of LMSYS-Chat-1M."""

    name: ClassVar[str] = "lmsys"
    about: ClassVar[str] = (
        "LMSYS-Chat-1M: Parquet, Arrow or JSON lines, a record each conversation. It says neither "
        "who asked nor when: what needs an account or a time is not assessed."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("request_id", ("conversation_id",)),
        Rule("session_id", ("conversation_id",)),
        Rule("model", ("model",)),
        *computed_of("conversation", "role", "content"),
    )
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(("openai_moderation",), "what a classifier thought of it"),
        Unread(("redacted",), "whether the publisher took names out"),
        Unread(("language",), "a guess of the publisher's"),
        Unread(("turn",), "the number of turns: they are counted anew, those with text"),
    )
