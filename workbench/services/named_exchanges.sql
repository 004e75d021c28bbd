-- Exchanges that are named one by one, or by the accounts that sent them, and what they carry.
SELECT
    e.exchange_id,
    e.prompt_id,
    e.system_id,
    e.account_id
FROM logged_exchange AS e
WHERE e.exchange_id IN (SELECT unnest(CAST($ids AS BIGINT[])))
    OR e.account_id IN (
        SELECT i.identity_id
        FROM identity AS i
        INNER JOIN named AS n ON n.account_key = i.kind || ':' || i.namespace || ':' || i.value
    )
ORDER BY e.exchange_id
