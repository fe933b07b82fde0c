// Package store opens the store that a URL names, on SQLite or PostgreSQL.
//
// It only picks the engine. The statements and all methods are in sqlstore, what differs between the engines is in sqlite
// and postgres, and storetest is the suite that both pass.
package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"gatehouse/internal/store/postgres"
	"gatehouse/internal/store/sqlite"
	"gatehouse/internal/store/sqlstore"
)

// Options says how a store is opened.
type Options = sqlstore.Options

// Open opens the store that storeURL names:
//
//	sqlite:PATH     an SQLite file
//	memory:         SQLite in memory; it ends with Close and nobody else sees it
//	postgres://…    a PostgreSQL database (postgresql:// is the same)
//
// Without o.Migrate a missing store or one with another schema is an error that names the path or the URL, the latter
// without its password.
func Open(ctx context.Context, storeURL string, o Options) (*sqlstore.Store, error) {
	s, err := open(ctx, storeURL, o)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", Redacted(storeURL), err)
	}
	return s, nil
}

func open(ctx context.Context, storeURL string, o Options) (*sqlstore.Store, error) {
	scheme, rest, _ := strings.Cut(storeURL, ":")
	switch scheme {
	case "sqlite":
		if rest == "" {
			return nil, errors.New("no path is given")
		}
		return sqlite.Open(ctx, rest, o)
	case "memory":
		return sqlite.OpenMemory(ctx, o)
	case "postgres", "postgresql":
		return postgres.Open(ctx, storeURL, o)
	}
	return nil, errors.New("a store begins with sqlite:, memory: or postgres://")
}

// Redacted is storeURL as it may be shown: without a password.
func Redacted(storeURL string) string {
	scheme, _, _ := strings.Cut(storeURL, ":")
	if scheme == "sqlite" || scheme == "memory" {
		return storeURL // a path, not to be read as a URL
	}
	u, err := url.Parse(storeURL)
	if err != nil {
		return scheme + ":…"
	}
	q := u.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if q.Has(name) {
			q.Set(name, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}
