-- Sets of results that may all be of one set of requests, and answer one of them twice.
SELECT DISTINCT c.kind, c.asked_set, c.answered_set, d.answered_set AS other_set
FROM candidate c
JOIN candidate d ON d.kind = c.kind AND d.asked_set = c.asked_set AND d.answered_set > c.answered_set
JOIN apart x ON x.kind = c.kind AND x.set_id = c.answered_set AND x.side = 2 AND NOT x.common
JOIN apart y ON y.kind = d.kind AND y.set_id = d.answered_set AND y.side = 2 AND y.key = x.key
ORDER BY ALL
