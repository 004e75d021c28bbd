SELECT prompt_id, text, digest, $form AS form, $ends AS ends, $embedded AS embedded, $asks AS asks, $n_characters AS n_characters,
    CAST(NULL AS UTINYINT) AS withheld
FROM prompts WHERE prompt_id < $prompts
