-- Who each account is, by code.
SELECT
    account_id AS code,
    kind,
    namespace,
    value
FROM account
ORDER BY account_id
