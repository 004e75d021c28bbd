-- What records around others say of them: a column in which several differ says nothing.
SELECT kind, key, $agreed
FROM half
WHERE side = 3
GROUP BY ALL
