"""A streamed answer as Bedrock logs it, a list of events, put together to the whole answer.

The models stream in shapes of their own; the whole is what the same model gives unstreamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.formats.paths import embedded_json
from workbench.formats.sse import assemble_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.formats.shape import Record

#: What Bedrock adds to the last event, whatever the model.
METRICS: Final = "amazon-bedrock-invocationMetrics"
_CONVERSE: Final = frozenset({"messageStart", "contentBlockDelta", "messageStop", "metadata"})


def whole_answer(values: Sequence[Any]) -> Record:
    """The answer that the events add up to; empty where they are of no known model.

    Args:
        values: Events, objects or JSON text; anything else (a closing ``[DONE]``) is skipped.
    """
    opened = (embedded_json(value) if isinstance(value, str) else value for value in values)
    events = [event for event in opened if isinstance(event, dict)]
    whole = _by_model(events)
    metrics = _last(events, METRICS)
    return whole if metrics is None else whole | {METRICS: metrics}


def _by_model(events: list[Record]) -> Record:
    whole = assemble_events(events)  # Anthropic and OpenAI
    if whole is not None:
        return whole
    if any(not _CONVERSE.isdisjoint(event) for event in events):
        return _converse(events)
    if any("outputText" in event for event in events):
        return {
            "results": [
                {
                    "outputText": _joined(events, "outputText"),
                    "tokenCount": _last(events, "totalOutputTextTokenCount"),
                    "completionReason": _last(events, "completionReason"),
                }
            ],
            "inputTextTokenCount": _last(events, "inputTextTokenCount"),
        }
    for text in ("generation", "completion"):  # Llama, older Anthropic
        if any(text in event for event in events):
            last = {key: _last(events, key) for event in events for key in event}
            return last | {text: _joined(events, text)}
    return {}


def _converse(events: list[Record]) -> Record:
    """Converse, and Nova asked directly: one text, the reasoning before it, then the tool calls.

    A guardrail cuts the text into a block a word: blocks are no paragraphs.
    """
    whole: Record = {}
    deltas: list[Record] = []
    for event in events:
        block, stop = event.get("contentBlockDelta"), event.get("messageStop")
        if isinstance(block, dict) and isinstance(block.get("delta"), dict):
            deltas.append(block["delta"])
        if isinstance(stop, dict):
            whole["stopReason"] = stop.get("stopReason")
        if isinstance(event.get("metadata"), dict):
            whole |= event["metadata"]
    thoughts = [delta.get("reasoningContent") for delta in deltas]
    thought = _joined((each for each in thoughts if isinstance(each, dict)), "text")
    content: list[Record] = []
    if thought:
        content.append({"reasoningContent": {"reasoningText": {"text": thought}}})
    if any("text" in delta for delta in deltas):
        content.append({"text": _joined(deltas, "text")})
    content += _calls(events)
    return whole | {"output": {"message": {"role": "assistant", "content": content}}}


def _calls(events: Iterable[Record]) -> list[Record]:
    """Tool calls, each a block: it begins with the name, and its input comes in pieces of JSON."""
    begun: dict[Any, Record] = {}
    pieces: dict[Any, list[Record]] = {}
    for event in events:
        for key, inner in (("contentBlockStart", "start"), ("contentBlockDelta", "delta")):
            block = event.get(key)
            said = block.get(inner) if isinstance(block, dict) else None
            use = said.get("toolUse") if isinstance(said, dict) else None
            if not isinstance(block, dict) or not isinstance(use, dict):
                continue
            index = repr(block.get("contentBlockIndex"))
            begun.setdefault(index, {})
            pieces.setdefault(index, []).append(use)
            if inner == "start":
                begun[index] |= use
    return [
        {"toolUse": start | {"input": _joined(pieces[index], "input")}}
        for index, start in begun.items()
    ]


def _joined(events: Iterable[Record], key: str) -> str:
    return "".join(event[key] for event in events if isinstance(event.get(key), str))


def _last(events: Iterable[Record], key: str) -> Any:
    found = [event[key] for event in events if event.get(key) is not None]
    return found[-1] if found else None
