-- What added tables say of an account and of the user and organisation it has sent for, and which.
SELECT i.kind, f.field, f.value, f.added_id
FROM (
    SELECT DISTINCT unnest([e.account_id, e.key_id, e.user_id, e.org_id]) AS identity_id
    FROM logged_exchange AS e
    INNER JOIN account AS a ON a.account_id = e.account_id
    WHERE a.kind = $kind AND a.namespace = $namespace AND a.value = $value
) AS own
INNER JOIN filled AS f ON f.identity_id = own.identity_id
INNER JOIN identity AS i ON i.identity_id = f.identity_id
ORDER BY f.added_id, i.kind, i.identity_id, f.field
