-- When models of the log were released: the table added first that says one time for it.
SELECT model_id, arg_min(released_us, added_id) AS released_us, min(added_id) AS added_id
FROM (
    SELECT m.model_id, r.added_id, epoch_us(min(r.released_at)) AS released_us
    FROM added_releases AS r
    INNER JOIN models AS m ON lower(m.value) = lower(r.model)
    WHERE m.model_id < $models AND r.added_id IN ($live)
    GROUP BY m.model_id, r.added_id
    HAVING min(r.released_at) = max(r.released_at)
)
GROUP BY model_id
ORDER BY model_id
