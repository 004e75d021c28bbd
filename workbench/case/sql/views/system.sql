SELECT system_id, value, digest, $asks AS asks, $n_characters AS n_characters,
    CAST(NULL AS UTINYINT) AS withheld
FROM systems WHERE system_id < $systems
