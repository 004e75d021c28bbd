-- The settled rows of one table, but those that say nothing new.
INSERT INTO added_$kind BY NAME
SELECT $added_id AS added_id, $columns FROM settled WHERE fate <> 'duplicate'
