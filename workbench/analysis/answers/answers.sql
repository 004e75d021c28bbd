-- What came back of each exchange of an account, some ids at a time: the sort stays small.
SELECT
    exchange_id,
    model_id,
    status,
    error_type,
    stop_reason,
    in_tok,
    out_tok,
    reasoning_tok,
    cached_tok,
    COALESCE(completion_length, LENGTH(completion)) AS length,
    SUBSTRING(completion, 1, 1000) AS head,
    completion_form,
    completion_refuses
FROM exchange
WHERE account_id IS NOT NULL AND exchange_id >= $low AND exchange_id < $high
ORDER BY exchange_id
