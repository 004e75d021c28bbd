-- Version 6 of given.duckdb: what was erased of it. One row for each entry of the journal and each
-- file; what was read there keeps its place, its fate at import and its keyed mark, and nothing else.
CREATE TABLE IF NOT EXISTS purged (
    entry VARCHAR NOT NULL,
    source_id INTEGER NOT NULL,
    exchanges BIGINT NOT NULL
);
