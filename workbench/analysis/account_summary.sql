-- One row an account that sent at least one exchange, by code. Sums are integers.
SELECT
    e.account_id AS code,
    MAX(e.org_id) AS org_id,
    COUNT(DISTINCT e.org_id) AS n_orgs,
    COUNT(*) AS n_exchanges,
    COUNT(DISTINCT e.prompt_id) AS n_prompts,
    MIN(e.ts_us) AS first_us,
    MAX(e.ts_us) AS last_us,
    CAST(SUM(e.in_tok) AS BIGINT) AS in_tok,
    CAST(SUM(e.out_tok) AS BIGINT) AS out_tok,
    CAST(SUM(e.reasoning_tok) AS BIGINT) AS reasoning_tok
FROM exchange AS e
WHERE e.account_id IS NOT NULL
GROUP BY e.account_id
ORDER BY e.account_id
