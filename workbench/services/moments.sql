-- When each account signed up, and when it was first refused as suspended, as far as the log says.
SELECT
    a.kind || ':' || a.namespace || ':' || a.value AS account_key,
    s.signed_up_us,
    s.suspended_us
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
WHERE s.signed_up_us IS NOT NULL OR s.suspended_us IS NOT NULL
ORDER BY account_key
