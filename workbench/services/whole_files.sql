-- Of each file of one import: its exchanges, and those that say whose they are.
SELECT
    source_id,
    count(*) AS n_exchanges,
    count(account_id) AS n_named
FROM logged_exchange
WHERE batch_id = $batch
GROUP BY source_id
