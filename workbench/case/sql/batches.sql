-- Closed batches: the frame as it now stands, and the fates of the records of their files.
SELECT
    b.batch_id,
    b.opened_us,
    b.closed_us,
    coalesce(
        (SELECT arg_max(f.frame, f.rowid) FROM frames f WHERE f.batch_id = b.batch_id), b.frame
    ) AS frame,
    b.options,
    CAST(coalesce(sum(s.loaded), 0) AS BIGINT),
    CAST(coalesce(sum(s.joined), 0) AS BIGINT),
    CAST(coalesce(sum(s.rejected), 0) AS BIGINT),
    CAST(coalesce(sum(s.blank), 0) AS BIGINT),
    CAST(coalesce(sum(s.duplicate), 0) AS BIGINT),
    CAST(coalesce(sum(s.conflict), 0) AS BIGINT),
    CAST(coalesce(sum(s.header), 0) AS BIGINT),
    CAST(coalesce(sum(s.coerced), 0) AS BIGINT)
FROM batches b
LEFT JOIN sources s USING (batch_id)
WHERE b.state = 'closed'
GROUP BY ALL
ORDER BY b.batch_id
