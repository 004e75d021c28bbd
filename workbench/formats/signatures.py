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
#: Keys of every record of Bedrock's log, for those exported without their schema.
_BEDROCK: Final = frozenset({"accountId", "requestId", "modelId", "operation", "input"})
#: Azure Monitor in storage and event hubs, and as columns of a Log Analytics table.
_AZURE_PROPERTIES: Final = ("properties", "properties_s")
_AZURE_MODEL: Final = frozenset({"modelDeploymentName", "modelName"})


def has_own_shape(record: Mapping[str, Any]) -> bool:
    """Whether the outer keys alone say whose the record is."""
    return (
        is_litellm(record)
        or is_bedrock(record)
        or is_azure_openai(record)
        or is_anthropic_batch(record)
    )


def is_bedrock(record: Mapping[str, Any]) -> bool:
    """Whether it is a record of Amazon Bedrock's model invocation log."""
    return record.get("schemaType") == "ModelInvocationLog" or record.keys() >= _BEDROCK


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
