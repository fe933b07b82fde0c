package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// bareEngine is the database without a server: the rows of a sign-up, inserted by a loop. It is what P2 can come close to.
type bareEngine struct {
	db     *sql.DB
	engine engine
	number atomic.Int64
}

const (
	bareGroup   = 64 // creations that share a transaction on SQLite
	bareClients = 16 // connections to PostgreSQL, each with one statement at a time
)

// openBare opens a store whose tables are there, with the settings that the server has.
func openBare(s *store) (*bareEngine, error) {
	b := &bareEngine{engine: s.engine}
	var err error
	if s.engine == postgres {
		if b.db, err = sql.Open("pgx", s.url); err == nil {
			b.db.SetMaxOpenConns(bareClients)
			b.db.SetMaxIdleConns(bareClients)
		}
		return b, err
	}
	b.db, err = sql.Open("sqlite", "file:"+s.file()+"?_pragma=journal_mode(wal)&_pragma=synchronous(2)&_pragma=foreign_keys(1)"+
		"&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(4000)")
	if err == nil {
		b.db.SetMaxOpenConns(1)
	}
	return b, err
}

func (b *bareEngine) describe() string {
	if b.engine == sqlite {
		return fmt.Sprintf("bare engine, %d creations a commit", bareGroup)
	}
	return fmt.Sprintf("bare engine, one statement a creation, %d connections", bareClients)
}

// run inserts for d. It is a turn.
func (b *bareEngine) run(ctx context.Context, d time.Duration) (part, error) {
	s := newSample()
	s.elapsed = d
	end := time.Now().Add(d)
	step, clients, each := b.insertGroup, 1, bareGroup
	if b.engine == postgres {
		step, clients, each = b.insertOne, bareClients, 1
	}
	errs := make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for errs[i] == nil {
				began := time.Now()
				errs[i] = step(ctx)
				done := time.Now()
				if done.After(end) {
					return
				}
				for range each {
					s.add(done.Sub(began), nil)
				}
			}
		})
	}
	all.Wait()
	return part{sample: s}, errors.Join(errs...)
}

// insertGroup is one transaction of SQLite.
func (b *bareEngine) insertGroup(ctx context.Context) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for range bareGroup {
		l := numbered(b.number.Add(1))
		for _, f := range fillings() {
			if _, err := tx.ExecContext(ctx, f.insert(), f.row(l)...); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
	}
	return tx.Commit()
}

// insertOne is one statement of PostgreSQL, which is a transaction of its own.
func (b *bareEngine) insertOne(ctx context.Context) error {
	l := numbered(b.number.Add(1))
	_, err := b.db.ExecContext(ctx, `
WITH made AS (INSERT INTO account (name, real_name, email, email_confirmed, registered, language, nonce)
	VALUES ($1, '', '', 0, $2, 'en', $3) RETURNING id, name, registered),
credentials AS (INSERT INTO credential (account, kind, value) SELECT id, 'password', $4 FROM made)
INSERT INTO log_entry (type, action, performer_id, performer, target_id, target, comment, time)
SELECT 'newusers', 'create', id, name, id, name, '', registered - registered % 1000000 FROM made`,
		l.name, l.registered, l.nonce, l.credential)
	return err
}
