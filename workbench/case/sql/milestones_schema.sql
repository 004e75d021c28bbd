-- Version 4 of given.duckdb: how far an import that runs is durable. Written in one transaction with
-- the last rows that it speaks of, deleted when the import ends. source_id is the file that it lies
-- in, NULL between two files.
CREATE TABLE IF NOT EXISTS milestones (
    batch_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    source_id INTEGER,
    state VARCHAR NOT NULL USING COMPRESSION zstd,
    again BLOB NOT NULL,
    counted BLOB NOT NULL
);
