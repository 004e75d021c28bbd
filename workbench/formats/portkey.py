"""Portkey logs: the fields of its log export, with the bodies as objects or JSON text."""

from __future__ import annotations

from typing import ClassVar, Final

from workbench.formats.bodies import BodiesInARecord, with_bodies
from workbench.formats.shape import Rule, Unread

_RULES: Final[tuple[Rule, ...]] = with_bodies(
    Rule("request_id", ("id", "response.id")),
    Rule("ts", ("created_at",)),
    Rule("org_id", ("metadata._organisation", "organisation_id")),
    Rule("end_user", ("metadata._user",)),
    Rule("session_id", ("trace_id",)),
    Rule("provider", ("ai_org",)),
    Rule("endpoint", ("request_url",), "without its query"),
    Rule("model", ("ai_model",)),
    Rule("status", ("response_status_code",), "else the status inside the response"),
    Rule("in_tok", ("req_units",)),
    Rule("out_tok", ("res_units",)),
    Rule("latency_ms", ("response_time",)),
)


class PortkeyLogs(BodiesInARecord):
    """Portkey logs."""

    name: ClassVar[str] = "portkey"
    about: ClassVar[str] = (
        "Portkey log export: JSON lines, a JSON array or CSV; `request` and `response` as objects "
        "or as JSON text, OpenAI's or Anthropic's, bare or with url, headers and body."
    )
    rules: ClassVar[tuple[Rule, ...]] = _RULES
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(
            ("cost", "cost_currency"),
            "what it cost: `workbench loss` counts by the price list that you give",
        ),
        Unread(("total_units",), "a sum of the tokens that are kept"),
        Unread(
            ("mode", "config", "prompt_slug"),
            "how it was routed, and by which template: says nothing of who asked what",
        ),
        Unread(
            ("metadata.*",),
            "the application's own notes: say with `--map` which of them is a column",
        ),
        Unread(("is_success",), "what the status says"),
        Unread(("response.created",), "the provider's time: the gateway's is kept"),
    )
