-- Version 2 of given.duckdb adds the tables that may be added to a case beside its logs: a layer of
-- its own, whose rows fill what is NULL in the views. Made again without harm. A table that is
-- taken out loses its rows; its line in added stays, so that its number is never used again.
CREATE TABLE IF NOT EXISTS added (
    added_id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    at_us BIGINT NOT NULL,
    zone VARCHAR NOT NULL,
    columns VARCHAR NOT NULL,
    records BIGINT NOT NULL,
    loaded BIGINT NOT NULL,
    joined BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    blank BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    conflict BIGINT NOT NULL,
    header BIGINT NOT NULL,
    coerced BIGINT NOT NULL,
    coerced_columns VARCHAR NOT NULL,
    reach INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS added_removed (added_id INTEGER NOT NULL, at_us BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS added_accounts (
    added_id INTEGER NOT NULL,
    record_no BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    fate UTINYINT NOT NULL,
    kind VARCHAR NOT NULL,
    namespace VARCHAR,
    value VARCHAR NOT NULL,
    created_at TIMESTAMP,
    email_domain VARCHAR,
    payment_hash VARCHAR,
    parent_org VARCHAR,
    signup_address VARCHAR,
    plan VARCHAR,
    declared_use VARCHAR
);
CREATE TABLE IF NOT EXISTS added_events (
    added_id INTEGER NOT NULL,
    record_no BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    fate UTINYINT NOT NULL,
    kind VARCHAR NOT NULL,
    namespace VARCHAR,
    value VARCHAR NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    event VARCHAR NOT NULL,
    detail VARCHAR
);
CREATE TABLE IF NOT EXISTS added_releases (
    added_id INTEGER NOT NULL,
    record_no BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    fate UTINYINT NOT NULL,
    model VARCHAR NOT NULL,
    released_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS added_addresses (
    added_id INTEGER NOT NULL,
    address_id INTEGER NOT NULL,
    asn BIGINT,
    country VARCHAR,
    network_name VARCHAR
);
CREATE TABLE IF NOT EXISTS added_rejects (
    added_id INTEGER NOT NULL,
    record_no BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    raw BLOB NOT NULL
);
