SELECT system_id, value, asks FROM system ORDER BY system_id
