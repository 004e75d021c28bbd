"""Which gateway wrote a record, by keys that no other log has.

Gateways carry the providers' bodies inside records of their own: their keys decide first, so that
every other format leaves such a record alone. One list, tried in order, makes them exclude each
other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys of one gateway's records: all of ``lead``, and at least so many of ``beside``."""

    name: str
    lead: frozenset[str]
    beside: frozenset[str]
    least: int = 1


def _keys(name: str, lead: str, beside: str, least: int = 1) -> _Keys:
    return _Keys(name, frozenset(lead.split()), frozenset(beside.split()), least)


_GATEWAYS: Final[tuple[_Keys, ...]] = (
    _keys(
        "litellm",
        "call_type startTime",
        "api_key spend custom_llm_provider request_tags model_group response_cost",
    ),
    # Cells of CSV that are empty leave no key behind: the first three are never empty.
    _keys(
        "langfuse",
        "traceId startTime type",
        "level projectId environment parentObservationId statusMessage completionStartTime "
        "modelParameters usageDetails providedModelName internalModelId promptId",
        least=2,
    ),
    _keys(
        "langfuse",
        "trace_id start_time type",
        "level project_id environment parent_observation_id status_message "
        "completion_start_time model_parameters usage_details provided_model_name "
        "internal_model_id prompt_id",
        least=2,
    ),
    _keys(
        "helicone",
        "request_id request_created_at",
        "response_created_at response_status request_path request_body request_model "
        "request_properties request_user_id delay_ms helicone_user",
    ),
    # An export has the fields that were asked for: either of the two names the model.
    *(
        _keys(
            "portkey",
            lead,
            "is_success req_units res_units total_units request_url response_status_code",
        )
        for lead in ("ai_org", "ai_model")
    ),
    _keys(
        "nginx-json",
        "remote_addr",
        "time_iso8601 time_local msec http_user_agent http_x_forwarded_for http_referer "
        "http_referrer body_bytes_sent request_length server_protocol upstream_addr "
        "upstream_response_time",
    ),
)
#: Nearly every record of another format has none of these, and is told apart in one look.
_TELLING: Final = frozenset(
    {
        *("call_type", "traceId", "trace_id", "request_created_at"),
        *("ai_org", "ai_model", "remote_addr"),
    }
)


def gateway_of(record: Mapping[str, Any]) -> str:
    """Name of the format whose keys the record has; empty when it is no gateway's."""
    keys = _gateway(record)
    return keys.name if keys else ""


def keys_found(record: Mapping[str, Any]) -> str:
    """The keys that gave a gateway's record away: "keys call_type, startTime, api_key"."""
    keys = _gateway(record)
    if keys is None:
        return "no keys of a gateway"
    beside = [key for key in record if key in keys.beside]
    return f"keys {', '.join([*sorted(keys.lead), *beside[:3]])}"


def _gateway(record: Mapping[str, Any]) -> _Keys | None:
    there = record.keys()
    if _TELLING.isdisjoint(there):
        return None
    for keys in _GATEWAYS:
        if there >= keys.lead and len(keys.beside & there) >= keys.least:
            return keys
    return None
