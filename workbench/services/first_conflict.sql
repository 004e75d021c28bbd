-- The first record of a file that is in conflict, and the one before it in the file of which it
-- says otherwise; no row where that one lies in another file.
WITH later AS (
    SELECT
        record_no,
        request_id
    FROM logged_exchange
    WHERE source_id = $source AND fate = $conflict
    ORDER BY record_no
    LIMIT 1
)

SELECT
    min(earlier.record_no) AS first_no,
    later.record_no AS second_no
FROM later
INNER JOIN logged_exchange AS earlier
    ON later.request_id = earlier.request_id AND later.record_no > earlier.record_no
WHERE earlier.source_id = $source
GROUP BY later.record_no
