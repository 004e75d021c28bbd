-- Lengths of the vectors that logs brought, commonest first.
SELECT len(vector) AS length, COUNT(*) AS n
FROM prompt_embedding
WHERE len(vector) > 0
GROUP BY length
ORDER BY n DESC, length
