-- For each identity what fills its NULLs: in each column the table added first that says something,
-- and its number.
WITH first_said AS (
    SELECT
        identity_id,
        kind,
        namespace,
        arg_min(created_at, added_id) FILTER (created_at IS NOT NULL) AS created_at,
        min(added_id) FILTER (created_at IS NOT NULL) AS created_by,
        arg_min(email_domain, added_id) FILTER (email_domain IS NOT NULL) AS email_domain,
        min(added_id) FILTER (email_domain IS NOT NULL) AS email_domain_by,
        arg_min(payment_hash, added_id) FILTER (payment_hash IS NOT NULL) AS payment_hash,
        min(added_id) FILTER (payment_hash IS NOT NULL) AS payment_hash_by,
        arg_min(parent_org, added_id) FILTER (parent_org IS NOT NULL) AS parent_org,
        min(added_id) FILTER (parent_org IS NOT NULL) AS org_by,
        arg_min(signup_address, added_id) FILTER (signup_address IS NOT NULL) AS signup_address,
        min(added_id) FILTER (signup_address IS NOT NULL) AS signup_address_by,
        arg_min(plan, added_id) FILTER (plan IS NOT NULL) AS plan,
        min(added_id) FILTER (plan IS NOT NULL) AS plan_by,
        arg_min(declared_use, added_id) FILTER (declared_use IS NOT NULL) AS declared_use,
        min(added_id) FILTER (declared_use IS NOT NULL) AS declared_use_by
    FROM said
    GROUP BY identity_id, kind, namespace
),
known AS (
    SELECT identity_id AS org_id, namespace, value
    FROM identities
    WHERE kind = 'organisation' AND identity_id < $identities
    UNION ALL
    SELECT org_id, namespace, value FROM organisation
)
SELECT
    f.identity_id,
    f.kind,
    f.created_at,
    f.created_by,
    f.email_domain,
    f.email_domain_by,
    f.payment_hash,
    f.payment_hash_by,
    f.parent_org,
    k.org_id,
    f.org_by,
    f.signup_address,
    f.signup_address_by,
    f.plan,
    f.plan_by,
    f.declared_use,
    f.declared_use_by
FROM first_said AS f
LEFT JOIN known AS k ON k.namespace = f.namespace AND k.value = f.parent_org
ORDER BY f.identity_id
