-- Chosen prompts, in order.
SELECT prompt.prompt_id, prompt.text
FROM prompt
JOIN chosen ON chosen.prompt_id = prompt.prompt_id
ORDER BY prompt.prompt_id
