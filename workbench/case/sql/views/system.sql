SELECT system_id, value, digest FROM systems WHERE system_id < $systems
