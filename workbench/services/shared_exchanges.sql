-- What a share edition reads of the exchanges of the chosen accounts between two ids: no text, no
-- name, no place in a file. What is not selected here cannot leave.
SELECT
    e.exchange_id,
    s.sha256 AS source_sha256,
    c.account_key,
    c.cluster_id,
    e.ts_us // 3600000000 * 3600000000 AS ts,
    prompt.digest AS prompt_digest
FROM logged_exchange AS e
INNER JOIN chosen AS c ON e.account_id = c.account_id
INNER JOIN source AS s ON e.source_id = s.source_id
LEFT JOIN prompt ON e.prompt_id = prompt.prompt_id
WHERE e.exchange_id >= $low AND e.exchange_id < $high
ORDER BY e.exchange_id
