-- Times are microseconds since 1970, 0 = none. Names compare by their bytes.

-- +goose Up
CREATE TABLE account (
    id              INTEGER PRIMARY KEY,
    name            TEXT    NOT NULL UNIQUE,
    real_name       TEXT    NOT NULL,
    email           TEXT    NOT NULL,
    email_confirmed INTEGER NOT NULL,
    registered      INTEGER NOT NULL,
    language        TEXT    NOT NULL,
    -- The random id of the creation. It has no index: who looks for it knows the name, and a second index in random order
    -- is what would slow creation down as the table grows.
    nonce           TEXT    NOT NULL
) STRICT;

CREATE TABLE account_group (
    account INTEGER NOT NULL REFERENCES account (id),
    name    TEXT    NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_group_name ON account_group (name, account);

CREATE TABLE credential (
    account INTEGER NOT NULL REFERENCES account (id),
    kind    TEXT    NOT NULL,
    value   TEXT    NOT NULL,
    PRIMARY KEY (account, kind)
) STRICT, WITHOUT ROWID;

-- The indexes are on ids and times, which grow, and not on names, which come in random order. Times are whole seconds. Nearly
-- every entry is an account made by its owner; what is rarer has indexes that leave those entries out.
CREATE TABLE log_entry (
    id           INTEGER PRIMARY KEY,
    type         TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    performer_id INTEGER NOT NULL,
    performer    TEXT    NOT NULL,
    target_id    INTEGER NOT NULL,
    target       TEXT    NOT NULL,
    comment      TEXT    NOT NULL,
    time         INTEGER NOT NULL
) STRICT;

CREATE INDEX log_entry_time ON log_entry (time, id);
CREATE INDEX log_entry_performer ON log_entry (performer_id, time, id);
CREATE INDEX log_entry_target ON log_entry (target_id, time, id);
CREATE INDEX log_entry_type ON log_entry (type, time, id) WHERE type <> 'newusers';
CREATE INDEX log_entry_action ON log_entry (type, action, time, id) WHERE action <> 'create';

-- An id is never given twice, even when the last row is gone: message ids are made from it.
CREATE TABLE outbox (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT    NOT NULL,
    recipient TEXT    NOT NULL,
    payload   BLOB    NOT NULL,
    queued    INTEGER NOT NULL
) STRICT;

-- The limit is kept so that one statement can raise several counters with different limits.
CREATE TABLE counter (
    key     TEXT    NOT NULL PRIMARY KEY,
    count   INTEGER NOT NULL,
    ceiling INTEGER NOT NULL,
    ends    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX counter_ends ON counter (ends);

-- A network has a fixed number of slots, so that the limit on its flows is a unique key.
CREATE TABLE flow (
    id      TEXT    NOT NULL PRIMARY KEY,
    network TEXT    NOT NULL,
    slot    INTEGER NOT NULL,
    sealed  BLOB    NOT NULL,
    tries   INTEGER NOT NULL,
    claimed INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    UNIQUE (network, slot)
) STRICT;

CREATE INDEX flow_expires ON flow (expires);

-- id and remember are digests of what the client's cookies hold.
CREATE TABLE session (
    id            TEXT    NOT NULL PRIMARY KEY,
    remember      TEXT   ,
    account       INTEGER NOT NULL REFERENCES account (id),
    authenticated INTEGER NOT NULL,
    expires       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX session_remember ON session (remember) WHERE remember IS NOT NULL;
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires);

-- The server's keys, wrapped by a master key that is kept elsewhere. Their ids come from the server.
CREATE TABLE server_key (
    id         INTEGER PRIMARY KEY,
    wrapped    BLOB    NOT NULL,
    created    INTEGER NOT NULL,
    signs_from INTEGER NOT NULL
) STRICT;

-- Ranges are a pair of addresses in hexadecimal digits behind "4" or "6". chunk is what the two begin with alike, cut to 16
-- (IPv4) or 32 (IPv6) bits; a wider range has the family alone. It is empty for a blocked account.
CREATE TABLE block (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account        INTEGER REFERENCES account (id),
    chunk          TEXT    NOT NULL,
    low            TEXT    NOT NULL,
    high           TEXT    NOT NULL,
    by_id          INTEGER NOT NULL,
    by_name        TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    created        INTEGER NOT NULL,
    expires        INTEGER NOT NULL,
    prevent_create INTEGER NOT NULL,
    anonymous_only INTEGER NOT NULL,
    auto           INTEGER NOT NULL
) STRICT;

CREATE INDEX block_account ON block (account) WHERE account IS NOT NULL;
CREATE INDEX block_range ON block (chunk, low, high);
CREATE INDEX block_expires ON block (expires) WHERE expires <> 0;

-- +goose Down
DROP TABLE block;
DROP TABLE server_key;
DROP TABLE session;
DROP TABLE flow;
DROP TABLE counter;
DROP TABLE outbox;
DROP TABLE log_entry;
DROP TABLE credential;
DROP TABLE account_group;
DROP TABLE account;
