-- Every distinct prompt, in order, with the signature that is kept where its text was left out.
SELECT prompt_id, text, form
FROM prompt
ORDER BY prompt_id
