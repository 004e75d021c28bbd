-- Accounts that a person may mean: by key, or by the value that the log gave.
SELECT a.kind || ':' || a.namespace || ':' || a.value AS account_key
FROM account AS a
WHERE a.value = $name OR a.kind || ':' || a.namespace || ':' || a.value = $name
ORDER BY account_key
