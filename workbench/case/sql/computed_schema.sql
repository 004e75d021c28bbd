-- Version 1 of computed.duckdb: the manifest. A file that no row names does not exist for readers.
CREATE TABLE stages (
    stage VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    info VARCHAR NOT NULL
);
CREATE TABLE files (
    stage VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    dtype VARCHAR NOT NULL,
    shape VARCHAR NOT NULL,
    size BIGINT NOT NULL
);
