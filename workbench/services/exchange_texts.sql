-- All that was said in one exchange, each text cut; its whole length beside it, also of a text that
-- was left out, and why one is kept back.
SELECT
    substr(s.value, 1, $most) AS system,
    coalesce(length(s.value), s.n_characters) AS n_system,
    substr(p.text, 1, $most) AS prompt,
    coalesce(length(p.text), p.n_characters) AS n_prompt,
    substr(e.completion, 1, $most) AS completion,
    coalesce(length(e.completion), e.completion_length) AS n_completion,
    substr(e.reasoning, 1, $most) AS reasoning,
    coalesce(length(e.reasoning), e.reasoning_length) AS n_reasoning,
    e.dialogue,
    s.withheld AS why_system,
    p.withheld AS why_prompt,
    e.withheld AS why_exchange,
    a.kind || ':' || a.namespace || ':' || a.value AS account_key
FROM exchange AS e
LEFT JOIN identity AS a ON e.account_id = a.identity_id
LEFT JOIN system AS s ON e.system_id = s.system_id
LEFT JOIN prompt AS p ON e.prompt_id = p.prompt_id
WHERE e.exchange_id = $id
