-- Every value of identity and infrastructure that an account has shown, once.
SELECT DISTINCT account_id, kind, value FROM (
    SELECT e.account_id, 'address' AS kind, a.value AS value
    FROM exchange e JOIN address a ON a.address_id = e.address_id
    UNION ALL
    SELECT e.account_id, 'organisation' AS kind, i.value AS value
    FROM exchange e JOIN identity i ON i.identity_id = e.org_id
    UNION ALL
    SELECT e.account_id, 'agent' AS kind, g.value AS value
    FROM exchange e JOIN agent g ON g.agent_id = e.agent_id
    UNION ALL
    SELECT account_id, 'payment' AS kind, payment_hash AS value
    FROM exchange WHERE payment_hash IS NOT NULL
    UNION ALL
    SELECT account_id, 'domain' AS kind, email_domain AS value
    FROM exchange WHERE email_domain IS NOT NULL
    UNION ALL
    SELECT account_id, 'ja3' AS kind, ja3 AS value FROM exchange WHERE ja3 IS NOT NULL
    UNION ALL
    SELECT account_id, 'ja4' AS kind, ja4 AS value FROM exchange WHERE ja4 IS NOT NULL
    UNION ALL
    SELECT account_id, 'asn' AS kind, CAST(asn AS VARCHAR) AS value
    FROM exchange WHERE asn IS NOT NULL
) AS shown
WHERE account_id IS NOT NULL
ORDER BY kind, value, account_id
