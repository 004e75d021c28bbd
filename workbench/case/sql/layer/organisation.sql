-- Parent organisations that no log names: they get codes below zero, which no identity has.
SELECT
    CAST(-row_number() OVER (ORDER BY namespace, value) AS INTEGER) AS org_id,
    namespace,
    value
FROM (
    SELECT DISTINCT s.namespace, s.parent_org AS value
    FROM said AS s
    WHERE s.parent_org IS NOT NULL
    AND NOT EXISTS (
        SELECT 1
        FROM identities AS i
        WHERE i.kind = 'organisation'
        AND i.namespace = s.namespace
        AND i.value = s.parent_org
        AND i.identity_id < $identities
    )
)
