-- What a table says of chosen exchanges; their times and accounts are published.
SELECT
    e.exchange_id,
    m.value AS model,
    e.status,
    e.in_tok,
    e.out_tok
FROM exchange AS e
LEFT JOIN model AS m ON e.model_id = m.model_id
WHERE e.exchange_id IN (SELECT unnest($ids))
ORDER BY e.exchange_id
