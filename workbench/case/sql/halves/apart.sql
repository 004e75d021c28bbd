-- The names of each set that holds one side only. Where a name is in so many sets that it tells
-- none from another, it is left out of what is compared (common).
SELECT kind, set_id, side, key, count(*) OVER (PARTITION BY kind, side, key) > $most AS common
FROM (
    SELECT DISTINCT kind, set_id, side, key FROM named
    WHERE (kind, set_id) NOT IN (SELECT (kind, asked_set) FROM own)
)
