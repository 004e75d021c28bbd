-- From here on readers see the batch: the counts say how far.
UPDATE batches
SET
    state = 'closed',
    closed_us = $closed_us,
    exchanges = $exchanges,
    sources = $sources,
    identities = $identities,
    prompts = $prompts,
    systems = $systems,
    models = $models,
    agents = $agents,
    addresses = $addresses
WHERE batch_id = $batch_id
