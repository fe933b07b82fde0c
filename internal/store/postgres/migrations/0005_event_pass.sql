-- What a pass was used for are the log's entries with its tag; a counter holds them to its count.

-- +goose Up
CREATE TABLE event_pass (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest  TEXT COLLATE "C" NOT NULL UNIQUE,
    count   BIGINT  NOT NULL,
    network TEXT COLLATE "C" NOT NULL,
    note    TEXT COLLATE "C" NOT NULL,
    by_name TEXT COLLATE "C" NOT NULL,
    created BIGINT  NOT NULL,
    ends    BIGINT  NOT NULL,
    revoked BIGINT  NOT NULL
);

CREATE INDEX event_pass_ends ON event_pass (ends) WHERE revoked = 0;

ALTER TABLE log_entry ADD COLUMN tag TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX log_entry_tag ON log_entry (tag, time, id) WHERE tag <> '';

-- +goose Down
DROP INDEX log_entry_tag;
ALTER TABLE log_entry DROP COLUMN tag;
DROP TABLE event_pass;
