-- Words that prompts share at their ends, where their texts were left out.
SELECT token, word
FROM shared_word
ORDER BY token
