-- What is there once: the random ids of writes, kept for a while because the answer to one may be lost; and, only as long as a
-- transaction lasts, what it alone may do. Only PostgreSQL, which is another process, needs it.

-- +goose Up
CREATE TABLE mark (
    id   TEXT    NOT NULL PRIMARY KEY,
    made INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mark_made ON mark (made);

-- +goose Down
DROP TABLE mark;
