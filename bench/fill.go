package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// loaded is account n of a store that is filled: the rows that a sign-up leaves.
type loaded struct {
	id               int64
	name, credential string
	nonce            string
	registered       int64 // microseconds
}

// numbered is the account with this number, from 1. Names come in no order, as people's do; ten are made in a second.
func numbered(n int64) loaded {
	digest := sha256.Sum256(fmt.Append(nil, "account ", n))
	text := hex.EncodeToString(digest[:])
	const first, apart = 1_500_000_000_000_000, 100_000
	return loaded{
		id: n, name: "L" + text[:15], nonce: text[16:48],
		// What PBKDF2 leaves: the longest that is usual.
		credential: ":pbkdf2-sha512:1:64:" + text[:24] + ":" + text + text[:24],
		registered: first + n*apart,
	}
}

func (l loaded) account() []any {
	return []any{l.id, l.name, "", "", int64(0), l.registered, "en", l.nonce}
}

func (l loaded) hash() []any { return []any{l.id, "password", l.credential} }

func (l loaded) entry() []any {
	return []any{l.id, "newusers", "create", l.id, l.name, l.id, l.name, "", l.registered - l.registered%1_000_000}
}

// filling is a table that is filled.
type filling struct {
	table   string
	columns []string
	row     func(loaded) []any
}

// insert is the statement for one row.
func (f filling) insert() string {
	return `INSERT INTO ` + f.table + ` (` + strings.Join(f.columns, `, `) + `) VALUES (?` + strings.Repeat(`, ?`, len(f.columns)-1) + `)`
}

func fillings() []filling {
	return []filling{
		{"account", []string{"id", "name", "real_name", "email", "email_confirmed", "registered", "language", "nonce"}, loaded.account},
		{"credential", []string{"account", "kind", "value"}, loaded.hash},
		{"log_entry", []string{"id", "type", "action", "performer_id", "performer", "target_id", "target", "comment", "time"}, loaded.entry},
	}
}

// fill puts n accounts into an empty store whose tables are there. It is quick because it is not what a server may do: the indexes
// are made afterwards, and a crash would lose all.
func (b *bench) fill(ctx context.Context, s *store, n int64) error {
	start := time.Now()
	with := fillPostgres
	if s.engine == sqlite {
		with = fillSQLite
	}
	if err := with(ctx, s, n); err != nil {
		return fmt.Errorf("fill the store: %w", err)
	}
	b.say("  %s: %d accounts put there in %s", s.engine, n, time.Since(start).Round(100*time.Millisecond))
	return nil
}

// index is one that is dropped and made again.
type index struct{ name, make string }

func indexes(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, text string) ([]index, error) {
	rows, err := q.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []index
	for rows.Next() {
		var i index
		if err := rows.Scan(&i.name, &i.make); err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// inTransaction is how many rows SQLite is given at once.
const inTransaction = 200_000

func fillSQLite(ctx context.Context, s *store, n int64) error {
	db, err := sql.Open("sqlite", "file:"+s.file())
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // the settings are one connection's
	settings := []string{`PRAGMA synchronous = OFF`, `PRAGMA cache_size = -1048576`, `PRAGMA foreign_keys = OFF`}
	if err := execAll(ctx, db, settings); err != nil {
		return err
	}
	all, err := indexes(ctx, db, `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
		AND tbl_name IN ('account', 'credential', 'log_entry')`)
	if err != nil {
		return err
	}
	var drop, again []string
	for _, i := range all {
		drop, again = append(drop, `DROP INDEX `+i.name), append(again, i.make)
	}
	if err := execAll(ctx, db, drop); err != nil {
		return err
	}
	for _, f := range fillings() {
		for from := int64(1); from <= n; from += inTransaction {
			if err := fillRows(ctx, db, f, from, min(n, from+inTransaction-1)); err != nil {
				return fmt.Errorf("%s: %w", f.table, err)
			}
		}
	}
	return execAll(ctx, db, append(again, `ANALYZE`, `PRAGMA wal_checkpoint(TRUNCATE)`))
}

func fillRows(ctx context.Context, db *sql.DB, f filling, from, to int64) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, f.insert())
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for id := from; id <= to; id++ {
		if _, err := insert.ExecContext(ctx, f.row(numbered(id))...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return errors.Join(insert.Close(), tx.Commit())
}

func execAll(ctx context.Context, db *sql.DB, texts []string) error {
	for _, text := range texts {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

func fillPostgres(ctx context.Context, s *store, n int64) error {
	db, err := sql.Open("pgx", s.url)
	if err != nil {
		return err
	}
	defer db.Close()
	all, err := indexes(ctx, db, `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
		AND tablename IN ('account', 'credential', 'log_entry') AND indexdef LIKE 'CREATE INDEX%'`)
	if err != nil {
		return err
	}
	// What a constraint needs stays but for that of names, whose order is what makes filling slow.
	drop := []string{`ALTER TABLE account DROP CONSTRAINT account_name_key`,
		`ALTER TABLE credential DROP CONSTRAINT credential_account_fkey`}
	again := []string{`SET maintenance_work_mem = '512MB'`, `ALTER TABLE account ADD CONSTRAINT account_name_key UNIQUE (name)`}
	for _, i := range all {
		drop, again = append(drop, `DROP INDEX `+i.name), append(again, i.make)
	}
	again = append(again, `ALTER TABLE credential ADD CONSTRAINT credential_account_fkey FOREIGN KEY (account) REFERENCES account (id)`,
		fmt.Sprintf(`ALTER TABLE account ALTER COLUMN id RESTART WITH %d`, n+1),
		fmt.Sprintf(`ALTER TABLE log_entry ALTER COLUMN id RESTART WITH %d`, n+1),
		`VACUUM ANALYZE`, `CHECKPOINT`)
	db.SetMaxOpenConns(1) // maintenance_work_mem is one connection's
	if err := execAll(ctx, db, drop); err != nil {
		return err
	}
	for _, f := range fillings() {
		if err := copyRows(ctx, s.url, f, n); err != nil {
			return fmt.Errorf("%s: %w", f.table, err)
		}
	}
	return execAll(ctx, db, again)
}

func copyRows(ctx context.Context, url string, f filling, n int64) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	next := int64(0)
	_, err = conn.CopyFrom(ctx, pgx.Identifier{f.table}, f.columns, pgx.CopyFromFunc(func() ([]any, error) {
		if next++; next > n {
			return nil, nil
		}
		return f.row(numbered(next)), nil
	}))
	return errors.Join(err, conn.Close(ctx))
}
