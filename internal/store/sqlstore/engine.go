package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
)

// Queries runs statements. *sql.DB and *sql.Tx are Queries.
type Queries interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}

// Rows are the rows of an answer, one after the other. *sql.Rows are Rows.
type Rows interface {
	scanner
	Next() bool
	Err() error
	Close() error
}

// Work is what a write does. It may be run again from the start, so it sets its results anew each time, and an error it
// returns undoes everything it did.
type Work func(ctx context.Context, q Queries) error

// Engine is an open database: its connections, how it commits, and what its SQL spells differently.
type Engine interface {
	// Dialect is what the SQL spells differently.
	Dialect() Dialect
	// Reader runs reads. It never waits for a write.
	Reader() Queries
	// Look runs a look-up: a query that a key answers with a few rows. It costs less than to break it off, so the end of ctx
	// does not end it.
	Look(ctx context.Context, text string, args []any) (Rows, error)
	// Write runs w in a transaction and returns when it is durable, or was undone. The end of ctx counts only until w has
	// begun.
	Write(ctx context.Context, w Work) error
	// WriteOne is Write for work that is a single statement, which needs no transaction around it.
	WriteOne(ctx context.Context, w Work) error
	// DividedByZero reports whether err is that of a statement that divided by zero.
	DividedByZero(err error) bool
	// Unknown reports whether err leaves open if a write was committed: the connection was lost on the way.
	Unknown(err error) bool
	// Writes counts the transactions committed since the engine was opened.
	Writes() uint64
	// Close ends the engine after the writes that have begun.
	Close() error
}

// Dialect is what the two engines spell differently.
type Dialect struct {
	// Now is the time in microseconds, with %s for a parameter that holds it or, where the database has a clock, NULL.
	Now string
	// InsertsInWith: a WITH may hold INSERTs, and a division by zero is an error, so that a creation can be one statement.
	InsertsInWith bool
	// SkipLocked ends a SELECT that takes rows in hand and leaves those alone that another transaction has.
	SkipLocked string
	// Remote: the database is another process. The answer to a write may be lost, and transactions run beside each other.
	Remote bool
	// Share ends a SELECT whose rows nobody is to change before the transaction ends.
	Share string
}

func (d Dialect) now(param string) string { return fmt.Sprintf(d.Now, param) }
