-- The layer of a case to which no table was added.
CREATE TABLE organisation (
    org_id INTEGER, namespace VARCHAR, value VARCHAR
);
CREATE TABLE fill (
    identity_id INTEGER,
    kind VARCHAR,
    created_at TIMESTAMP,
    created_by INTEGER,
    email_domain VARCHAR,
    email_domain_by INTEGER,
    payment_hash VARCHAR,
    payment_hash_by INTEGER,
    parent_org VARCHAR,
    org_id INTEGER,
    org_by INTEGER,
    signup_address VARCHAR,
    signup_address_by INTEGER,
    plan VARCHAR,
    plan_by INTEGER,
    declared_use VARCHAR,
    declared_use_by INTEGER
);
CREATE TABLE network (
    address_id INTEGER,
    asn BIGINT,
    asn_by INTEGER,
    country VARCHAR,
    country_by INTEGER,
    network_name VARCHAR,
    network_name_by INTEGER
);
CREATE TABLE event (
    account_id INTEGER, at_us BIGINT, event VARCHAR, detail VARCHAR, added_id INTEGER
);
CREATE TABLE release (
    model_id INTEGER, released_us BIGINT, added_id INTEGER
);
CREATE TABLE added (
    added_id INTEGER,
    kind VARCHAR,
    path VARCHAR,
    sha256 VARCHAR,
    zone VARCHAR,
    columns VARCHAR,
    loaded BIGINT,
    reach INTEGER
);
CREATE TABLE filled (identity_id INTEGER, field VARCHAR, value VARCHAR, added_id INTEGER);
