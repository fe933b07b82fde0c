package postgres

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"gatehouse/auth"
	"gatehouse/internal/store/postgres/postgrestest"
	"gatehouse/internal/store/sqlstore"
)

// breaker loses a connection once, at the request that contains marker: before the server has it, or with its answer.
type breaker struct {
	marker     []byte
	withAnswer bool
	armed      atomic.Bool
}

type breakable struct {
	net.Conn
	b      *breaker
	broken atomic.Bool
}

func (c *breakable) Write(p []byte) (int, error) {
	if !bytes.Contains(p, c.b.marker) || !c.b.armed.CompareAndSwap(true, false) {
		return c.Conn.Write(p)
	}
	if c.b.withAnswer {
		c.broken.Store(true)
		return c.Conn.Write(p)
	}
	c.Conn.Close()
	return c.Conn.Write(p)
}

// Read waits for the answer, so that the server is done, and throws it away.
func (c *breakable) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.broken.Load() {
		c.Conn.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

func openBreakable(t *testing.T, b *breaker) *sqlstore.Store {
	t.Helper()
	config, err := pgx.ParseConfig(postgrestest.URL(t) + "&sslmode=disable") // the marker must be seen
	if err != nil {
		t.Fatal(err)
	}
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		return &breakable{Conn: c, b: b}, err
	}
	s, err := open(t.Context(), config, sqlstore.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func creation(name string, cs ...auth.Counter) auth.Draft {
	return auth.Draft{
		Nonce: name, Account: auth.Account{Name: auth.Name(name)}, Counters: cs,
		Log:    auth.LogEntry{Type: auth.LogNewUsers, Action: auth.LogCreate, Performer: auth.Name(name), Target: auth.Name(name)},
		Outbox: []auth.OutboxItem{{MessageID: name, Kind: auth.MailConfirmEmail, Expires: time.Now().Add(time.Hour)}},
	}
}

// TestLostConnection: whenever the connection is lost, the account is made once, is answered, and is counted once.
func TestLostConnection(t *testing.T) {
	counter := auth.Counter{Key: "k", Limit: 5, Window: time.Hour}
	for name, c := range map[string]struct {
		marker     string
		withAnswer bool
		counters   []auth.Counter
	}{
		"request lost":             {"Fated", false, nil},
		"answer lost":              {"Fated", true, nil},
		"rows lost, with counters": {"Fated", true, []auth.Counter{counter}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			b := &breaker{marker: []byte(c.marker), withAnswer: c.withAnswer}
			s := openBreakable(t, b)
			b.armed.Store(true)
			a, err := s.CreateAccount(ctx, creation("Fated", c.counters...))
			if err != nil || a.ID == 0 || a.Registered.IsZero() {
				t.Fatalf("created %+v, %v", a, err)
			}
			if b.armed.Load() {
				t.Fatal("the connection was not lost")
			}
			accounts, err := s.Accounts(ctx, auth.AccountQuery{Limit: 9})
			if err != nil || len(accounts) != 1 || accounts[0].ID != a.ID {
				t.Errorf("accounts %+v, %v", accounts, err)
			}
			entries, err := s.LogEntries(ctx, auth.LogQuery{Limit: 9})
			if err != nil || len(entries) != 1 {
				t.Errorf("log %+v, %v", entries, err)
			}
			states, err := s.Read(ctx, []auth.Counter{counter})
			if err != nil || states[0].Count != int64(len(c.counters)) {
				t.Errorf("counter %+v, %v", states, err)
			}
		})
	}
}

// TestReadsBesideWrites: reads do not wait while every connection for writes is taken by a transaction that has not ended.
func TestReadsBesideWrites(t *testing.T) {
	ctx := t.Context()
	config, err := pgx.ParseConfig(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(config)
	if err := e.ready(ctx, true); err != nil {
		t.Fatal(err)
	}
	s := sqlstore.New(e, sqlstore.Options{})
	defer s.Close()
	if _, err := s.CreateAccount(ctx, creation("Ann")); err != nil {
		t.Fatal(err)
	}
	var begun, ended sync.WaitGroup
	release := make(chan struct{})
	for i := range maxWriting {
		begun.Add(1)
		ended.Go(func() {
			err := e.Write(ctx, func(ctx context.Context, q sqlstore.Queries) error {
				_, err := q.ExecContext(ctx, `UPDATE account SET language = 'de' WHERE id = $1`, int64(i))
				begun.Done()
				<-release
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	begun.Wait()
	if _, err := s.AccountByName(ctx, "Ann"); err != nil {
		t.Error(err)
	}
	waiting, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.CreateAccount(waiting, creation("Ben")); !errors.Is(err, context.Canceled) {
		t.Errorf("a creation whose request ended before it had a connection: %v", err)
	}
	close(release)
	ended.Wait()
}

// TestLostToAnother: a creation whose request was lost does not take the account that somebody else made meanwhile for its
// own.
func TestLostToAnother(t *testing.T) {
	b := &breaker{marker: []byte("Fated")}
	s := openBreakable(t, b)
	other := creation("Fated")
	other.Nonce = "another"
	if _, err := s.CreateAccount(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	b.armed.Store(true)
	if _, err := s.CreateAccount(t.Context(), creation("Fated")); !errors.Is(err, auth.ErrNameTaken) || b.armed.Load() {
		t.Errorf("got %v", err)
	}
}

func TestKindsOfFault(t *testing.T) {
	for name, c := range map[string]struct {
		err               error
		unknown, inTheWay bool
	}{
		"none":            {nil, false, false},
		"refusal":         {auth.ErrNameTaken, false, false},
		"serialisation":   {&pgconn.PgError{Code: "40001"}, false, true},
		"deadlock":        {fmt.Errorf("x: %w", &pgconn.PgError{Code: "40P01"}), false, true},
		"constraint":      {&pgconn.PgError{Code: "23505"}, false, false},
		"shut-down":       {&pgconn.PgError{Code: "57P01"}, true, false},
		"cancelled query": {&pgconn.PgError{Code: "57014"}, false, false},
		"broken off":      {io.ErrUnexpectedEOF, true, false},
		"reset":           {fmt.Errorf("x: %w", &net.OpError{Op: "read", Err: errors.New("reset")}), true, false},
		"bad connection":  {driver.ErrBadConn, true, false},
		"closed":          {fmt.Errorf("x: %w", pgconn.ErrConnClosed), true, false},
		"no answer":       {context.DeadlineExceeded, true, false},
		"not begun":       {notBegun{context.DeadlineExceeded}, false, false},
	} {
		if got := new(engine).Unknown(c.err); got != c.unknown {
			t.Errorf("%s: unknown is %v", name, got)
		}
		if got := inTheWay(c.err); got != c.inTheWay {
			t.Errorf("%s: in the way is %v", name, got)
		}
	}
}

func TestOpenNeedsAStore(t *testing.T) {
	url := postgrestest.URL(t)
	if _, err := Open(t.Context(), url, sqlstore.Options{}); err == nil || !strings.Contains(err.Error(), "no gatehouse store") {
		t.Errorf("an empty schema: %v", err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := Open(t.Context(), url, sqlstore.Options{Migrate: true})
			if err != nil {
				t.Errorf("migrate together: %v", err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
	s, err := Open(t.Context(), url, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOpenNowhere(t *testing.T) {
	_, err := Open(t.Context(), "postgres://root:geheim@127.0.0.1:1/db", sqlstore.Options{})
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
}
