-- Texts of a page of prompts, cut to what a table can show; the whole length beside them.
SELECT
    prompt_id,
    substr(text, 1, $most) AS text,
    length(text) AS n_characters
FROM prompt
WHERE prompt_id IN (SELECT unnest($ids))
ORDER BY prompt_id
