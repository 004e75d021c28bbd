-- What added tables say happened to an account, in order of time.
SELECT
    '' AS kind,
    e.event AS field,
    strftime(make_timestamp(e.at_us), '%Y-%m-%d %H:%M:%S UTC') || coalesce(', ' || e.detail, '')
        AS value,
    e.added_id,
    true AS used
FROM event AS e
INNER JOIN account AS a ON a.account_id = e.account_id
WHERE a.kind = $kind AND a.namespace = $namespace AND a.value = $value
ORDER BY e.at_us, e.event, e.added_id
