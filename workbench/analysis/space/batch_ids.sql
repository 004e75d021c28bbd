-- The imports, with their sizes.
SELECT
    batch_id,
    COUNT(*) AS n_exchanges
FROM exchange
GROUP BY batch_id
ORDER BY batch_id
