-- given.duckdb: what was imported (added_schema.sql and kept_schema.sql have the rest). Append-only: a row is only ever
-- taken back by cutting off everything from an id upwards, which is how an import that did not
-- finish disappears.
CREATE TABLE secrets (name VARCHAR NOT NULL, value BLOB NOT NULL);

-- The counts are those of the whole case when the batch was closed: ids at or above them are not
-- visible yet, and are what an unfinished import leaves behind.
CREATE TABLE batches (
    batch_id INTEGER NOT NULL,
    state VARCHAR NOT NULL,
    opened_us BIGINT NOT NULL,
    closed_us BIGINT,
    frame VARCHAR NOT NULL,
    options VARCHAR NOT NULL,
    exchanges BIGINT,
    sources INTEGER,
    identities INTEGER,
    prompts INTEGER,
    systems INTEGER,
    models INTEGER,
    agents INTEGER,
    addresses INTEGER
);

-- What was said of a batch after its import; the last one stands.
CREATE TABLE frames (batch_id INTEGER NOT NULL, at_us BIGINT NOT NULL, frame VARCHAR NOT NULL);

CREATE TABLE sources (
    source_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    path VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    compression VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    records BIGINT NOT NULL,
    loaded BIGINT NOT NULL,
    joined BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    blank BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    conflict BIGINT NOT NULL,
    header BIGINT NOT NULL,
    coerced BIGINT NOT NULL,
    coerced_columns VARCHAR NOT NULL
);

CREATE TABLE identities (
    identity_id INTEGER NOT NULL, kind VARCHAR NOT NULL, namespace VARCHAR NOT NULL, value VARCHAR NOT NULL
);
CREATE TABLE prompts (
    prompt_id INTEGER NOT NULL, digest BLOB NOT NULL, text VARCHAR USING COMPRESSION zstd
);
CREATE TABLE systems (
    system_id INTEGER NOT NULL, digest BLOB NOT NULL, value VARCHAR USING COMPRESSION zstd
);
CREATE TABLE models (model_id INTEGER NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE agents (agent_id INTEGER NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE addresses (address_id INTEGER NOT NULL, value VARCHAR NOT NULL);

-- The first vector given for a prompt.
CREATE TABLE embeddings (prompt_id INTEGER NOT NULL, source_id INTEGER NOT NULL, vector FLOAT[] NOT NULL);

-- fallback_id is the identity of the address, where a record names nobody else. mark_hi and
-- mark_lo recognise copies: keyed hashes of request id and content, or of the content alone.
CREATE TABLE exchanges (
    exchange_id BIGINT NOT NULL,
    batch_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    record_no BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    fate UTINYINT NOT NULL,
    mark_hi UBIGINT NOT NULL,
    mark_lo UBIGINT NOT NULL,
    request_id VARCHAR,
    ts TIMESTAMP,
    ts_text VARCHAR,
    key_id INTEGER,
    user_id INTEGER,
    org_id INTEGER,
    fallback_id INTEGER,
    address_id INTEGER,
    session_id VARCHAR,
    asn BIGINT,
    country VARCHAR,
    agent_id INTEGER,
    ja3 VARCHAR,
    ja4 VARCHAR,
    account_created_at TIMESTAMP,
    email_domain VARCHAR,
    payment_hash VARCHAR,
    provider VARCHAR,
    endpoint VARCHAR,
    model_id INTEGER,
    status INTEGER,
    error_type VARCHAR,
    stop_reason VARCHAR,
    stream BOOLEAN,
    in_tok BIGINT,
    out_tok BIGINT,
    reasoning_tok BIGINT,
    cached_tok BIGINT,
    temperature DOUBLE,
    n INTEGER,
    max_tok BIGINT,
    logprobs BOOLEAN,
    thinking BOOLEAN,
    n_turns INTEGER,
    tools INTEGER,
    latency_ms DOUBLE,
    ttft_ms DOUBLE,
    system_id INTEGER,
    prompt_id INTEGER,
    completion VARCHAR USING COMPRESSION zstd,
    reasoning VARCHAR USING COMPRESSION zstd,
    dialogue VARCHAR USING COMPRESSION zstd
);

CREATE TABLE rejects (
    batch_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    record_no BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    raw BLOB NOT NULL
);

-- The same exchange, logged by another system, or its other half: exchange_id is the one that was loaded.
CREATE TABLE joined (
    exchange_id BIGINT NOT NULL,
    batch_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    record_no BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    mark_hi UBIGINT NOT NULL,
    mark_lo UBIGINT NOT NULL
);
