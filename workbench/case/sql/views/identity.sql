-- Codes below zero are parent organisations that only an added table names.
SELECT identity_id, kind, namespace, value FROM identities WHERE identity_id < $identities
UNION ALL
SELECT org_id, 'organisation', namespace, value FROM organisation
