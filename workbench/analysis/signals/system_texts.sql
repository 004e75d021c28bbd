SELECT system_id, value FROM system ORDER BY system_id
