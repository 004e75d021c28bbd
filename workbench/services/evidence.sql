-- Canonical rows of the chosen accounts (account_id, account_key, cluster_id) between two ids, as the
-- logs have them: a record is evidence of what it says, not of what a table beside it adds.
SELECT
    e.exchange_id,
    s.sha256 AS source_sha256,
    e.record_no,
    e.byte_offset,
    e.fate,
    c.account_key,
    c.cluster_id,
    e.request_id,
    e.ts_us AS ts,
    key.value AS account_id,
    org.value AS org_id,
    usr.value AS end_user,
    e.session_id,
    address.value AS ip,
    e.asn,
    e.country,
    agent.value AS user_agent,
    e.ja3,
    e.ja4,
    e.account_created_us AS account_created_at,
    e.email_domain,
    e.payment_hash,
    e.provider,
    e.endpoint,
    model.value AS model,
    e.status,
    e.error_type,
    e.stop_reason,
    e.stream,
    e.in_tok,
    e.out_tok,
    e.reasoning_tok,
    e.cached_tok,
    e.temperature,
    e.n,
    e.max_tok,
    e.logprobs,
    e.thinking,
    e.n_turns,
    e.tools,
    e.latency_ms,
    e.ttft_ms,
    system.value AS system,
    prompt.text AS prompt,
    e.completion,
    e.reasoning,
    e.dialogue,
    embedded.vector AS embedding,
    system.digest AS system_digest,
    prompt.digest AS prompt_digest,
    e.system_id,
    e.account_id AS account_code
FROM logged_exchange AS e
INNER JOIN chosen AS c ON e.account_id = c.account_id
INNER JOIN source AS s ON e.source_id = s.source_id
LEFT JOIN identity AS key ON e.key_id = key.identity_id
LEFT JOIN identity AS org ON e.org_id = org.identity_id
LEFT JOIN identity AS usr ON e.user_id = usr.identity_id
LEFT JOIN address ON e.address_id = address.address_id
LEFT JOIN agent ON e.agent_id = agent.agent_id
LEFT JOIN model ON e.model_id = model.model_id
LEFT JOIN system ON e.system_id = system.system_id
LEFT JOIN prompt ON e.prompt_id = prompt.prompt_id
LEFT JOIN prompt_embedding AS embedded ON e.prompt_id = embedded.prompt_id
WHERE e.exchange_id >= $low AND e.exchange_id < $high
ORDER BY e.exchange_id
