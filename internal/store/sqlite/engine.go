package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"gatehouse/internal/store/sqlstore"
)

// engine is an open SQLite database.
type engine struct {
	reading, writing *sql.DB
	reader           *preparedReads
	writer           *writer
}

// Dialect: the clock of a database in this process is this machine's.
func (e *engine) Dialect() sqlstore.Dialect { return sqlstore.Dialect{Now: `CAST(%s AS INTEGER)`} }

func (e *engine) Reader() sqlstore.Queries { return e.reader }

// Look takes the end of ctx away: the driver watches for it with two goroutines a query, more work than a look-up is.
func (e *engine) Look(ctx context.Context, text string, args []any) (sqlstore.Rows, error) {
	return e.reader.QueryContext(context.WithoutCancel(ctx), text, args...)
}

func (e *engine) Write(ctx context.Context, w sqlstore.Work) error    { return e.writer.do(ctx, w) }
func (e *engine) WriteOne(ctx context.Context, w sqlstore.Work) error { return e.writer.do(ctx, w) }

// DividedByZero: to SQLite that is NULL and no error.
func (e *engine) DividedByZero(error) bool { return false }

// Unknown: an answer of the writer is always certain.
func (e *engine) Unknown(error) bool { return false }

func (e *engine) Writes() uint64 { return e.writer.committed.Load() }

func (e *engine) Close() error {
	e.writer.stop()
	// The writer's connection goes last: it clears the write-ahead log away.
	return errors.Join(e.reading.Close(), e.writer.queries.Close(), e.writer.conn.Close(), e.writing.Close())
}
