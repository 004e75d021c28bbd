-- The tables that stand, in the order in which they were added.
SELECT added_id, kind, path, sha256, zone, columns, loaded, reach
FROM given.main.added
WHERE added_id IN ($live)
ORDER BY added_id
