-- What happened to accounts: an event of a key, user or organisation is one of every account that
-- it has sent with.
WITH named AS (
    SELECT DISTINCT account_id, unnest([account_id, key_id, user_id, org_id]) AS identity_id
    FROM (
        SELECT DISTINCT $account AS account_id, key_id, user_id, org_id
        FROM exchanges
        WHERE exchange_id < $exchanges
    )
    WHERE account_id IS NOT NULL
)
SELECT DISTINCT n.account_id, epoch_us(r.happened_at) AS at_us, r.event, r.detail, r.added_id
FROM added_events AS r
INNER JOIN identities AS i
    ON i.value = r.value
    AND i.kind = CASE WHEN r.kind = '' THEN '$level' ELSE r.kind END
    AND (r.namespace IS NULL OR i.namespace = r.namespace)
INNER JOIN named AS n ON n.identity_id = i.identity_id
WHERE i.identity_id < $identities AND r.added_id IN ($live)
ORDER BY ALL
