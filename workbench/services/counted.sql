-- Exchanges of the case in spans of time that a provider counted, and how many of them failed.
-- The column of the identity stands for its kind: key_id, user_id or org_id.
SELECT
    c.number,
    count(e.exchange_id) AS held,
    count(e.exchange_id) FILTER (WHERE e.status >= 400) AS failed
FROM counted AS c
INNER JOIN identity AS i ON i.kind = c.kind AND i.value = c.value
INNER JOIN logged_exchange AS e
    ON e.key_id = i.identity_id AND e.ts_us >= c.start_us AND e.ts_us < c.end_us
GROUP BY c.number
ORDER BY c.number
