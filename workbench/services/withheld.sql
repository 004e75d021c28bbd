-- Exchanges of the chosen accounts whose texts are kept back: read after a reveal, in quarantine.
SELECT
    count(*) FILTER (WHERE e.withheld = 1) AS hidden,
    count(*) FILTER (WHERE e.withheld = 2) AS quarantined
FROM exchange AS e
INNER JOIN chosen AS c ON e.account_id = c.account_id
