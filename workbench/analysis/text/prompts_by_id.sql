-- Chosen prompts, in order, with what is kept where a text was left out.
SELECT prompt.prompt_id, prompt.text, prompt.embedded, prompt.ends
FROM prompt
JOIN chosen ON chosen.prompt_id = prompt.prompt_id
ORDER BY prompt.prompt_id
