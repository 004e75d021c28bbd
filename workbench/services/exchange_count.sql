-- Exchanges that the case holds: those that were read, less those that were purged.
SELECT count(*) AS n FROM exchange
