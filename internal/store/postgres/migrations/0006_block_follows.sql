-- A block with autoblock follows its account to the addresses it acts from: parent is the block that one of those came from.
-- details is what a log entry has to tell beside its target, as JSON.

-- +goose Up
ALTER TABLE block ADD COLUMN autoblock BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE block ADD COLUMN parent BIGINT NOT NULL DEFAULT 0;
CREATE INDEX block_parent ON block (parent) WHERE parent <> 0;

ALTER TABLE log_entry ADD COLUMN details TEXT COLLATE "C" NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE log_entry DROP COLUMN details;
DROP INDEX block_parent;
ALTER TABLE block DROP COLUMN parent;
ALTER TABLE block DROP COLUMN autoblock;
