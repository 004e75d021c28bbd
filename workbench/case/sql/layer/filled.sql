-- What added tables say of each identity, and which of them: used where the log says nothing.
SELECT identity_id, 'created_at' AS field, CAST(created_at AS VARCHAR) AS value, created_by AS added_id
FROM fill WHERE created_by IS NOT NULL
UNION ALL
SELECT identity_id, 'email_domain', email_domain, email_domain_by
FROM fill WHERE email_domain_by IS NOT NULL
UNION ALL
SELECT identity_id, 'payment_hash', payment_hash, payment_hash_by
FROM fill WHERE payment_hash_by IS NOT NULL
UNION ALL
SELECT identity_id, 'parent_org', parent_org, org_by
FROM fill WHERE org_by IS NOT NULL
UNION ALL
SELECT identity_id, 'signup_address', signup_address, signup_address_by
FROM fill WHERE signup_address_by IS NOT NULL
UNION ALL
SELECT identity_id, 'plan', plan, plan_by
FROM fill WHERE plan_by IS NOT NULL
UNION ALL
SELECT identity_id, 'declared_use', declared_use, declared_use_by
FROM fill WHERE declared_use_by IS NOT NULL
ORDER BY ALL
