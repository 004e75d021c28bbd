SELECT system_id, value, digest, $asks AS asks, $n_characters AS n_characters
FROM systems WHERE system_id < $systems
