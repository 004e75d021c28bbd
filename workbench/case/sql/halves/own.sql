-- Requests and results of one set with the same name.
SELECT a.kind, a.set_id AS asked_set, w.set_id AS answered_set, a.half_id AS asked, w.half_id AS answered
FROM named a JOIN named w USING (kind, set_id, key)
WHERE a.side = 1 AND w.side = 2 AND a.single AND w.single
