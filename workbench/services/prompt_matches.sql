-- Prompts that hold a text, whatever its case.
SELECT prompt_id
FROM prompt
WHERE contains(lower(text), lower($text))
