"""vLLM's request log: ``Received request cmpl-...: prompt: '...', params: SamplingParams(...)``.

The prompt is a Python literal of what the chat template made of the conversation; the marks of
common templates are taken apart into turns again. Whatever else the server says is no exchange.

Source: vLLM, ``entrypoints/logger.py`` (``RequestLogger.log_inputs``), 0.3 to 0.11; the chat
templates of ChatML, Llama 3, Gemma and DeepSeek.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.messages import from_messages
from workbench.formats.shape import UNREADABLE, Record, RecordFormat, Rule, Unread
from workbench.formats.text_logs import BEFORE, DATED, line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_LITERAL: Final = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_REQUEST: Final = re.compile(
    rf"{BEFORE}\bReceived request (?P<id>[\w.-]+): prompt: (?P<prompt>{_LITERAL}|None)"
    r"(?:, (?:prefix_pos: \w+,)?\s*(?:params|sampling_params|params_list): (?P<params>.*))?"
)
_WORDS: Final = "Received request "
_BEGINS: Final = re.compile(rf"{BEFORE}\bReceived request (?P<id>[\w.-]+): prompt: ")
_TEXT: Final = re.compile(_LITERAL)
_SET: Final = re.compile(r"\b(n|temperature|max_tokens|logprobs)=([^,()]+)")
#: As vLLM writes the time: without a year.
_UNDATED: Final = re.compile(r"\b\d\d-\d\d \d\d:\d\d:\d\d\b")
_COLUMNS: Final = {
    "n": "n",
    "temperature": "temperature",
    "max_tokens": "max_tok",
    "logprobs": "logprobs",
}
#: How templates mark a turn: its role, and its text up to the next mark.
_TEMPLATES: Final = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"<\|im_start\|>(?P<role>\w+)\n(?P<text>.*?)(?:<\|im_end\|>|$)",
        r"<\|start_header_id\|>(?P<role>\w+)<\|end_header_id\|>\n\n(?P<text>.*?)(?:<\|eot_id\|>|$)",
        r"<start_of_turn>(?P<role>\w+)\n(?P<text>.*?)(?:<end_of_turn>|$)",
        r"<\uff5c(?P<role>User|Assistant)\uff5c>(?P<text>.*?)(?=<\uff5c|$)",
    )
)


class VllmRequests(RecordFormat):
    """A line of vLLM's log."""

    name: ClassVar[str] = "vllm"
    about: ClassVar[str] = (
        "vLLM's log as text, with whatever a container puts before its lines: `Received request` "
        "is an exchange, any other line is none. It says neither who asked nor what was answered, "
        "and no year: without a date before the line the time is NULL, and its text kept."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("request_id", (), "what follows Received request"),
        Rule("ts", (), "the date with a year before it, else the month, day and time of vLLM"),
        Rule("temperature", (), "`temperature` of the sampling parameters"),
        Rule("n", (), "`n` of the sampling parameters"),
        Rule("max_tok", (), "`max_tokens` of the sampling parameters"),
        Rule(
            "logprobs", (), "`logprobs` of the sampling parameters; a number of them counts as true"
        ),
        Rule("system", (), "text of the system turns, where the chat template is a known one"),
        Rule("prompt", (), "text of the last user turn; else the prompt as it stands"),
        Rule("n_turns", (), "user turns with text, where the chat template is a known one"),
        Rule("dialogue", (), "the turns, where there are more than a question; the same"),
    )
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(
            (
                *("top_p", "top_k", "min_p", "seed", "stop", "stop_token_ids", "min_tokens"),
                *("presence_penalty", "frequency_penalty", "repetition_penalty", "ignore_eos"),
                *("prompt_logprobs", "skip_special_tokens", "spaces_between_special_tokens"),
            ),
            "sampling parameters beside those above: no signal asks for them",
        ),
        Unread(("prompt_token_ids",), "the prompt again, as numbers"),
        Unread(("lora_request",), "which adapter answered"),
    )
    of_text: ClassVar[bool] = True

    def matches(self, record: Mapping[str, Any]) -> bool:
        """A line that tells of a request."""
        line = line_of(record)
        return _WORDS in line and bool(_BEGINS.match(line))

    def signature(self, _record: Mapping[str, Any]) -> str:
        """The words of the line."""
        return "lines Received request ...: prompt: ..."

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one line; None when it tells of no request."""
        line = line_of(record)
        begins = _BEGINS.match(line) if _WORDS in line else None
        if begins is None:
            return None
        columns: Record = {"request_id": begins["id"]}
        dated = DATED.search(begins["before"]) or _UNDATED.search(begins["before"])
        if dated:
            columns["ts"] = dated[0].replace(",", ".")
        found = _REQUEST.match(line)
        if found is None:  # cut off inside the prompt
            return columns | {"prompt": UNREADABLE}
        columns |= _asked(found["prompt"])
        for key, value in _SET.findall(_TEXT.sub("''", found["params"] or "")):
            if value.strip() != "None":
                columns[_COLUMNS[key]] = value.strip()
        if "logprobs" in columns:
            columns["logprobs"] = True
        return columns


def _asked(literal: str) -> Record:
    """Columns of the prompt as it was logged."""
    try:
        text = ast.literal_eval(literal)
    except (ValueError, SyntaxError, MemoryError):
        return {"prompt": UNREADABLE}
    if not isinstance(text, str):
        return {}
    for template in _TEMPLATES:
        turns = [
            {"role": turn["role"].lower(), "content": turn["text"]}
            for turn in template.finditer(text)
        ]
        if turns and turns[-1]["role"] == "assistant" and not turns[-1]["content"].strip():
            turns.pop()  # where the answer is to come
        said = from_messages(turns)
        if said.get("prompt") is not None:
            return said
    return {"prompt": text}
