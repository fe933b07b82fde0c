package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
)

// pragmas are settings of one connection, in the order in which they are made.
type pragmas [][2]string

// busyTimeout is how long, in milliseconds, a connection waits for another process that writes.
const busyTimeout = "10000"

// What a setting reads back as is how it is written here.

func fileWriter() pragmas {
	return pragmas{
		{"busy_timeout", busyTimeout},
		{"journal_mode", "wal"},
		{"synchronous", "2"}, // FULL: a commit is on the disk before it is answered
		{"foreign_keys", "1"},
		{"temp_store", "2"},
		{"cache_size", "-32768"}, // KiB
		// Pages; at the default of 1000 most of a large index's pages would go to the file for one row each.
		{"wal_autocheckpoint", "4000"},
	}
}

func fileReader() pragmas {
	return pragmas{
		{"busy_timeout", busyTimeout},
		{"journal_mode", "wal"},
		{"foreign_keys", "1"},
		{"query_only", "1"},
	}
}

func memoryWriter() pragmas {
	return pragmas{
		{"busy_timeout", busyTimeout},
		{"journal_mode", "memory"},
		{"foreign_keys", "1"},
	}
}

func memoryReader() pragmas {
	return pragmas{
		{"busy_timeout", busyTimeout},
		{"foreign_keys", "1"},
		{"query_only", "1"},
		{"read_uncommitted", "1"}, // else readers would wait for the writer, table by table
	}
}

// connector opens connections and makes sure of their settings: a pragma that SQLite does not know, or cannot follow, is no
// error to it.
type connector struct {
	driver.Connector
	settings pragmas
}

func newConnector(dsn string, p pragmas) (connector, error) {
	base, err := sqlite.NewConnector(dsn)
	return connector{base, p}, err
}

// Connect opens a connection and refuses it if a setting reads back different.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range c.settings {
		if err := setPatiently(ctx, conn, p); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// settingTries times settingPause is how long a setting is tried that another process is in the way of.
const (
	settingTries = 400
	settingPause = 25 * time.Millisecond
)

// setPatiently sets one pragma. SQLite does not wait by itself where two processes make a new file write-ahead at the same
// time: it tells one of them at once that the file is locked.
func setPatiently(ctx context.Context, conn driver.Conn, p [2]string) error {
	for try := 1; ; try++ {
		err := set(ctx, conn, p)
		if err == nil || !isBusy(err) || try == settingTries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(settingPause):
		}
	}
}

func isBusy(err error) bool {
	var fault *sqlite.Error
	return errors.As(err, &fault) && fault.Code()&0xff == busyCode
}

// busyCode is SQLITE_BUSY, without what the extended codes add.
const busyCode = 5

func set(ctx context.Context, conn driver.Conn, p [2]string) error {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return errors.New("set pragma: the driver cannot query")
	}
	if _, err := first(ctx, q, "PRAGMA "+p[0]+" = "+p[1]); err != nil {
		return fmt.Errorf("set pragma %s: %w", p[0], err)
	}
	got, err := first(ctx, q, "PRAGMA "+p[0])
	if err != nil {
		return fmt.Errorf("read pragma %s: %w", p[0], err)
	}
	if got != p[1] {
		return fmt.Errorf("pragma %s is %q, it should be %q", p[0], got, p[1])
	}
	return nil
}

// first gives the first column of the first row as text, or "".
func first(ctx context.Context, q driver.QueryerContext, text string) (string, error) {
	rows, err := q.QueryContext(ctx, text, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	row := make([]driver.Value, len(rows.Columns()))
	if len(row) == 0 || rows.Next(row) != nil {
		return "", nil
	}
	return fmt.Sprint(row[0]), nil
}
