-- Vectors of given texts, by exact text.
SELECT asked.position, prompt_embedding.vector
FROM asked
JOIN prompt ON prompt.text = asked.text
JOIN prompt_embedding ON prompt_embedding.prompt_id = prompt.prompt_id
WHERE len(prompt_embedding.vector) = $length
ORDER BY asked.position
