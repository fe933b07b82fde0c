package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// preparedReads runs reads on a pool and prepares each text once. The texts that sqlstore makes are few.
type preparedReads struct {
	db    *sql.DB
	texts sync.Map // text → *sql.Stmt
}

func (p *preparedReads) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if st, ok := p.texts.Load(text); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := p.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if other, late := p.texts.LoadOrStore(text, st); late {
		return other.(*sql.Stmt), st.Close()
	}
	return st, nil
}

func (p *preparedReads) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return p.db.ExecContext(ctx, text, args...)
}

func (p *preparedReads) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	st, err := p.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

func (p *preparedReads) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	st, err := p.prepare(ctx, text)
	if err != nil {
		return p.db.QueryRowContext(ctx, text, args...) // it fails the same way, and a Row carries that
	}
	return st.QueryRowContext(ctx, args...)
}

// preparedWrites does the same on the writer's one connection, for the writer's one goroutine.
type preparedWrites struct {
	conn  *sql.Conn
	texts map[string]*sql.Stmt
}

func (p *preparedWrites) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if st, ok := p.texts[text]; ok {
		return st, nil
	}
	st, err := p.conn.PrepareContext(ctx, text)
	if err == nil {
		p.texts[text] = st
	}
	return st, err
}

// Close ends the statements. database/sql leaves those of a single connection open when it closes the connection, and
// SQLite keeps a connection alive, and the write-ahead log with it, until its last statement ended.
func (p *preparedWrites) Close() error {
	var err error
	for _, st := range p.texts {
		err = errors.Join(err, st.Close())
	}
	return err
}

func (p *preparedWrites) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	st, err := p.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

func (p *preparedWrites) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	st, err := p.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

func (p *preparedWrites) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	st, err := p.prepare(ctx, text)
	if err != nil {
		return p.conn.QueryRowContext(ctx, text, args...)
	}
	return st.QueryRowContext(ctx, args...)
}
