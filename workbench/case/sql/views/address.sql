SELECT address_id, value FROM addresses WHERE address_id < $addresses
