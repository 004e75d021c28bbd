-- The digest of each prompt, by its id.
SELECT
    prompt_id,
    digest
FROM prompt
ORDER BY prompt_id
