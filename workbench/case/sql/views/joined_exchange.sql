-- The same exchange, logged by another system, or its other half: where that record lies.
SELECT exchange_id, batch_id, source_id, record_no, byte_offset
FROM joined
WHERE source_id < $sources
