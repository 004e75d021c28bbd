-- When each account first met each kind of error.
SELECT account_id, error_type, MIN(ts_us) AS first_us
FROM exchange
WHERE account_id IS NOT NULL AND error_type IS NOT NULL AND ts_us IS NOT NULL
GROUP BY account_id, error_type
ORDER BY account_id, error_type
