-- For people who know their address and not their account's name. Accounts without an address are not in it.

-- +goose Up
CREATE INDEX account_email ON account (lower(email)) WHERE email <> '';

-- +goose Down
DROP INDEX account_email;
