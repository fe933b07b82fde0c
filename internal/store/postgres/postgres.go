// Package postgres opens a store on PostgreSQL, or on what speaks its protocol: connections, and how a transaction is
// committed, repeated, or found out about. What is written and read is sqlstore's.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"gatehouse/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var files embed.FS

// The connections a Store holds at most, besides those of the lookers. Reads have their own, so that they never wait behind
// writes, and look-ups, so that they never wait behind lists.
const (
	maxReading = 8
	maxWriting = 24
)

// Migrations make the schema. A row in a table keeps two processes from running them at once: a lock of the session would
// not hold behind a pooler.
func Migrations() (sqlstore.Migrations, error) {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		return sqlstore.Migrations{}, err
	}
	locker, err := lock.NewPostgresTableLocker(
		lock.WithTableLockTimeout(200*time.Millisecond, 300),
		lock.WithTableLogger(slog.New(slog.DiscardHandler)),
	)
	if err != nil {
		return sqlstore.Migrations{}, fmt.Errorf("make a lock: %w", err)
	}
	return sqlstore.Migrations{
		Dialect: goose.DialectPostgres, Files: sub, Options: []goose.ProviderOption{goose.WithLocker(locker)},
	}, nil
}

// Open opens the store in the database that url names. Without o.Migrate a database that has no store or another schema is
// an error.
func Open(ctx context.Context, url string, o sqlstore.Options) (*sqlstore.Store, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err // its text names the URL without the password
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "gatehouse"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	return open(ctx, config, o)
}

func open(ctx context.Context, config *pgx.ConnConfig, o sqlstore.Options) (*sqlstore.Store, error) {
	e := newEngine(config)
	if err := e.ready(ctx, o.Migrate); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return sqlstore.New(e, o), nil
}

func newEngine(config *pgx.ConnConfig) *engine {
	return &engine{reading: pool(config, maxReading), writing: pool(config, maxWriting), looking: startLookers(config)}
}

func pool(config *pgx.ConnConfig, size int) *sql.DB {
	db := stdlib.OpenDB(*config, stdlib.OptionResetSession(alive))
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}

// ready brings the schema up to date, or checks it.
func (e *engine) ready(ctx context.Context, migrate bool) error {
	if err := e.reading.PingContext(ctx); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	m, err := Migrations()
	if err != nil {
		return err
	}
	if err := m.Check(ctx, e.reading); err == nil || !migrate {
		return err
	}
	return m.Up(ctx, e.writing)
}
