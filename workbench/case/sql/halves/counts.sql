-- What became of each file's halves.
SELECT
    source_id,
    count(*) FILTER (WHERE became = 'loaded'),
    count(*) FILTER (WHERE became = 'conflict'),
    count(*) FILTER (WHERE became = 'joined'),
    count(*) FILTER (WHERE became = 'rejected')
FROM (
    SELECT
        source_id,
        CASE
            WHEN half_id IN (SELECT second FROM pair) THEN 'joined'
            WHEN side = 3 AND (kind, key) IN (SELECT (kind, key) FROM half WHERE side = 4) THEN 'joined'
            WHEN side = 3 THEN 'rejected'
            WHEN fate = 1 THEN 'conflict'
            ELSE 'loaded'
        END AS became
    FROM half
)
GROUP BY source_id
ORDER BY source_id
