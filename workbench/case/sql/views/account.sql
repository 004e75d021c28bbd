-- Identities that some exchange has as its account; fallback: not of the level of the case.
SELECT identity_id AS account_id, kind, namespace, value, kind <> '$level' AS fallback
FROM identities
WHERE identity_id < $identities AND identity_id IN (SELECT account_id FROM logged_exchange)
