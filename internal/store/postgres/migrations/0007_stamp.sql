-- stamp counts the changes of an account's credentials: what was proven at one stamp proves nothing at another.

-- +goose Up
ALTER TABLE account ADD COLUMN stamp BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE account DROP COLUMN stamp;
