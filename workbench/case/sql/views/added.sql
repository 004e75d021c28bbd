-- The tables that were added and stand, in that order.
SELECT added_id, kind, path, sha256, zone, columns, loaded, reach FROM memory.main.$added_table
