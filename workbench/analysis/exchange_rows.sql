-- Every exchange that has an account, in the order of its id: the sort is done in numpy.
SELECT
    exchange_id,
    account_id,
    prompt_id,
    ts_us
FROM exchange
WHERE account_id IS NOT NULL
ORDER BY exchange_id
