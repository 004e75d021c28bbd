SELECT exchange_id, system_id FROM exchange WHERE system_id IS NOT NULL ORDER BY exchange_id
