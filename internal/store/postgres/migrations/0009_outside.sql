-- An outside identity belongs to one account. A handover is a browser on its way to a third party: stage 0 begun, 1 claimed,
-- 2 finished.

-- +goose Up
CREATE TABLE identity (
    issuer  TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    account BIGINT  NOT NULL REFERENCES account (id),
    label   TEXT COLLATE "C" NOT NULL,
    linked  BIGINT  NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX identity_account ON identity (account, linked);

CREATE TABLE handover (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    network TEXT COLLATE "C" NOT NULL,
    stage   BIGINT  NOT NULL,
    sealed  BYTEA   NOT NULL,
    expires BIGINT  NOT NULL
);

CREATE INDEX handover_network ON handover (network, expires);
CREATE INDEX handover_expires ON handover (expires);

-- +goose Down
DROP TABLE handover;
DROP TABLE identity;
