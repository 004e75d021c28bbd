-- Requests and results of two sets that may be of one batch, with the same name.
SELECT c.kind, c.asked_set, c.answered_set, a.half_id AS asked, w.half_id AS answered
FROM candidate c
JOIN named a ON a.kind = c.kind AND a.set_id = c.asked_set AND a.side = 1 AND a.single
JOIN named w ON w.kind = c.kind AND w.set_id = c.answered_set AND w.side = 2 AND w.single AND w.key = a.key
