-- Sets of requests and sets of results that have names in common: shared of them, of the answered
-- ones that the set of results has. Two batches that are named, differently, are two batches.
SELECT kind, asked_set, answered_set, shared, answered
FROM (
    SELECT a.kind, a.set_id AS asked_set, w.set_id AS answered_set, count(*) AS shared
    FROM apart a JOIN apart w USING (kind, key)
    WHERE
        a.side = 1 AND w.side = 2 AND NOT a.common AND NOT w.common
        AND NOT (starts_with(a.set_id, 'batch ') AND starts_with(w.set_id, 'batch '))
    GROUP BY ALL
)
JOIN (
    SELECT kind, set_id AS answered_set, count(*) AS answered FROM apart WHERE side = 2 GROUP BY ALL
) USING (kind, answered_set)
ORDER BY ALL
