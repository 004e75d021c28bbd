-- What added tables say of an account and of the user and organisation it has sent for, and which;
-- used: some exchange of the account is filled from one, because its log says nothing there.
WITH own AS (
    SELECT e.*
    FROM exchange AS e
    INNER JOIN account AS a ON a.account_id = e.account_id
    WHERE a.kind = $kind AND a.namespace = $namespace AND a.value = $value
),
needed AS (
    SELECT
        count(account_created_by) > 0 AS created_at,
        count(email_domain_by) > 0 AS email_domain,
        count(payment_hash_by) > 0 AS payment_hash,
        count(org_by) > 0 AS parent_org
    FROM own
)
SELECT
    i.kind,
    f.field,
    f.value,
    f.added_id,
    CASE f.field
        WHEN 'created_at' THEN n.created_at
        WHEN 'email_domain' THEN n.email_domain
        WHEN 'payment_hash' THEN n.payment_hash
        WHEN 'parent_org' THEN n.parent_org
        ELSE true
    END AS used
FROM (SELECT DISTINCT unnest([account_id, key_id, user_id, org_id]) AS identity_id FROM own) AS who
INNER JOIN filled AS f ON f.identity_id = who.identity_id
INNER JOIN identity AS i ON i.identity_id = f.identity_id
CROSS JOIN needed AS n
ORDER BY f.added_id, i.kind, i.identity_id, f.field
