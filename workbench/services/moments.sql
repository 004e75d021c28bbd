-- When each account signed up, and when it was first suspended: as the log says, by refusing it, or,
-- where it says nothing, as an added table does.
SELECT
    a.kind || ':' || a.namespace || ':' || a.value AS account_key,
    s.signed_up_us,
    coalesce(s.suspended_us, b.suspended_us) AS suspended_us
FROM (
    SELECT
        account_id,
        min(account_created_us) AS signed_up_us,
        min(ts_us) FILTER (
            WHERE error_type ILIKE '%suspend%'
            OR error_type ILIKE '%deactivat%'
            OR error_type ILIKE '%banned%'
        ) AS suspended_us
    FROM exchange
    GROUP BY account_id
) AS s
INNER JOIN account AS a ON a.account_id = s.account_id
LEFT JOIN (
    SELECT account_id, min(at_us) AS suspended_us FROM event WHERE event = 'ban' GROUP BY account_id
) AS b ON b.account_id = s.account_id
WHERE s.signed_up_us IS NOT NULL OR s.suspended_us IS NOT NULL OR b.suspended_us IS NOT NULL
ORDER BY account_key
