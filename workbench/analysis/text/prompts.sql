-- Every distinct prompt from one on, in order, with the vector that is kept where its text was left
-- out.
SELECT prompt_id, text, embedded
FROM prompt
WHERE prompt_id >= $first
ORDER BY prompt_id
