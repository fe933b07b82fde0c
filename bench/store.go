package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// store is what a server keeps its accounts in: a file, or a database, of its own. Servers may come and go on it.
type store struct {
	engine   engine
	dir, url string
	// settings are what a server has to be told to use it, database the process of a PostgreSQL that runs here, else 0.
	settings []string
	database int
	release  func() error
}

func (b *bench) newStore(ctx context.Context, e engine) (*store, error) {
	b.started++
	s := &store{engine: e, dir: filepath.Join(b.dir, strconv.Itoa(b.started))}
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the server's folder: %w", err)
	}
	s.release = func() error { return os.RemoveAll(s.dir) }
	if e == sqlite {
		s.url = "sqlite:" + s.file()
		return s, nil
	}
	url, drop, err := newDatabase(ctx, b.postgres, b.started)
	if err != nil {
		return nil, errors.Join(err, s.release())
	}
	s.url, s.release = url, func() error { return errors.Join(drop(), os.RemoveAll(s.dir)) }
	s.settings = []string{"keys.file=" + filepath.Join(s.dir, "master.key")}
	if s.database, err = firstProcess(ctx, url); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

// file is that of SQLite.
func (s *store) file() string { return filepath.Join(s.dir, "gatehouse.db") }

// migrate makes the tables.
func (b *bench) migrate(ctx context.Context, s *store) error {
	c := exec.CommandContext(ctx, b.binary, "migrate", "--store", s.url)
	c.Env = ownEnvironment()
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("make the tables: %w\n%s", err, said)
	}
	return nil
}
