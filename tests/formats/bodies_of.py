"""Where formats keep what their tables call request and response."""

from __future__ import annotations

from workbench.formats.known import format_named

#: Elsewhere they lie under these names.
BODIES: dict[str, dict[str | int, tuple[str, ...]]] = {
    "litellm": {"request": ("proxy_server_request",)},
    "helicone": {"request": ("request_body",), "response": ("response_body",)},
    "nginx-json": {"request": ("request_body",), "response": ("response_body",)},
    "anthropic-batch": {"request": ("params",), "response": ("result", "message")},
    "openai-batch": {"request": ("body",), "response": ("response", "body")},
    "bedrock": {"request": ("input", "inputBodyJson"), "response": ("output", "outputBodyJson")},
    # Names with dots are attributes.
    "opentelemetry": {
        path[0]: ("attributes", str(path[0]))
        for rule in format_named("opentelemetry").rules
        for path in rule.paths
        if "." in str(path[0])
    },
}
