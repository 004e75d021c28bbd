"""Helicone requests: rows of its request table, as the API, its export tool and CSV give them."""

from __future__ import annotations

from typing import ClassVar, Final

from workbench.formats.bodies import BodiesInARecord, with_bodies
from workbench.formats.shape import Rule, Unread

_RULES: Final[tuple[Rule, ...]] = with_bodies(
    Rule("request_id", ("request_id",)),
    Rule("ts", ("request_created_at",)),
    Rule("account_id", ("auth_hash",)),
    Rule("end_user", ("request_user_id",)),
    Rule(
        "session_id",
        (
            'request_properties["Helicone-Session-Id"]',
            'properties["Helicone-Session-Id"]',
        ),
    ),
    Rule("country", ("country_code",)),
    Rule("provider", ("provider",)),
    Rule("endpoint", ("request_path", "target_url"), "without its query"),
    Rule("model", ("response_model", "model_override", "request_model", "model")),
    Rule("status", ("response_status",)),
    Rule("in_tok", ("prompt_tokens",)),
    Rule("out_tok", ("completion_tokens",)),
    Rule("cached_tok", ("prompt_cache_read_tokens",)),
    Rule("latency_ms", ("delay_ms",)),
    Rule("ttft_ms", ("time_to_first_token",)),
)


class HeliconeRequests(BodiesInARecord):
    """Helicone requests with their responses."""

    name: ClassVar[str] = "helicone"
    about: ClassVar[str] = (
        "Helicone requests: JSON lines, a JSON array or CSV; `request_body` and `response_body` "
        "as objects or as JSON text, OpenAI's or Anthropic's."
    )
    rules: ClassVar[tuple[Rule, ...]] = _RULES
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(("cost",), "what it cost: `workbench loss` counts by the price list that you give"),
        Unread(("total_tokens", "prompt_cache_write_tokens"), "sums and parts of the tokens kept"),
        Unread(
            ("response_id", "response.id", "response.created", "response_created_at"),
            "the answer's own ids and times: the request's are kept, and how long it took",
        ),
        Unread(
            ("request_properties.*", "properties.*", "scores"),
            "the application's own notes: say with `--map` which of them is a column",
        ),
        Unread(("helicone_user",), "whose account with Helicone it is: the log's owner"),
        Unread(
            ("feedback_id", "feedback_created_at", "feedback_rating", "prompt_id"),
            "what was thought of the answer, and by which template it was asked",
        ),
        Unread(("signed_body_url",), "where the bodies can be fetched: nothing is fetched"),
    )
