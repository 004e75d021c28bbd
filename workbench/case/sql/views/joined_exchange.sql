-- The same exchange, logged by another system: where that record lies.
SELECT exchange_id, batch_id, source_id, record_no, byte_offset
FROM joined
WHERE source_id < $sources
