-- Halves of batches that stayed alone, by file, side and set.
SELECT source_id, kind, side, set_id, count(*), count(*) FILTER (WHERE NOT single)
FROM named
WHERE half_id NOT IN (SELECT first FROM pair) AND half_id NOT IN (SELECT second FROM pair)
GROUP BY ALL
ORDER BY ALL
