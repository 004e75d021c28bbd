-- Dialogues of exchanges of an account, some ids at a time: the sort stays small.
SELECT
    exchange_id,
    dialogue
FROM exchange
WHERE account_id IS NOT NULL AND dialogue IS NOT NULL AND exchange_id >= $low AND exchange_id < $high
ORDER BY exchange_id
