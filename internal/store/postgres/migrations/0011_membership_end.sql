-- ends is when a membership of a group ends, 0 = never.

-- +goose Up
ALTER TABLE account_group ADD COLUMN ends BIGINT NOT NULL DEFAULT 0;
CREATE INDEX account_group_ends ON account_group (ends) WHERE ends <> 0;

-- +goose Down
DROP INDEX account_group_ends;
ALTER TABLE account_group DROP COLUMN ends;
