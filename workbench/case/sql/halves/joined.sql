-- The records that were joined to an exchange, one row for each exchange.
SELECT
    e.exchange_id, CAST($batch_id AS INTEGER) AS batch_id, h.source_id, h.record_no, h.byte_offset, h.mark_hi, h.mark_lo
FROM (
    SELECT first AS half_id, second AS joined FROM pair
    UNION ALL
    SELECT w.half_id, r.half_id FROM half r JOIN half w USING (kind, key) WHERE r.side = 3 AND w.side = 4
)
JOIN exchange_of e USING (half_id)
JOIN half h ON h.half_id = joined
ORDER BY e.exchange_id, h.half_id
