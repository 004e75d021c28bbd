-- Prompts are dense from 0, so this is also their number.
SELECT COALESCE(MAX(prompt_id) + 1, 0) AS n
FROM prompt
