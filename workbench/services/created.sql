-- When the chosen accounts were created, as the log says: the earliest time given for each.
SELECT c.subject, min(e.account_created_us) AS created_us
FROM exchange AS e
INNER JOIN chosen AS c ON e.account_id = c.account_id
WHERE e.account_created_us IS NOT NULL
GROUP BY c.subject, c.account_id
ORDER BY c.subject, created_us
