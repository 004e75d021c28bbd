-- Every distinct prompt from one on, in order.
SELECT prompt_id, text
FROM prompt
WHERE prompt_id >= $first
ORDER BY prompt_id
