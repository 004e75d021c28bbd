-- Every exchange that asks one of some prompts.
SELECT
    e.exchange_id,
    e.account_id
FROM logged_exchange AS e
WHERE e.prompt_id IN (SELECT prompt_id FROM asked)
ORDER BY e.exchange_id
