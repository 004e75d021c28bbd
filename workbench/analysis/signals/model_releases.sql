-- When models were released, as a table beside the log says.
SELECT model_id, released_us FROM release ORDER BY model_id
