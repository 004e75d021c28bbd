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
    """Converse, and Nova unasked: one block a content index, text or reasoning."""
    whole: Record = {}
    texts: dict[tuple[int, bool], list[str]] = {}
    for event in events:
        block, stop = event.get("contentBlockDelta"), event.get("messageStop")
        delta = block.get("delta") if isinstance(block, dict) else None
        if isinstance(block, dict) and isinstance(delta, dict):
            index = block.get("contentBlockIndex")
            at = index if isinstance(index, int) else 0
            thought = delta.get("reasoningContent")
            for text, is_thought in (
                (delta.get("text"), False),
                (thought.get("text") if isinstance(thought, dict) else None, True),
            ):
                if isinstance(text, str):
                    texts.setdefault((at, is_thought), []).append(text)
        if isinstance(stop, dict):
            whole["stopReason"] = stop.get("stopReason")
        if isinstance(event.get("metadata"), dict):
            whole |= event["metadata"]
    content: list[Record] = []
    for (_, is_thought), parts in sorted(texts.items()):
        text = "".join(parts)
        content.append(
            {"reasoningContent": {"reasoningText": {"text": text}}}
            if is_thought
            else {"text": text}
        )
    return whole | {"output": {"message": {"role": "assistant", "content": content}}}


def _joined(events: Iterable[Record], key: str) -> str:
    return "".join(event[key] for event in events if isinstance(event.get(key), str))


def _last(events: Iterable[Record], key: str) -> Any:
    found = [event[key] for event in events if event.get(key) is not None]
    return found[-1] if found else None
