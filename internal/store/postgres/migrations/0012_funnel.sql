-- How many people reached each step of making an account, by the hour that began at hour. Nothing in it is about anybody.

-- +goose Up
CREATE TABLE funnel (
    hour     BIGINT  NOT NULL,
    step     TEXT COLLATE "C" NOT NULL,
    code     TEXT COLLATE "C" NOT NULL,
    client   TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    count    BIGINT  NOT NULL,
    PRIMARY KEY (hour, step, code, client, language)
);

-- +goose Down
DROP TABLE funnel;
