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

INSERT INTO stages VALUES ('text.groups', 'key', 'digest', '{"groups": 3}');
INSERT INTO files VALUES (
    'text.groups', 'group', 'npy', 'text.groups.group.45029f3357eec94e1401d8372a9a6ee7.npy',
    '45029f3357eec94e1401d8372a9a6ee720e85ca49d59cb0744a8081a98ad8ef6', '<i4', '[3]', 140
);
