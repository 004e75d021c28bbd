-- Rows of tables that were taken out, or that have no line (any more).
DELETE FROM added_accounts
WHERE added_id IN (SELECT added_id FROM added_removed) OR added_id NOT IN (SELECT added_id FROM added);
DELETE FROM added_addresses
WHERE added_id IN (SELECT added_id FROM added_removed) OR added_id NOT IN (SELECT added_id FROM added);
DELETE FROM added_events
WHERE added_id IN (SELECT added_id FROM added_removed) OR added_id NOT IN (SELECT added_id FROM added);
DELETE FROM added_releases
WHERE added_id IN (SELECT added_id FROM added_removed) OR added_id NOT IN (SELECT added_id FROM added);
DELETE FROM added_rejects
WHERE added_id IN (SELECT added_id FROM added_removed) OR added_id NOT IN (SELECT added_id FROM added);
