package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

// Migrations are the numbered files that make one engine's schema.
type Migrations struct {
	Dialect goose.Dialect
	Files   fs.FS
	Options []goose.ProviderOption
}

// Latest is the number of the last migration.
func (m Migrations) Latest() (int64, error) {
	names, err := fs.Glob(m.Files, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.Join(errors.New("no migrations"), err)
	}
	return goose.NumericComponent(names[len(names)-1])
}

// upTries is how often migrations are tried that something gets in the way of.
const upTries = 5

// Up brings db to the latest schema. Another process may do so at the same time: where the two trip over each other, as
// when both make the very first tables, one finds its work done or tries again. A schema that is newer is an error.
func (m Migrations) Up(ctx context.Context, db *sql.DB) error {
	p, err := goose.NewProvider(m.Dialect, db, m.Files, append(m.Options, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	for try := range upTries {
		if _, err = p.Up(ctx); err == nil {
			return m.Check(ctx, db)
		}
		if m.Check(ctx, db) == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond << try)
	}
	return fmt.Errorf("migrate: %w", err)
}

// Check refuses a database whose schema is not the latest.
func (m Migrations) Check(ctx context.Context, q Queries) error {
	want, err := m.Latest()
	if err != nil {
		return err
	}
	have, err := schemaVersion(ctx, q)
	if err != nil {
		return fmt.Errorf("there is no gatehouse store in it: %w", err)
	}
	if have < want {
		return fmt.Errorf("its schema is number %d, this program wants %d: `gatehouse migrate` brings it up to date", have, want)
	}
	if have > want {
		return fmt.Errorf("its schema is number %d, newer than the %d of this program", have, want)
	}
	return nil
}

func schemaVersion(ctx context.Context, q Queries) (int64, error) {
	var version sql.NullInt64
	err := q.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied = TRUE`).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return version.Int64, nil
}
