"""Records of every format that has fields, and fields that its maker documents, for the page.

What the makers' references name is written as paths of the tables in docs/formats.md.
"""

from __future__ import annotations

from typing import Any, Final

from tests.formats import batch_records, conversation_records, gateway_records, span_records
from tests.formats import test_azure_openai as azure
from tests.formats import test_bedrock as bedrock
from tests.formats import test_openai_responses as responses
from tests.formats.provider_records import (
    ANTHROPIC_REQUEST,
    ANTHROPIC_RESPONSE,
    AROUND,
    LITELLM,
    OPENAI_REQUEST,
    OPENAI_RESPONSE,
    STANDARD_LOGGING,
)
from workbench.formats.spans import plain


def _invocation(asked: Any, answer: Any) -> dict[str, Any]:
    """A record of Bedrock's log with these bodies."""
    record = bedrock.RECORD
    return record | {
        "input": record["input"] | {"inputBodyJson": asked},
        "output": record["output"] | {"outputBodyJson": answer},
    }


_FAILED: Final = {"error": {"type": "rate_limit_error", "code": "slow", "message": "Slow down."}}
RECORDS: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "openai": (
        AROUND
        | {"request": OPENAI_REQUEST | {"metadata": {"topic": "t"}}, "response": OPENAI_RESPONSE},
        AROUND | {"request": OPENAI_REQUEST, "response": _FAILED},
    ),
    "openai-responses": (
        AROUND | {"request": responses.REQUEST, "response": responses.RESPONSE},
        AROUND | {"request": responses.REQUEST, "response": responses.RESPONSE | _FAILED},
    ),
    "anthropic": (
        AROUND | {"request": ANTHROPIC_REQUEST, "response": ANTHROPIC_RESPONSE},
        AROUND | {"request": ANTHROPIC_REQUEST, "response": {"type": "error", **_FAILED}},
    ),
    "litellm": (LITELLM, STANDARD_LOGGING),
    "bedrock": (
        _invocation(bedrock.TITAN, bedrock.TITAN_ANSWER),
        _invocation(bedrock.LLAMA, bedrock.LLAMA_ANSWER | bedrock.METRICS),
        _invocation(bedrock.CONVERSE, bedrock.CONVERSE_ANSWER),
        _invocation(ANTHROPIC_REQUEST, bedrock.CLAUDE_ANSWER),
        _invocation(OPENAI_REQUEST, OPENAI_RESPONSE),
    ),
    "azure-openai": (azure.RECORD, azure.ROW),
    "anthropic-batch": (
        batch_records.anthropic_asked(1, params=ANTHROPIC_REQUEST),
        batch_records.anthropic_answered(1),
        batch_records.anthropic_answered(
            2,
            result={
                "type": "errored",
                "error": {
                    "type": "error",
                    "error": {"type": "invalid_request_error", "message": "max_tokens"},
                    "request_id": "req_2",
                },
            },
        ),
    ),
    "openai-batch": (
        batch_records.openai_asked(1),
        batch_records.openai_answered(1),
        batch_records.openai_expired(1),
    ),
    "langfuse": (
        gateway_records.LANGFUSE,
        gateway_records.warehouse_row(gateway_records.LANGFUSE),
        batch_records.generation(1, 1),
    ),
    "langfuse-trace": (batch_records.trace(1),),
    "opentelemetry": tuple(
        plain(each)
        for each in (
            span_records.CURRENT,
            span_records.STRUCTURED,
            span_records.IN_AN_EVENT,
            span_records.INDEXED,
            span_records.EVENTS,
            span_records.INFERENCE,
        )
    ),
    "helicone": (
        gateway_records.HELICONE,
        gateway_records.HELICONE | {"properties": {"Helicone-Session-Id": "s-2", "plan": "free"}},
    ),
    "portkey": (gateway_records.PORTKEY,),
    "wildchat": (conversation_records.WILDCHAT, conversation_records.WILDCHAT_FIRST),
    "lmsys": (conversation_records.LMSYS,),
    "sharegpt": (conversation_records.SHAREGPT,),
    "nginx-json": (gateway_records.NGINX | {"response_body": OPENAI_RESPONSE},),
}

_CHAT: Final = """
    request.model request.messages request.tools request.safety_identifier request.user
    request.prompt_cache_key request.metadata.topic request.store request.n request.seed
    request.temperature request.reasoning_effort request.max_completion_tokens
    response.choices[].message.content response.choices[].message.refusal
    response.choices[].message.tool_calls response.usage.prompt_tokens
    response.usage.completion_tokens response.usage.prompt_tokens_details.cached_tokens
    response.usage.completion_tokens_details.reasoning_tokens
"""
#: Fields that the makers' references name.
DOCUMENTED: Final[dict[str, str]] = {
    "openai": _CHAT + "response.id response.created request.service_tier response.service_tier",
    "openai-responses": """
        response.id response.created_at response.completed_at response.status request.instructions
        request.input response.output[].summary response.output[].content
        response.output[].encrypted_content request.previous_response_id request.conversation
        response.usage.input_tokens response.usage.output_tokens
        response.usage.output_tokens_details.reasoning_tokens request.store request.service_tier
    """,
    "openai-batch": _CHAT
    + "custom_id method url id response.status_code response.request_id error.code error.message",
    "anthropic": """
        request.metadata.user_id request.system request.messages request.tools request.thinking.type
        request.max_tokens request.service_tier response.id response.model response.content[].type
        response.stop_reason response.usage.input_tokens response.usage.output_tokens
        response.usage.cache_read_input_tokens response.usage.cache_creation_input_tokens
    """,
    "anthropic-batch": "custom_id result.type request.model response.content request.service_tier",
    "litellm": """
        request_id call_type api_key spend total_tokens prompt_tokens completion_tokens startTime
        endTime completionStartTime model model_id model_group custom_llm_provider api_base user
        metadata.user_api_key cache_hit cache_key request_tags team_id organization_id end_user
        requester_ip_address request.messages response.choices session_id status
    """,
    "langfuse": """
        id traceId type startTime endTime completionStartTime model modelParameters.temperature
        modelParameters.top_p input output usageDetails.input costDetails latency level
        statusMessage calculatedTotalCost totalCost promptName promptVersion metadata totalUsage
        internalModelId providedCostDetails usagePricingTierId toolCalls toolCallNames
    """,
    "langfuse-trace": "id userId sessionId metadata.plan tags totalCost latency release version",
    "helicone": """
        request_id request_created_at request_path request_user_id request_properties.plan
        request_model response_created_at response_status provider delay_ms time_to_first_token
        prompt_tokens completion_tokens country_code cost
    """,
    "opentelemetry": """
        startTimeUnixNano gen_ai.operation.name gen_ai.provider.name gen_ai.request.model
        gen_ai.response.model gen_ai.response.id gen_ai.conversation.id gen_ai.input.messages
        gen_ai.output.messages gen_ai.system_instructions gen_ai.usage.input_tokens
        gen_ai.usage.output_tokens user.id enduser.id client.address user_agent.original
        http.response.status_code tls.client.ja3 gen_ai.prompt gen_ai.completion server.address
        server.port gen_ai.request.top_p gen_ai.request.top_k gen_ai.request.seed
        gen_ai.output.type gen_ai.agent.name llm.input_messages.0.message.role llm.cost.total
    """,
    "portkey": """
        id trace_id created_at is_success ai_org ai_model req_units res_units total_units
        request_url cost response_time response_status_code mode metadata._user
    """,
    "bedrock": """
        schemaType timestamp accountId identity.arn region requestId operation modelId
        request.messages input.inputTokenCount response.content output.outputTokenCount
        input.inputBodyS3Path output.outputBodyS3Path
    """,
    "azure-openai": """
        time resourceId operationName category resultSignature durationMs callerIpAddress
        correlationId properties.requestTime properties.responseTime
        properties.modelDeploymentName properties.modelName properties.modelVersion
    """,
    "nginx-json": """
        time_iso8601 msec remote_addr http_x_forwarded_for http_user_agent status request_time
        request.messages http_referer body_bytes_sent upstream_response_time
    """,
    "wildchat": """
        conversation_hash model timestamp conversation[].content conversation[].role
        conversation[].timestamp conversation[].hashed_ip conversation[].header["user-agent"]
        conversation[].header["accept-language"] conversation[].country conversation[].state
        conversation[].turn_identifier turn toxic redacted
    """,
    "lmsys": """
        conversation_id model conversation[].role conversation[].content turn language
        openai_moderation redacted
    """,
    "sharegpt": "id conversations[].from conversations[].value system tools images",
}
