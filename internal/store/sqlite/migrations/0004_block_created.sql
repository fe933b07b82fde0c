-- Lists of blocks are paged by time.

-- +goose Up
CREATE INDEX block_created ON block (created, id);

-- +goose Down
DROP INDEX block_created;
