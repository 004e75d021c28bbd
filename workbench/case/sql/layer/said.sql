-- What each added table says of each identity of the case. Where rows of one table differ in a
-- column, it says nothing there: nobody can know which of them holds.
SELECT
    i.identity_id,
    i.kind,
    i.namespace,
    r.added_id,
    CASE WHEN min(r.created_at) = max(r.created_at) THEN min(r.created_at) END AS created_at,
    CASE WHEN min(r.email_domain) = max(r.email_domain) THEN min(r.email_domain) END AS email_domain,
    CASE WHEN min(r.payment_hash) = max(r.payment_hash) THEN min(r.payment_hash) END AS payment_hash,
    CASE WHEN min(r.parent_org) = max(r.parent_org) THEN min(r.parent_org) END AS parent_org,
    CASE WHEN min(r.signup_address) = max(r.signup_address) THEN min(r.signup_address) END
        AS signup_address,
    CASE WHEN min(r.plan) = max(r.plan) THEN min(r.plan) END AS plan,
    CASE WHEN min(r.declared_use) = max(r.declared_use) THEN min(r.declared_use) END AS declared_use
FROM added_accounts AS r
INNER JOIN identities AS i
    ON i.value = r.value
    AND i.kind = CASE WHEN r.kind = '' THEN '$level' ELSE r.kind END
    AND (r.namespace IS NULL OR i.namespace = r.namespace)
WHERE i.identity_id < $identities AND r.added_id IN ($live)
GROUP BY i.identity_id, i.kind, i.namespace, r.added_id
