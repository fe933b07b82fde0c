-- A mark is a captcha that was answered: its purpose, its random part and its end. What was only looked at leaves none.

-- +goose Up
CREATE TABLE captcha_mark (
    mark    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    expires BIGINT NOT NULL
);
CREATE INDEX captcha_mark_expires ON captcha_mark (expires);

-- +goose Down
DROP TABLE captcha_mark;
