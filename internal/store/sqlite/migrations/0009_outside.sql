-- An outside identity belongs to one account. A handover is a browser on its way to a third party: stage 0 begun, 1 claimed,
-- 2 finished.

-- +goose Up
CREATE TABLE identity (
    issuer  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    account INTEGER NOT NULL REFERENCES account (id),
    label   TEXT    NOT NULL,
    linked  INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_account ON identity (account, linked);

CREATE TABLE handover (
    id      TEXT    NOT NULL PRIMARY KEY,
    network TEXT    NOT NULL,
    stage   INTEGER NOT NULL,
    sealed  BLOB    NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX handover_network ON handover (network, expires);
CREATE INDEX handover_expires ON handover (expires);

-- +goose Down
DROP TABLE handover;
DROP TABLE identity;
