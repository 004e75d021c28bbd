-- Which system prompt each exchange of an account was sent with.
SELECT exchange_id, system_id
FROM exchange
WHERE system_id IS NOT NULL AND account_id IS NOT NULL
ORDER BY exchange_id
