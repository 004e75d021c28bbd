-- What the case knows as names of the chosen accounts, so that no text that leaves holds them.
SELECT DISTINCT
    key.value AS account_id,
    org.value AS org_id,
    usr.value AS end_user,
    e.email_domain
FROM logged_exchange AS e
INNER JOIN chosen AS c ON e.account_id = c.account_id
LEFT JOIN identity AS key ON e.key_id = key.identity_id
LEFT JOIN identity AS org ON e.org_id = org.identity_id
LEFT JOIN identity AS usr ON e.user_id = usr.identity_id
