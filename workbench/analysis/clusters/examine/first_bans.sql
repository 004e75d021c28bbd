-- When each account was first banned, as a table beside the log says.
SELECT account_id, MIN(at_us) AS first_us
FROM event
WHERE event = 'ban'
GROUP BY account_id
ORDER BY account_id
