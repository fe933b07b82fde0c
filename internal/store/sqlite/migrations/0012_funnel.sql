-- How many people reached each step of making an account, by the hour that began at hour. Nothing in it is about anybody.

-- +goose Up
CREATE TABLE funnel (
    hour     INTEGER NOT NULL,
    step     TEXT    NOT NULL,
    code     TEXT    NOT NULL,
    client   TEXT    NOT NULL,
    language TEXT    NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (hour, step, code, client, language)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE funnel;
