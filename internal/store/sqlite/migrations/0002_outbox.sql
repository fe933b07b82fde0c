-- +goose Up
-- Nothing was ever queued in the table of before.
DROP TABLE outbox;

-- due is when a mail may be taken in hand: its next try, or the end of the lease of the server that has it. It is never behind
-- expires but for a lease, and equal to it for a dead mail. ended is when the mail was sent or expired: its body is empty then, and
-- 0 until then. Message ids begin with the time, so that their index grows at its end.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL,
    account    INTEGER NOT NULL,
    domain     TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    lease      TEXT    NOT NULL,
    queued     INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    ended      INTEGER NOT NULL,
    error      TEXT    NOT NULL,
    body       BLOB    NOT NULL
) STRICT;

CREATE INDEX outbox_due ON outbox (due, id) WHERE ended = 0;
CREATE INDEX outbox_expires ON outbox (expires) WHERE ended = 0;
CREATE INDEX outbox_ended ON outbox (ended) WHERE ended <> 0;

-- +goose Down
DROP TABLE outbox;

CREATE TABLE outbox (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT    NOT NULL,
    recipient TEXT    NOT NULL,
    payload   BLOB    NOT NULL,
    queued    INTEGER NOT NULL
) STRICT;
