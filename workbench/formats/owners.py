"""Whose record it is, by outer keys that no other log has: one list, the most telling shape first.

Gateways and clouds carry the providers' bodies inside records of their own: their keys decide
first, so that every other format leaves such a record alone. Must not look into the bodies for
more than their outer keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.exchange import CONTENT_COLUMNS
from workbench.formats.paths import as_object, embedded_json
from workbench.formats.shape import RecordFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class OwnedFormat(RecordFormat):
    """A format whose records are told by their outer keys."""

    def matches(self, record: Mapping[str, Any]) -> bool:
        """The keys that its records alone have."""
        return owner_of(record) == self.name

    def signature(self, record: Mapping[str, Any]) -> str:
        """What gave the record away: "keys call_type, startTime, api_key"."""
        shape = _shape_of(record)
        if shape is None:
            return "no keys of an owner"
        beside = [key for key in record if key in shape.beside]
        return f"keys {', '.join([*shape.lead, *beside[:3]])}"


def owner_of(record: Mapping[str, Any]) -> str:
    """Name of the format whose keys the record has; empty when it is nobody's."""
    shape = _shape_of(record)
    return shape.name if shape else ""


def may_be(name: str, record: Mapping[str, Any]) -> bool:
    """Whether it has the keys of that format and is no other's, whatever the keys hold."""
    return owner_of(record) in ("", name) and any(
        shape.name == name and shape.has_keys(record) for shape in _SHAPES
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """Keys of one format's records.

    Attributes:
        name: The format.
        lead: Keys that all are there; the first is rare elsewhere and never null.
        beside: Keys of which some are there.
        least: How many of them.
        without: Keys of which none is there.
        holds: What the values must say, where keys alone tell too little.
    """

    name: str
    lead: tuple[str, ...]
    beside: frozenset[str]
    least: int
    without: frozenset[str]
    holds: Callable[[Mapping[str, Any]], bool] | None

    def has_keys(self, record: Mapping[str, Any]) -> bool:
        there = record.keys()
        return (
            all(key in there for key in self.lead)
            and (not self.least or len(self.beside & there) >= self.least)
            and self.without.isdisjoint(there)
        )

    def owns(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is one of these; what leads holds something."""
        return self.has_keys(record) and (self.holds is None or self.holds(record))


def _shape(
    name: str,
    lead: str,
    beside: str = "",
    *,
    least: int = 1,
    without: str = "",
    holds: Callable[[Mapping[str, Any]], bool] | None = None,
) -> _Shape:
    some = frozenset(beside.split())
    return _Shape(
        name, tuple(lead.split()), some, least if some else 0, frozenset(without.split()), holds
    )


def _shape_of(record: Mapping[str, Any]) -> _Shape | None:
    if _TELLING.isdisjoint(record):  # most records, in one look
        return None
    for shape in _SHAPES:
        if record.get(shape.lead[0]) is not None and shape.owns(record):
            return shape
    return None


def _invoked(record: Mapping[str, Any]) -> bool:
    """Whether the input is one of Bedrock's log, for records exported without their schema."""
    return not _BEDROCK_INPUT.isdisjoint(as_object(record["input"]))


_BEDROCK_INPUT: Final = frozenset({"inputContentType", "inputBodyJson", "inputTokenCount"})


def _asked_azure(record: Mapping[str, Any]) -> bool:
    """Whether it is a request to Azure OpenAI; speech and vision log beside it."""
    if "RequestResponse" not in (record.get("category"), record.get("Category")):
        return False
    found = next((record[key] for key in _AZURE_PROPERTIES if record.get(key)), None)
    properties = as_object(found)
    if not properties:
        return True
    return not _AZURE_MODEL.isdisjoint(properties) or "openai" in str(
        properties.get("apiName")
    ).lower().replace(" ", "")


#: Azure Monitor in storage and event hubs, and as columns of a Log Analytics table.
_AZURE_PROPERTIES: Final = ("properties", "properties_s")
_AZURE_MODEL: Final = frozenset({"modelDeploymentName", "modelName"})


def _has_attributes(record: Mapping[str, Any]) -> bool:
    """Whether it has attributes as spans have: a correlation id alone says nothing."""
    return isinstance(record["attributes"], list | dict)


def _in_batch(record: Mapping[str, Any]) -> bool:
    """Whether it holds messages to send or a result, as lines of Anthropic's batches do."""
    params, result = as_object(record.get("params")), as_object(record.get("result"))
    return (
        "messages" in params
        or result.get("type") in _ENDINGS
        or isinstance(result.get("message"), dict)
    )


def _is_batch_request(record: Mapping[str, Any]) -> bool:
    """Whether the response has what OpenAI writes around a body in its batches."""
    return "status_code" in as_object(record["response"])


#: How a request of an Anthropic batch ends.
_ENDINGS: Final = ("succeeded", "errored", "canceled", "expired")


def _has_turns(key: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a list under the key holds turns of a conversation."""

    def holds(record: Mapping[str, Any]) -> bool:
        turns = record[key]
        turns = embedded_json(turns.strip()) if isinstance(turns, str) else turns
        if not isinstance(turns, list) or not turns or not isinstance(turns[0], dict):
            return False
        return not _TURN.isdisjoint(turns[0])

    return holds


_TURN: Final = frozenset({"role", "from"})

#: What holds a request or a response is more than a trace.
_BODIES: Final = ("messages", "choices", "request", "response", "body", "params", "result")

#: Cells of CSV that are empty leave no key behind: what leads is never empty.
_SHAPES: Final[tuple[_Shape, ...]] = (
    _shape(
        "litellm",
        "call_type startTime",
        "api_key spend custom_llm_provider request_tags model_group response_cost",
    ),
    _shape(
        "langfuse",
        "traceId startTime type",
        "level projectId environment parentObservationId statusMessage completionStartTime "
        "modelParameters usageDetails providedModelName internalModelId promptId",
        least=2,
    ),
    _shape(
        "langfuse",
        "start_time trace_id type",
        "level project_id environment parent_observation_id status_message "
        "completion_start_time model_parameters usage_details provided_model_name "
        "internal_model_id prompt_id",
        least=2,
    ),
    # What makes an exchange by itself is none: neither has the flat line of a canonical log.
    *(
        _shape(
            "langfuse-trace",
            f"{lead} id timestamp",
            "name userId sessionId tags environment release version metadata htmlPath totalCost "
            "user_id session_id project_id projectId externalId observations bookmarked",
            least=2,
            without=" ".join((*CONTENT_COLUMNS, "traceId", "trace_id", "type", *_BODIES)),
        )
        for lead in ("public", "bookmarked")
    ),
    _shape(
        "opentelemetry",
        "spanId traceId attributes",
        "startTimeUnixNano endTimeUnixNano parentSpanId name kind status resource scope",
        least=2,
        holds=_has_attributes,
    ),
    *(
        _shape(
            "opentelemetry",
            lead,
            "severityNumber severityText eventName body traceId resource scope",
            least=2,
            holds=_has_attributes,
        )
        for lead in ("timeUnixNano attributes", "observedTimeUnixNano attributes")
    ),
    _shape(
        "helicone",
        "request_created_at request_id",
        "response_created_at response_status request_path request_body request_model "
        "request_properties request_user_id delay_ms helicone_user",
    ),
    # An export has the fields that were asked for: either of the two names the model.
    *(
        _shape(
            "portkey",
            lead,
            "is_success req_units res_units total_units request_url response_status_code",
        )
        for lead in ("ai_org", "ai_model")
    ),
    _shape(
        "bedrock",
        "schemaType",
        "modelId operation requestId accountId input",
        least=0,
        holds=lambda record: record["schemaType"] == "ModelInvocationLog",
    ),
    _shape("bedrock", "input modelId operation accountId requestId", holds=_invoked),
    *(
        _shape("azure-openai", lead, "properties properties_s", least=0, holds=_asked_azure)
        for lead in ("operationName category", "OperationName Category")
    ),
    # Other batches that have a custom_id have a body or a response.
    _shape("openai-batch", "custom_id body url"),
    _shape("openai-batch", "custom_id response error"),
    _shape("openai-batch", "custom_id response id", holds=_is_batch_request),
    *(
        _shape("anthropic-batch", lead, without="body response", holds=_in_batch)
        for lead in ("custom_id params", "custom_id result")
    ),
    *(
        _shape(
            "wildchat",
            lead,
            "toxic redacted hashed_ip country openai_moderation detoxify_moderation turn",
            least=2,
            holds=_has_turns("conversation"),
        )
        for lead in ("conversation conversation_hash", "conversation conversation_id timestamp")
    ),
    _shape(
        "lmsys",
        "conversation conversation_id model",
        "turn language openai_moderation redacted",
        least=2,
        without="timestamp conversation_hash hashed_ip",
        holds=_has_turns("conversation"),
    ),
    _shape(
        "sharegpt",
        "conversations",
        without="messages prompt choices request response",
        holds=_has_turns("conversations"),
    ),
    _shape(
        "nginx-json",
        "remote_addr",
        "time_iso8601 time_local msec http_user_agent http_x_forwarded_for http_referer "
        "http_referrer body_bytes_sent request_length server_protocol upstream_addr "
        "upstream_response_time",
    ),
)
#: One of these is in every owned record, and holds something.
TELLING: Final[tuple[str, ...]] = tuple(dict.fromkeys(shape.lead[0] for shape in _SHAPES))
_TELLING: Final = frozenset(TELLING)
#: Of these the ones whose records are never flat lines of a canonical log: they always hold an
#: object or a list, or have no column that makes an exchange.
NEVER_FLAT: Final = frozenset(
    {
        "spanId",
        "timeUnixNano",
        "observedTimeUnixNano",
        "conversation",
        "conversations",
        "public",
        "bookmarked",
    }
)
