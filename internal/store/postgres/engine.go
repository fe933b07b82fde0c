package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"gatehouse/internal/store/sqlstore"
)

// engine is an open PostgreSQL database.
type engine struct {
	reading, writing *sql.DB
	looking          *lookers
	committed        atomic.Uint64
}

// nowMicros is the server's clock, not that of the transaction's begin: a counter is compared after a wait for its row.
const nowMicros = `CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)`

func (e *engine) Dialect() sqlstore.Dialect {
	return sqlstore.Dialect{
		Now: `coalesce(CAST(%s AS BIGINT), ` + nowMicros + `)`, InsertsInWith: true, SkipLocked: ` FOR UPDATE SKIP LOCKED`,
		Remote: true, Share: ` FOR SHARE`,
	}
}

// DividedByZero reports the server's error of that name.
func (e *engine) DividedByZero(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && p.Code == "22012"
}

func (e *engine) Reader() sqlstore.Queries { return e.reading }

// Look has a bound of its own in the place of ctx's end: a query that is broken off costs its connection, and visitors who
// hang up could make the server spend its time on new ones.
func (e *engine) Look(_ context.Context, text string, args []any) (sqlstore.Rows, error) {
	return e.looking.look(text, args)
}

func (e *engine) Writes() uint64 { return e.committed.Load() }

func (e *engine) Close() error {
	e.looking.stop()
	return errors.Join(e.reading.Close(), e.writing.Close())
}

// The bounds of a look-up and of a write whose server does not answer.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
)

// Write runs w in a transaction.
func (e *engine) Write(ctx context.Context, w sqlstore.Work) error {
	return e.write(ctx, func(ctx context.Context, conn *sql.Conn) error {
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := w(ctx, tx); err != nil {
			return errors.Join(err, rolledBack(tx))
		}
		return tx.Commit()
	})
}

// rolledBack ends tx. That the connection is gone is no further news: the transaction is gone with it.
func rolledBack(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) && !errors.Is(err, driver.ErrBadConn) {
		return err
	}
	return nil
}

// WriteOne runs w, a single statement, without a transaction around it: one round trip.
func (e *engine) WriteOne(ctx context.Context, w sqlstore.Work) error {
	return e.write(ctx, func(ctx context.Context, conn *sql.Conn) error { return w(ctx, conn) })
}

// maxTries is how often a write is tried that others keep getting in the way of.
const maxTries = 30

// write runs f on a connection, again and again while the server says that another transaction was in the way. The end of
// ctx counts until there is a connection.
func (e *engine) write(ctx context.Context, f func(context.Context, *sql.Conn) error) error {
	conn, err := e.writing.Conn(ctx)
	if err != nil {
		return notBegun{err}
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	for try := range maxTries {
		if err = f(ctx, conn); !inTheWay(err) {
			break
		}
		if err := wait(ctx, rand.N(time.Millisecond<<min(try, 6))); err != nil {
			return err
		}
	}
	if err == nil {
		e.committed.Add(1)
	}
	return err
}

// notBegun is the fault of a write that had no connection yet.
type notBegun struct{ error }

func (n notBegun) Unwrap() error { return n.error }

// inTheWay reports a serialisation failure or a deadlock: the whole transaction is to be repeated.
func inTheWay(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01")
}

// Unknown reports whether the connection was lost while the server had something of ours to do.
func (e *engine) Unknown(err error) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		// The server's last word before it breaks off: connection exceptions, shut-down, crash.
		return strings.HasPrefix(p.Code, "08") || strings.HasPrefix(p.Code, "57P0")
	}
	var early notBegun
	if errors.As(err, &early) {
		return false
	}
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, context.DeadlineExceeded)
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
