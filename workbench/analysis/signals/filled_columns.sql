-- How many exchanges of accounts have a value in each column that a signal may need.
SELECT
    COUNT(*) AS exchanges,
    COUNT(ts_us) AS ts,
    COUNT(prompt_id) AS prompt,
    COUNT(address_id) AS ip,
    COUNT(payment_hash) AS payment_hash,
    COUNT(email_domain) AS email_domain,
    COUNT(ja3) AS ja3,
    COUNT(ja4) AS ja4,
    COUNT(agent_id) AS user_agent,
    COUNT(account_created_us) AS account_created_at,
    COUNT(model_id) AS model,
    COUNT(out_tok) AS out_tok,
    COUNT(reasoning_tok) AS reasoning_tok,
    COUNT(temperature) AS temperature,
    COUNT(n) AS n,
    COUNT(max_tok) AS max_tok,
    COUNT(logprobs) AS logprobs,
    COUNT(thinking) AS thinking,
    COUNT(stop_reason) AS stop_reason,
    COUNT(error_type) AS error_type,
    COUNT(completion) + COUNT(completion_length) AS completion
FROM exchange
WHERE account_id IS NOT NULL
