-- What added tables say happened to an account, in order of time.
SELECT
    '' AS kind,
    event AS field,
    strftime(make_timestamp(at_us), '%Y-%m-%d %H:%M:%S UTC') || coalesce(', ' || detail, '') AS value,
    added_id
FROM event
WHERE account_id = $account
ORDER BY at_us, event, added_id
