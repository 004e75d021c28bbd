-- Where chosen exchanges were read and what they asked.
SELECT
    e.exchange_id,
    e.account_id AS code,
    account.value AS account,
    e.ts_us,
    s.path,
    e.record_no,
    CASE WHEN prompt.prompt_id IS NOT NULL
        THEN coalesce(substring(prompt.text, 1, $most), CASE prompt.withheld
        WHEN 1 THEN '(prompts of this case are read after a reveal)'
        WHEN 2 THEN '(in quarantine)'
        ELSE '(text left out at the door)'
    END)
    END AS text,
    prompt.digest,
    length(prompt.text) AS n_characters,
    prompt.withheld
FROM exchange AS e
INNER JOIN source AS s ON e.source_id = s.source_id
LEFT JOIN identity AS account ON e.account_id = account.identity_id
LEFT JOIN prompt ON e.prompt_id = prompt.prompt_id
WHERE e.exchange_id IN (SELECT unnest($ids))
ORDER BY e.exchange_id
