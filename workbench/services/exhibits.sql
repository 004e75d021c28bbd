-- Where chosen exchanges were read and what they asked.
SELECT
    e.exchange_id,
    account.value AS account,
    e.ts_us,
    s.path,
    e.record_no,
    substring(prompt.text, 1, $most) AS text,
    length(prompt.text) AS n_characters
FROM exchange AS e
INNER JOIN source AS s ON e.source_id = s.source_id
LEFT JOIN identity AS account ON e.account_id = account.identity_id
LEFT JOIN prompt ON e.prompt_id = prompt.prompt_id
WHERE e.exchange_id IN (SELECT unnest($ids))
ORDER BY e.exchange_id
