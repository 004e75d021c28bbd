-- Values of the organisations that exchanges name.
SELECT
    identity_id AS org_id,
    value AS org
FROM identity
WHERE kind = 'organisation'
ORDER BY identity_id
