-- When models of the log were released, as an added table says.
SELECT model_id, released_us, added_id FROM memory.main.$release_table
