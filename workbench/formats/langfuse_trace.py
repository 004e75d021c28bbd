"""Langfuse traces: who used an application, around the observations of what it did.

A trace is no exchange: its input and output are the application's, and the calls of models inside
it are observations of their own, in other files or tables. It says what they lack, and what
belongs to it is told by its id. Must not join them.

Source: Langfuse's API reference (Trace, TraceWithDetails), its UI export and the table `traces`
of its warehouse; camelCase or snake_case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.domain.exchange import Side
from workbench.formats.halves import HALF, Half, name_of
from workbench.formats.langfuse import KIND
from workbench.formats.owners import OwnedFormat
from workbench.formats.shape import Rule, Unread, apply_rules

if TYPE_CHECKING:
    from collections.abc import Mapping


def _noted(*names: str) -> tuple[str, ...]:
    """Where an application may have noted that: metadata is its own to fill."""
    return tuple(f"metadata.{name}" for name in names)


_RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "account_id",
        _noted("account_id", "api_key_id", "api_key_hash", "user_api_key_hash", "user_api_key"),
    ),
    Rule(
        "org_id",
        (*("projectId", "project_id"), *_noted("org_id", "organization_id", "tenant_id")),
    ),
    Rule("end_user", ("userId", "user_id", *_noted("user_id", "userId"))),
    Rule("session_id", ("sessionId", "session_id", *_noted("session_id", "sessionId"))),
    Rule("ip", _noted("ip", "ip_address", "client_ip", "requester_ip_address")),
    Rule("country", _noted("country", "country_code")),
    Rule("user_agent", _noted("user_agent", "userAgent")),
)


class LangfuseTraces(OwnedFormat):
    """Langfuse traces."""

    name: ClassVar[str] = "langfuse-trace"
    about: ClassVar[str] = (
        "Langfuse traces: one a record, as the API, the UI's JSON, JSONL and CSV export and the "
        "warehouse write them. No exchange by itself: what it says of whose it was is joined to "
        "the observations of its id; a trace without any is rejected."
    )
    rules: ClassVar[tuple[Rule, ...]] = _RULES
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(
            ("input", "output"),
            "the application's: what models were asked and answered, the observations say",
        ),
        Unread(
            (
                "name",
                "tags",
                "environment",
                "release",
                "version",
                "metadata.*",
                "scores",
                "corrections",
            ),
            "the application's own notes, of which no column is known",
        ),
        Unread(
            ("timestamp", "latency", "totalCost"),
            "when, how long and for what price all of it ran: each observation has its own times",
        ),
        Unread(
            (
                *("public", "bookmarked", "htmlPath", "externalId", "observations"),
                *("createdAt", "created_at", "updatedAt", "updated_at"),
            ),
            "how Langfuse keeps it: says nothing of who asked what",
        ),
        Unread(("id",), "which observations are its own", looked_at=True),
    )

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What it says of its observations; None when it is no trace."""
        if not self.matches(record):
            return None
        key = name_of(record.get("id"))
        if not key:
            return None
        return {**apply_rules(_RULES, record), HALF: Half(KIND, Side.AROUND, key)}
