package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// newDatabase makes an empty database beside the one that base names. It gives its URL and what drops it.
func newDatabase(ctx context.Context, base string, number int) (string, func() error, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", nil, errors.New("the URL of PostgreSQL cannot be read") // err would show its password
	}
	db, err := sql.Open("pgx", base)
	if err != nil {
		return "", nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	name := fmt.Sprintf("gatehouse_bench_%d_%d", os.Getpid(), number)
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, errors.Join(fmt.Errorf("make a database: %w", err), db.Close())
	}
	u.Path = "/" + name
	return u.String(), func() error {
		_, err := db.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		return errors.Join(err, db.Close())
	}, nil
}

// describePostgres says which server it is and if what it commits is durable.
func describePostgres(ctx context.Context, base string) (description string, durable bool, err error) {
	db, err := sql.Open("pgx", base)
	if err != nil {
		return "", false, fmt.Errorf("open PostgreSQL: %w", err)
	}
	defer db.Close()
	var version, fsync, commit string
	err = db.QueryRowContext(ctx, `SELECT current_setting('server_version'), current_setting('fsync'),
		current_setting('synchronous_commit')`).Scan(&version, &fsync, &commit)
	if err != nil {
		return "", false, fmt.Errorf("ask PostgreSQL for its settings: %w", err)
	}
	return fmt.Sprintf("PostgreSQL %s, fsync %s, synchronous_commit %s, on the same machine", version, fsync, commit),
		fsync == "on" && commit == "on", nil
}

// firstProcess is the process that a local PostgreSQL began as, whose children serve; 0 if it runs elsewhere.
func firstProcess(ctx context.Context, url string) (int, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return 0, fmt.Errorf("open PostgreSQL: %w", err)
	}
	defer db.Close()
	var pid int
	if err := db.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		return 0, fmt.Errorf("ask PostgreSQL for its process: %w", err)
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil || strings.TrimSpace(string(name)) != "postgres" {
		return 0, nil
	}
	t, err := timesOf(pid)
	return t.parent, err
}
