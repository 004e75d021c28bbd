"""Azure OpenAI diagnostics: requests as Azure Monitor logs them, without what was said.

As they lie in storage and event hubs, and as rows of a Log Analytics table.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.owners import OwnedFormat
from workbench.formats.shape import UNREADABLE, Rule, Unread, apply_rules

if TYPE_CHECKING:
    from collections.abc import Mapping


def _property(name: str) -> tuple[str, str]:
    return f"properties.{name}", f"properties_s.{name}"


_RULES: Final[tuple[Rule, ...]] = (
    Rule("request_id", ("correlationId", "CorrelationId")),
    Rule(
        "ts",
        (*_property("requestTime"), "time", "TimeGenerated"),
        "requestTime counts 100 ns since the year 1; time is when the record was written",
    ),
    Rule(
        "account_id",
        ("resourceId", "ResourceId", "_ResourceId"),
        "the resource that was asked, in lower case, for Azure takes its ids so; who asked it is "
        "not in the log unless by `properties.objectId`",
    ),
    Rule(
        "org_id", ("SubscriptionId",), "else the subscription in the id of the resource; lower case"
    ),
    Rule("end_user", _property("objectId"), "the caller's id in Entra, where one signed in"),
    Rule(
        "ip",
        ("callerIpAddress", "CallerIPAddress"),
        "with its last octet masked it is the /24 that it lies in (`192.0.2.0/24`); masked "
        "further, or private and so another network at every customer, it is unreadable",
    ),
    Rule("endpoint", ("operationName", "OperationName")),
    Rule(
        "model",
        (*_property("modelName"), *_property("modelDeploymentName")),
        "with `properties.modelVersion` or `properties_s.modelVersion` behind a hyphen, where "
        "there is one",
    ),
    Rule("status", ("resultSignature", "ResultSignature")),
    Rule("stream", _property("streamType"), "true for Streaming, false for Non-Streaming"),
    Rule("latency_ms", ("durationMs", "DurationMs")),
)
_STREAMING: Final = {"streaming": True, "non-streaming": False}
#: 1970 in ticks of 100 ns since the year 1, as .NET counts.
_TICKS_OF_1970: Final = 621_355_968_000_000_000
_MASKED: Final = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,3})\.[*xX]+\Z", re.ASCII)
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)


class AzureOpenAI(OwnedFormat):
    """Azure OpenAI diagnostics."""

    name: ClassVar[str] = "azure-openai"
    about: ClassVar[str] = (
        "Azure OpenAI diagnostics, category RequestResponse: JSON lines of a storage account, or "
        "rows of AzureDiagnostics; `properties` as an object or as JSON text. They hold neither "
        "prompts nor answers nor tokens: content is not assessed."
    )
    rules: ClassVar[tuple[Rule, ...]] = _RULES
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(
            (
                *("Tenant", "TenantId", "location", "event", "ResourceGroup", "ResourceProvider"),
                *("Resource", "ResourceType", "OperationVersion", "SourceSystem", "Level", "Type"),
            ),
            "where the resource lies, and how the record was written: the resource itself is kept",
        ),
        Unread(
            (*_property("requestLength"), *_property("responseLength")),
            "lengths in bytes, of texts that are not in the log",
        ),
        Unread(_property("responseTime"), "when it ended: `durationMs` says how long it took"),
        Unread(("ResultType", "ResultDescription"), "what the status says"),
        Unread(
            ("category", "Category", *_property("apiName")), "what the record is", looked_at=True
        ),
    )

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one record; None when it is no request to Azure OpenAI."""
        if not self.matches(record):
            return None
        columns = apply_rules(_RULES, record, exact=True)
        versions = apply_rules(_VERSION, record)
        columns["ts"] = _moment(columns.get("ts"))
        columns["ip"] = _network(columns.get("ip"))
        resource = columns.get("account_id")
        if isinstance(resource, str):
            columns["account_id"] = resource.lower()
            subscription = _SUBSCRIPTION.search(resource)
            if "org_id" not in columns and subscription:
                columns["org_id"] = subscription[1]
        if isinstance(columns.get("org_id"), str):
            columns["org_id"] = columns["org_id"].lower()
        if isinstance(columns.get("model"), str) and isinstance(versions.get("model"), str):
            columns["model"] += f"-{versions['model']}"
        stream = columns.get("stream")
        if isinstance(stream, str):
            columns["stream"] = _STREAMING.get(stream.strip().lower(), stream)
        return columns


_VERSION: Final = (Rule("model", _property("modelVersion")),)


def _moment(value: Any) -> Any:
    """Ticks as microseconds since 1970; any other time as it is."""
    text = value.strip() if isinstance(value, str) else ""
    ticks = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else value
    if isinstance(ticks, int) and ticks > _TICKS_OF_1970:
        return (ticks - _TICKS_OF_1970) // 10
    return value


def _network(address: Any) -> Any:
    """The address, or the network that is left of it where its end is masked.

    A masked text would be compared as a text: with no unmasked address of the same network, and
    with every other text as short as it. As a network it ties whom the addresses would tie.
    """
    if not isinstance(address, str):
        return address
    masked = _MASKED.match(address.strip())
    if masked is None:
        return UNREADABLE if "*" in address else address
    try:
        network = ipaddress.ip_network(f"{masked[1]}.0/24")
    except ValueError:
        return UNREADABLE
    return str(network) if network.is_global else UNREADABLE
