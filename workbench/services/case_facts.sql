-- The case as a whole.
SELECT
    count(*) AS n_exchanges,
    count(DISTINCT account_id) AS n_accounts,
    count(DISTINCT prompt_id) AS n_prompts,
    min(ts_us) AS first_us,
    max(ts_us) AS last_us,
    coalesce(max(exchange_id), 0) AS last_id
FROM exchange
