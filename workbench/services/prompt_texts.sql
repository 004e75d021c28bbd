-- Texts of a page of prompts, cut to what a table can show; the whole length beside them, and why
-- one is kept back.
SELECT
    p.prompt_id,
    coalesce(substr(p.text, 1, $most), CASE p.withheld
        WHEN 1 THEN '(prompts of this case are read after a reveal)'
        WHEN 2 THEN '(in quarantine)'
        ELSE '(text left out at the door)'
    END) AS text,
    coalesce(length(p.text), p.n_characters) AS n_characters,
    p.withheld
FROM prompt AS p
WHERE p.prompt_id IN (SELECT unnest($ids))
ORDER BY p.prompt_id
