-- When each account was created, as the log says first.
SELECT account_id, MIN(account_created_us) AS created_us
FROM exchange
WHERE account_created_us IS NOT NULL AND account_id IS NOT NULL
GROUP BY account_id
ORDER BY account_id
