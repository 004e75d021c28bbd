-- All that was said in one exchange, each text cut; its whole length beside it.
SELECT
    substr(s.value, 1, $most) AS system,
    length(s.value) AS n_system,
    substr(p.text, 1, $most) AS prompt,
    length(p.text) AS n_prompt,
    substr(e.completion, 1, $most) AS completion,
    length(e.completion) AS n_completion,
    substr(e.reasoning, 1, $most) AS reasoning,
    length(e.reasoning) AS n_reasoning
FROM exchange AS e
LEFT JOIN system AS s ON e.system_id = s.system_id
LEFT JOIN prompt AS p ON e.prompt_id = p.prompt_id
WHERE e.exchange_id = $id
