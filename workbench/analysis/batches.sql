-- What the case holds, per closed batch: whatever changes here makes every stage stale.
-- The sum of account codes changes when the case takes another identity level as "account".
SELECT
    batch_id,
    COUNT(*) AS n_exchanges,
    MIN(exchange_id) AS first_id,
    MAX(exchange_id) AS last_id,
    CAST(SUM(account_id) AS BIGINT) AS account_codes,
    COUNT(prompt_id) AS n_prompts
FROM exchange
GROUP BY batch_id
ORDER BY batch_id
