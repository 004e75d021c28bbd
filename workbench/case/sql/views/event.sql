-- What added tables say happened to accounts.
SELECT account_id, at_us, event, detail, added_id FROM memory.main.$event_table
