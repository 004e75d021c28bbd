-- The exchanges that halves make, in the order in which the first of them was read, with what
-- records around others say of them. Texts are elsewhere: these rows are small.
SELECT h.half_id, p.second AS other_id, h.source_id, h.fate, h.mark_hi, h.mark_lo, h.side, $filled
FROM half h
LEFT JOIN pair p ON p.first = h.half_id
LEFT JOIN around t ON h.side = 4 AND t.kind = h.kind AND t.key = h.key
WHERE h.side <> 3 AND h.half_id NOT IN (SELECT second FROM pair)
ORDER BY h.half_id
