-- Every exchange of one import, in the order of its id.
SELECT
    exchange_id,
    account_id,
    prompt_id,
    ts_us
FROM exchange
WHERE batch_id = $batch_id
ORDER BY exchange_id
