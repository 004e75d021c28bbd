-- The rows gathered, each with its fate. Columns and keys are those of the kind of table.
SELECT
    * EXCLUDE (nth, differs, adds),
    CASE
        WHEN nth = 1 THEN 'loaded' WHEN differs THEN 'conflict' WHEN adds THEN 'loaded'
        ELSE 'duplicate'
    END AS fate
FROM (
    SELECT *, row_number() OVER every AS nth, $differs AS differs, $adds AS adds
    FROM incoming
    WINDOW
        every AS (PARTITION BY $keys ORDER BY $order),
        earlier AS (
            PARTITION BY $keys ORDER BY $order ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
)
ORDER BY $order
