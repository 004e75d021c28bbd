-- Chosen prompts with the vectors that logs brought for them, NULL where there is none of that length.
SELECT
    prompt.prompt_id,
    CASE WHEN len(prompt_embedding.vector) = $length THEN prompt_embedding.vector END AS vector
FROM prompt
JOIN chosen ON chosen.prompt_id = prompt.prompt_id
LEFT JOIN prompt_embedding ON prompt_embedding.prompt_id = prompt.prompt_id
ORDER BY prompt.prompt_id
