"""The formats that are read without mapping, and how one of them is chosen for a record.

Those of other packages (``third_party``) go before the built-in ones: who installs one means it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.domain.errors import InputError
from workbench.formats.anthropic import AnthropicMessages
from workbench.formats.anthropic_batch import AnthropicBatch
from workbench.formats.azure_openai import AzureOpenAI
from workbench.formats.bedrock import Bedrock
from workbench.formats.canonical import Canonical
from workbench.formats.helicone import HeliconeRequests
from workbench.formats.langfuse import LangfuseObservations
from workbench.formats.langfuse_trace import LangfuseTraces
from workbench.formats.litellm import LiteLLMSpendLogs
from workbench.formats.lmsys import LmsysChat
from workbench.formats.mapping import Mapped
from workbench.formats.nginx import NginxJson
from workbench.formats.openai import OpenAIChat
from workbench.formats.openai_batch import OpenAIBatch
from workbench.formats.openai_responses import OpenAIResponses
from workbench.formats.opentelemetry import OpenTelemetrySpans
from workbench.formats.portkey import PortkeyLogs
from workbench.formats.sharegpt import ShareGpt
from workbench.formats.text_logs import line_of
from workbench.formats.third_party import Found, installed_formats
from workbench.formats.uvicorn import UvicornAccess
from workbench.formats.vllm import VllmRequests
from workbench.formats.wildchat import WildChat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.domain.ports import ReadOptions
    from workbench.formats.shape import RecordFormat

#: The built-in ones, the most telling shape first: their signatures exclude each other, the order
#: settles ties.
KNOWN: Final[tuple[RecordFormat, ...]] = (
    LiteLLMSpendLogs(),
    LangfuseObservations(),
    LangfuseTraces(),
    OpenTelemetrySpans(),
    HeliconeRequests(),
    PortkeyLogs(),
    Bedrock(),
    AzureOpenAI(),
    AnthropicBatch(),
    OpenAIBatch(),
    NginxJson(),
    WildChat(),
    LmsysChat(),
    ShareGpt(),
    AnthropicMessages(),
    OpenAIResponses(),
    OpenAIChat(),
    Canonical(),
    VllmRequests(),
    UvicornAccess(),
)


def third_party() -> Found:
    """The formats of other packages, and those that cannot be used."""
    return installed_formats(_TAKEN)


def known_formats() -> tuple[RecordFormat, ...]:
    """All formats that are read without mapping."""
    return (*(installed.format for installed in third_party().formats), *KNOWN)


def came_from(name: str) -> str:
    """Which packages had a part in reading a file of the format; empty where none had.

    In a file of mixed shapes any format may have read some of the records.
    """
    installed = third_party().formats
    for each in installed:
        if each.format.name == name:
            return f"read by {each.distribution}"
    packages = dict.fromkeys(each.distribution for each in installed)
    return f"formats of {', '.join(packages)} at hand" if packages else ""


def format_named(name: str) -> RecordFormat:
    """The format of that name.

    Raises:
        InputError: No such format.
    """
    formats = known_formats()
    for known in formats:
        if known.name == name:
            return known
    if name == Mapped.name:
        return Mapped({})
    names = ", ".join(sorted([*(known.name for known in formats), Mapped.name]))
    unused = " ".join(third_party().failures)
    raise InputError(
        f"{name!r} is no known format. {unused}".rstrip(), remedy=f"Choose one of: {names}."
    )


_TAKEN: Final = frozenset({*(known.name for known in KNOWN), Mapped.name})


class Converter:
    """Turns decoded records into raw canonical values: the chosen format, else another that fits.

    Args:
        chosen: Format of the file.
        options: Zone and mapping; mapped columns win over what the format says.
    """

    def __init__(self, chosen: RecordFormat, options: ReadOptions) -> None:
        by_mapping = chosen.name == Mapped.name
        self._chosen = Mapped(options.mapping) if by_mapping else chosen
        # Two servers' lines of text may tell of one request; objects among them are read as such.
        others = (known for known in known_formats() if not (chosen.of_text and known.of_text))
        self._others = tuple(known for known in others if known.name != chosen.name)
        adds = options.mapping and not by_mapping
        self._mapped = Mapped(options.mapping) if adds else None

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Canonical column -> raw value; None when no format finds an exchange.

        Raises:
            FormatFailedError: A format of another package stumbled.
        """
        columns = self._by_format(record)
        if self._mapped is None:
            return columns
        mapped = self._mapped.convert(record)
        if columns is None or mapped is None:
            return columns if mapped is None else mapped
        return {**columns, **mapped}

    def why_none(self, record: Mapping[str, Any]) -> str:
        """What a record is in which ``convert`` finds no exchange; empty where nobody knows."""
        formats = (self._chosen, *self._others_for(record))
        return next((of.otherwise for of in formats if of.otherwise and of.matches(record)), "")

    def _others_for(self, record: Mapping[str, Any]) -> tuple[RecordFormat, ...]:
        return () if self._chosen.of_text and line_of(record) else self._others

    def _by_format(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        columns = self._chosen.convert(record)
        if columns is not None:
            return columns
        # A file may mix shapes: what another format recognises by its signature is read by it.
        for other in self._others_for(record):
            if other.matches(record):
                columns = other.convert(record)
                if columns is not None:
                    return columns
        return None
