-- What was added beside the logs, in its order: whatever changes here makes the stages stale that
-- read what it fills.
SELECT kind, sha256, zone, columns, loaded, reach FROM added ORDER BY added_id
