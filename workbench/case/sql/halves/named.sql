-- Lines of batches by the set that they are of: the batch that a line names, else its file.
-- single: the only half of its side in the set that is called so.
SELECT
    half_id,
    source_id,
    kind,
    side,
    key,
    CASE WHEN batch IS NULL THEN 'file ' || source_id ELSE 'batch ' || batch END AS set_id,
    count(*) OVER (PARTITION BY kind, batch, CASE WHEN batch IS NULL THEN source_id END, side, key) = 1 AS single
FROM half
WHERE side IN (1, 2)
