"""LMSYS-Chat-1M: conversations with the Vicuna demo and the Chatbot Arena.

Source: the data set card of lmsys/lmsys-chat-1m (arXiv:2309.11998).
"""

from __future__ import annotations

from typing import ClassVar

from workbench.formats.conversations import TURNS, ConversationFormat
from workbench.formats.shape import Rule


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
        *TURNS,
    )
