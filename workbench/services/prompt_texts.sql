-- Texts of a page of prompts, cut to what a table can show; the whole length beside them.
SELECT
    prompt_id,
    coalesce(substr(text, 1, $most), '(text left out at the door)') AS text,
    coalesce(length(text), n_characters) AS n_characters
FROM prompt
WHERE prompt_id IN (SELECT unnest($ids))
ORDER BY prompt_id
