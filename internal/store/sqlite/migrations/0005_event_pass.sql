-- What a pass was used for are the log's entries with its tag; a counter holds them to its count.

-- +goose Up
CREATE TABLE event_pass (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    digest  TEXT    NOT NULL UNIQUE,
    count   INTEGER NOT NULL,
    network TEXT    NOT NULL,
    note    TEXT    NOT NULL,
    by_name TEXT    NOT NULL,
    created INTEGER NOT NULL,
    ends    INTEGER NOT NULL,
    revoked INTEGER NOT NULL
) STRICT;

CREATE INDEX event_pass_ends ON event_pass (ends) WHERE revoked = 0;

ALTER TABLE log_entry ADD COLUMN tag TEXT NOT NULL DEFAULT '';
CREATE INDEX log_entry_tag ON log_entry (tag, time, id) WHERE tag <> '';

-- +goose Down
DROP INDEX log_entry_tag;
ALTER TABLE log_entry DROP COLUMN tag;
DROP TABLE event_pass;
