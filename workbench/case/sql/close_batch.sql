-- From here on readers see the batch: the counts say how far. The row of the open batch is deleted
-- in the same transaction; an UPDATE would keep DuckDB from a checkpoint while anybody reads.
INSERT INTO batches
SELECT
    batch_id,
    'closed',
    opened_us,
    $closed_us,
    frame,
    options,
    $exchanges,
    $sources,
    $identities,
    $prompts,
    $systems,
    $models,
    $agents,
    $addresses
FROM batches
WHERE batch_id = $batch_id
