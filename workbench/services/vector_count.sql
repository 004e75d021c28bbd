-- Whether the log brought vectors of its own.
SELECT count(*) AS n
FROM prompt_embedding
