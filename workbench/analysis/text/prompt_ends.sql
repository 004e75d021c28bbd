-- Every distinct prompt, in order, with the ends that are kept where its text was left out.
SELECT prompt_id, text, ends
FROM prompt
ORDER BY prompt_id
