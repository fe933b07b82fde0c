// Package sqlstore keeps everything gatehouse remembers in an SQL database: accounts, credentials, the log, the outbox,
// counters, flows, sessions, keys and blocks.
//
// It holds the SQL, one text for both engines wherever they agree. It is not an engine: sqlite and postgres open the
// database and bring an Engine, which knows how to commit. It decides no policy: what is stored comes from auth and its
// neighbours, in auth's types.
//
// Every method may be called by any number of goroutines. The end of a context keeps a write from beginning; one that has
// begun is not cut short.
package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"gatehouse/auth"
)

// Options says how a store is opened.
type Options struct {
	// Migrate makes a missing store and brings an older schema up to date.
	Migrate bool
	// Clock replaces the database's clock, for tests and the test server. Nil = the database's clock, which all instances
	// share.
	Clock func() time.Time
}

// Store is an open store.
type Store struct {
	engine  Engine
	dialect Dialect
	clock   func() time.Time
	gather  *gatherer // nil where the engine gathers writes itself
	close   func() error
	tally   tally
}

// New gives the store on an engine whose schema is there. The Store closes the engine.
func New(e Engine, o Options) *Store {
	s := &Store{engine: e, dialect: e.Dialect(), clock: o.Clock}
	if s.dialect.InsertsInWith {
		s.gather = startGatherer(s)
	}
	s.close = sync.OnceValue(s.end)
	return s
}

// now adds the argument that Dialect.Now wants and gives the expression of the current time in microseconds.
func (s *Store) now(st *statement) string {
	var at any
	if s.clock != nil {
		at = s.clock().UnixMicro()
	}
	return s.dialect.now(st.arg(at))
}

// time is the time by this Store's clock, where a clock or two do not matter.
func (s *Store) time() time.Time {
	if s.clock != nil {
		return s.clock()
	}
	return time.Now()
}

// Writes counts the write transactions committed by this Store since it was opened.
func (s *Store) Writes() uint64 { return s.engine.Writes() }

// SchemaVersion is the number of the last migration the database has.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	return schemaVersion(ctx, s.engine.Reader())
}

// Ping reports whether the database can be reached and read.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := s.SchemaVersion(ctx); err != nil {
		return fmt.Errorf("reach the store: %w", err)
	}
	return nil
}

// Close ends the store after the writes that have begun. It may be called again.
func (s *Store) Close() error { return s.close() }

func (s *Store) end() error {
	if s.gather != nil {
		s.gather.stop()
	}
	return s.engine.Close()
}

// execOne runs one statement that writes and whose outcome nobody asks for.
func (s *Store) execOne(ctx context.Context, what string, st *statement) error {
	err := s.engine.WriteOne(ctx, func(ctx context.Context, q Queries) error {
		_, err := q.ExecContext(ctx, st.String(), st.args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// affected reports whether a statement changed a row.
func affected(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// blob gives bytes as a row has them: never NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

var _ auth.AccountStore = (*Store)(nil)
var _ auth.FlowStore = (*Store)(nil)
