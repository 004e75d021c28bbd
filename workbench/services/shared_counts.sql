-- How many exchanges of the chosen accounts each log holds, and how many of them have a prompt.
SELECT
    s.sha256,
    count(*) AS n_exchanges,
    count(e.prompt_id) AS n_prompts
FROM logged_exchange AS e
INNER JOIN chosen AS c ON e.account_id = c.account_id
INNER JOIN source AS s ON e.source_id = s.source_id
GROUP BY s.sha256
ORDER BY s.sha256
