"""How the reading pane tells the conversation that an exchange is part of."""

from __future__ import annotations

from workbench.services.conversations import Conversation, Turn
from workbench.services.exchanges import ExchangeTexts, Said
from workbench.ui.panels.prompt_exchanges import _parts

NOON = 1_777_636_800_000_000


def read(
    conversation: Conversation | None, dialogue: Said | None = None
) -> list[tuple[str, str | None]]:
    return _parts(ExchangeTexts(None, Said("Why?", 4), None, None, dialogue, conversation))


def test_an_exchange_alone_says_nothing_of_conversations() -> None:
    headings = [heading for heading, _ in read(None)]
    assert headings == ["System prompt", "Prompt, 4 characters", "Completion", "Reasoning"]


def test_each_exchange_has_a_line_and_the_one_that_is_read_is_marked() -> None:
    turns = (
        Turn(1, NOON, "Why?\x1b[31m\nand how", False),
        Turn(2, None, "Why?", True),
        Turn(3, NOON + 1_000_000, None, False),
    )
    parts = read(Conversation(turns, 0, 1, 3), Said("user:\n…", 7))
    (heading, text) = parts[-2]
    assert heading == "Exchanges of this conversation, 2 of 3"
    assert text is not None
    lines = text.splitlines()
    assert lines == [
        "  1  2026-05-01 12:00:00  Why?<U+001B>[31m and how",
        "→ 2  time not recorded  tools answered, nothing new is asked",
        "  3  2026-05-01 12:00:01  no prompt",
    ]
    assert parts[-1][0] == "Whole conversation, 7 characters"


def test_of_a_long_one_it_says_how_many_are_shown() -> None:
    turns = tuple(Turn(n, NOON, "p", False) for n in range(3))
    (heading, text) = read(Conversation(turns, 1_000, 1_001, 2_000))[-1]
    assert heading == "Exchanges of this conversation, 1,002 of 2,000"
    assert text is not None
    assert text.splitlines()[1].startswith("→ 1,002 ")
    assert text.splitlines()[-1] == "3 of 2,000 shown"
