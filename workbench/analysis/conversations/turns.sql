-- Session and turn of every exchange that records one, and whether it has a dialogue, by id.
SELECT
    exchange_id,
    session_id,
    n_turns,
    dialogue IS NOT NULL AS told
FROM exchange
WHERE account_id IS NOT NULL AND (n_turns IS NOT NULL OR dialogue IS NOT NULL)
ORDER BY exchange_id
