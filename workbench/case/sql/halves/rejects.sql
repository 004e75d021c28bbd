-- Records around others of which none is here.
SELECT half_id, source_id
FROM half
WHERE side = 3 AND (kind, key) NOT IN (SELECT (kind, key) FROM half WHERE side = 4)
ORDER BY half_id
