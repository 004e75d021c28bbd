-- Prompts, and what they ask for where their texts were left out.
SELECT prompt_id, text, asks FROM prompt ORDER BY prompt_id
