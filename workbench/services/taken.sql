-- What was delivered to the chosen accounts, by subject; NULL where no exchange says.
SELECT
    c.subject,
    count(*) AS n_exchanges,
    sum(e.in_tok)::BIGINT AS in_tok,
    sum(e.out_tok)::BIGINT AS out_tok,
    sum(e.reasoning_tok)::BIGINT AS reasoning_tok,
    count(DISTINCT e.prompt_id) AS n_prompts,
    count(e.stop_reason) AS n_stopped,
    count(*) FILTER (WHERE e.stop_reason IN ('refusal', 'content_filter')) AS n_refused,
    count(e.status) AS n_status,
    count(*) FILTER (WHERE e.status >= 400) AS n_failed,
    count(DISTINCT e.model_id) AS n_models
FROM exchange AS e
INNER JOIN chosen AS c ON e.account_id = c.account_id
GROUP BY c.subject
ORDER BY c.subject
