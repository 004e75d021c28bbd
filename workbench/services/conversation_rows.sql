-- The beginning of what was asked in chosen exchanges, and when.
SELECT
    e.exchange_id,
    e.ts_us,
    CASE WHEN p.prompt_id IS NOT NULL
        THEN coalesce(substr(p.text, 1, $most), CASE p.withheld
        WHEN 1 THEN '(prompts of this case are read after a reveal)'
        WHEN 2 THEN '(in quarantine)'
        ELSE '(text left out at the door)'
    END)
    END AS prompt
FROM exchange AS e
LEFT JOIN prompt AS p ON p.prompt_id = e.prompt_id
WHERE e.exchange_id IN (SELECT unnest($ids))
