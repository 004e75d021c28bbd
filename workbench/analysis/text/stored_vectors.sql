-- Every prompt with the vector that a log brought for it, NULL where there is none of that length.
SELECT
    prompt.prompt_id,
    CASE WHEN len(prompt_embedding.vector) = $length THEN prompt_embedding.vector END AS vector
FROM prompt
LEFT JOIN prompt_embedding ON prompt_embedding.prompt_id = prompt.prompt_id
ORDER BY prompt.prompt_id
