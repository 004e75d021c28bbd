-- What one exchange is, for the pointer on the map.
SELECT
    e.exchange_id,
    e.ts_us,
    a.kind || ':' || a.namespace || ':' || a.value AS account_key,
    a.value AS account,
    m.value AS model,
    CASE WHEN p.prompt_id IS NOT NULL
        THEN coalesce(substr(p.text, 1, $most), CASE p.withheld
        WHEN 1 THEN '(prompts of this case are read after a reveal)'
        WHEN 2 THEN '(in quarantine)'
        ELSE '(text left out at the door)'
    END)
    END AS text
FROM exchange AS e
LEFT JOIN account AS a ON a.account_id = e.account_id
LEFT JOIN model AS m ON m.model_id = e.model_id
LEFT JOIN prompt AS p ON p.prompt_id = e.prompt_id
WHERE e.exchange_id = $id
