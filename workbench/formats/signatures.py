"""Shapes that the outer keys of a record tell, without a look into its bodies.

The formats that find a request and its response in any envelope leave such records alone: their
outer fields may carry the same names and mean something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.formats.litellm import is_litellm
from workbench.formats.paths import embedded_json

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How a request of an Anthropic batch ends.
_ENDINGS: Final = ("succeeded", "errored", "canceled", "expired")
#: Keys of other batches that also have a custom_id.
_OTHER_BATCHES: Final = frozenset({"body", "response"})
#: Keys of every record of Bedrock's log and of what was asked in it, for those exported without
#: their schema.
_BEDROCK: Final = frozenset({"accountId", "requestId", "modelId", "operation", "input"})
_BEDROCK_INPUT: Final = frozenset({"inputContentType", "inputBodyJson", "inputTokenCount"})
#: Azure Monitor in storage and event hubs, and as columns of a Log Analytics table.
_AZURE_PROPERTIES: Final = ("properties", "properties_s")
_AZURE_MODEL: Final = frozenset({"modelDeploymentName", "modelName"})


def own_shape(record: Mapping[str, Any]) -> str:
    """The format that the outer keys alone tell, the most telling first; empty for none."""
    if _OUTER.isdisjoint(record):  # most records, in one look
        return ""
    for name, is_its in _SHAPES:
        if is_its(record):
            return name
    return ""


def is_bedrock(record: Mapping[str, Any]) -> bool:
    """Whether it is a record of Amazon Bedrock's model invocation log."""
    if record.get("schemaType") == "ModelInvocationLog":
        return True
    return record.keys() >= _BEDROCK and not _BEDROCK_INPUT.isdisjoint(opened(record["input"]))


def is_azure_openai(record: Mapping[str, Any]) -> bool:
    """Whether it is a request that Azure OpenAI logged; speech and vision log beside it."""
    if "RequestResponse" not in (record.get("category"), record.get("Category")):
        return False
    if "operationName" not in record and "OperationName" not in record:
        return False
    found = next((record[key] for key in _AZURE_PROPERTIES if record.get(key)), None)
    properties = embedded_json(found) if isinstance(found, str) else found
    if not isinstance(properties, dict) or not properties:
        return True
    return not _AZURE_MODEL.isdisjoint(properties) or "openai" in str(
        properties.get("apiName")
    ).lower().replace(" ", "")


def is_anthropic_batch(record: Mapping[str, Any]) -> bool:
    """Whether it is a request line or a result line of a Message Batch."""
    if not may_be_batch(record):
        return False
    params, result = opened(record.get("params")), opened(record.get("result"))
    return (
        "messages" in params
        or result.get("type") in _ENDINGS
        or isinstance(result.get("message"), dict)
    )


def may_be_batch(record: Mapping[str, Any]) -> bool:
    """Whether it has the keys of such a line, whatever they hold."""
    return (
        "custom_id" in record
        and ("params" in record or "result" in record)
        and _OTHER_BATCHES.isdisjoint(record)
    )


def opened(value: Any) -> dict[str, Any]:
    """An object, also from JSON text; an empty one where there is none."""
    if isinstance(value, str):
        value = embedded_json(value.strip())
    return value if isinstance(value, dict) else {}


#: One of these is in every record of those shapes.
_OUTER: Final = frozenset(
    {"call_type", "schemaType", "modelId", "category", "Category", "custom_id"}
)
_SHAPES: Final = (
    ("litellm", is_litellm),
    ("bedrock", is_bedrock),
    ("azure-openai", is_azure_openai),
    ("anthropic-batch", is_anthropic_batch),
)
