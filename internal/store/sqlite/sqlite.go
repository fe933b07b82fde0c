// Package sqlite opens a store on SQLite, in a file or in memory: connections, pragmas, and the one writer that commits
// concurrent writes together. What is written and read is sqlstore's.
//
// In memory the connections share one cache and readers may see what a write transaction has not committed yet; with a file
// they never do.
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/pressly/goose/v3"

	"gatehouse/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations make the schema.
func Migrations() (sqlstore.Migrations, error) {
	sub, err := fs.Sub(files, "migrations")
	return sqlstore.Migrations{Dialect: goose.DialectSQLite3, Files: sub}, err
}

// Open opens the store in the file at path. Without o.Migrate a file that is missing or has another schema is an error.
// With it a missing file is made, for its owner only.
func Open(ctx context.Context, path string, o sqlstore.Options) (*sqlstore.Store, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("resolve path: %w", err)
	}
	if err := prepareFile(abs, o.Migrate); err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Path: abs, RawQuery: "mode=rw&_txlock=immediate"}
	return open(ctx, database{dsn: dsn.String(), writer: fileWriter(), reader: fileReader()}, o)
}

// OpenMemory opens a new store in memory, which ends with Close.
func OpenMemory(ctx context.Context, o sqlstore.Options) (*sqlstore.Store, error) {
	o.Migrate = true
	dsn := "file:gatehouse-" + rand.Text() + "?mode=memory&cache=shared&_txlock=immediate"
	return open(ctx, database{dsn: dsn, writer: memoryWriter(), reader: memoryReader()}, o)
}

// prepareFile makes the file where it is missing and may be made.
func prepareFile(path string, create bool) error {
	if !create {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return errors.New("there is no such file; `gatehouse serve` and `gatehouse migrate` make it")
		}
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("make the file: %w", err)
	}
	return f.Close()
}

// database is what a store is opened on.
type database struct {
	dsn            string
	writer, reader pragmas
}

func open(ctx context.Context, d database, o sqlstore.Options) (*sqlstore.Store, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	writing, err := d.pool(d.writer, 1)
	if err != nil {
		return nil, err
	}
	// The connection is opened before the migrations, because a database in memory lasts as long as its last connection.
	conn, err := writing.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connect: %w", err), writing.Close())
	}
	reading, err := d.ready(ctx, o.Migrate)
	if err != nil {
		return nil, errors.Join(err, conn.Close(), writing.Close())
	}
	e := &engine{
		reading: reading, writing: writing,
		reader: &preparedReads{db: reading},
		writer: startWriter(conn),
	}
	return sqlstore.New(e, o), nil
}

// ready brings the schema up to date, or checks it, and gives the pool of readers.
func (d database) ready(ctx context.Context, migrate bool) (*sql.DB, error) {
	reading, err := d.pool(d.reader, max(4, runtime.GOMAXPROCS(0)))
	if err != nil {
		return nil, err
	}
	m, err := Migrations()
	if err != nil {
		return nil, errors.Join(err, reading.Close())
	}
	err = m.Check(ctx, reading)
	if err != nil && migrate {
		err = d.migrate(ctx, m)
	}
	if err != nil {
		return nil, errors.Join(err, reading.Close())
	}
	return reading, nil
}

func (d database) migrate(ctx context.Context, m sqlstore.Migrations) error {
	db, err := d.pool(d.writer, 1)
	if err != nil {
		return err
	}
	return errors.Join(m.Up(ctx, db), db.Close())
}

func (d database) pool(p pragmas, size int) (*sql.DB, error) {
	c, err := newConnector(d.dsn, p)
	if err != nil {
		return nil, fmt.Errorf("read path: %w", err)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}
