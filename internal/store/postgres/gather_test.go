package postgres

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"gatehouse/auth"
	"gatehouse/internal/store/postgres/postgrestest"
	"gatehouse/internal/store/sqlstore"
)

// behindALock starts the creations while nobody may write accounts, so that they wait for each other and go in groups, and
// gives their errors.
func behindALock(t *testing.T, url string, s *sqlstore.Store, drafts []auth.Draft) []error {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), `LOCK TABLE account IN EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, len(drafts))
	var begun, ended sync.WaitGroup
	for i, d := range drafts {
		begun.Add(1)
		ended.Go(func() {
			begun.Done()
			_, errs[i] = s.CreateAccount(t.Context(), d)
		})
	}
	begun.Wait()
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	ended.Wait()
	return errs
}

// TestGroup: of creations that are committed together each has the outcome that it would have alone.
func TestGroup(t *testing.T) {
	url := postgrestest.URL(t)
	s, err := Open(t.Context(), url, sqlstore.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.CreateAccount(t.Context(), creation("Taken")); err != nil {
		t.Fatal(err)
	}
	narrow := auth.Counter{Key: "narrow", Limit: 3, Window: time.Hour}
	wide := auth.Counter{Key: "a wide one", Limit: 100, Window: time.Hour}
	var drafts []auth.Draft
	for i := range 20 {
		drafts = append(drafts, creation(fmt.Sprint("Free ", i), wide))
	}
	for i := range 5 {
		drafts = append(drafts, creation(fmt.Sprint("Narrow ", i), narrow, wide))
	}
	broken := creation("Broken", wide)
	broken.Credentials = []auth.Credential{{Kind: "a", Value: "1"}, {Kind: "a", Value: "2"}}
	taken := creation("Taken", wide)
	taken.Nonce = "another"
	again := creation("Taken", wide)
	drafts = append(drafts, broken, taken, again)
	errs := behindALock(t, url, s, drafts)

	full := 0
	for i, err := range errs {
		var limit *auth.LimitError
		switch {
		case i < 20 && err != nil, i == 27 && err != nil:
			t.Errorf("%s: %v", drafts[i].Account.Name, err)
		case i >= 20 && i < 25 && errors.As(err, &limit):
			full++
		case i == 25 && err == nil:
			t.Error("two credentials of one kind were stored")
		case i == 26 && !errors.Is(err, auth.ErrNameTaken):
			t.Errorf("a name that is taken: %v", err)
		}
	}
	states, err := s.Read(t.Context(), []auth.Counter{narrow, wide})
	if err != nil || full != 2 || states[0].Count != 3 || states[1].Count != 23 {
		t.Errorf("%d were refused, counters %+v, %v", full, states, err)
	}
	entries, err := s.LogEntries(t.Context(), auth.LogQuery{Limit: 100})
	mails, err2 := s.Mails(t.Context(), auth.MailQuery{Limit: 100})
	if err := errors.Join(err, err2); err != nil || len(entries) != 24 || len(mails) != 24 {
		t.Errorf("%d log entries, %d mails, %v", len(entries), len(mails), err)
	}
	for _, e := range entries {
		a, err := s.AccountByID(t.Context(), e.TargetID)
		if err != nil || a.Name != e.Target || e.PerformerID != a.ID || e.Time.IsZero() {
			t.Errorf("entry %+v of account %+v, %v", e, a, err)
		}
	}
}

// TestLostConnectionOfAGroup: whenever the connection is lost, every member is made once and told that it was.
func TestLostConnectionOfAGroup(t *testing.T) {
	for _, withAnswer := range []bool{false, true} {
		t.Run(fmt.Sprint("with answer ", withAnswer), func(t *testing.T) {
			b := &breaker{marker: []byte("Fated"), withAnswer: withAnswer}
			s := openBreakable(t, b)
			counter := auth.Counter{Key: "k", Limit: 100, Window: time.Hour}
			const members = 40
			b.armed.Store(true)
			var all sync.WaitGroup
			for i := range members {
				all.Go(func() {
					if _, err := s.CreateAccount(t.Context(), creation(fmt.Sprint("Fated ", i), counter)); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if b.armed.Load() {
				t.Error("the connection was not lost")
			}
			n, err := s.AccountCount(t.Context())
			entries, err2 := s.LogEntries(t.Context(), auth.LogQuery{Limit: 100})
			states, err3 := s.Read(t.Context(), []auth.Counter{counter})
			if err := errors.Join(err, err2, err3); err != nil || n != members || len(entries) != members || states[0].Count != members {
				t.Errorf("%d accounts, %d entries, counter %+v, %v", n, len(entries), states, err)
			}
		})
	}
}

// TestLookUpsTogether: a look-up that the server refuses takes no other along, and one whose connection is lost is repeated.
func TestLookUpsTogether(t *testing.T) {
	b := &breaker{marker: []byte("Fated"), withAnswer: true}
	s := openBreakable(t, b)
	if _, err := s.CreateAccount(t.Context(), creation("Ann")); err != nil {
		t.Fatal(err)
	}
	b.armed.Store(true)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			name := auth.Name("Ann")
			if i == 20 {
				name = "Fated"
			}
			a, err := s.AccountByName(t.Context(), name)
			if i == 20 != errors.Is(err, auth.ErrNotFound) || i != 20 && a.ID != 1 {
				t.Errorf("%s: %+v, %v", name, a, err)
			}
		})
	}
	all.Wait()
	if b.armed.Load() {
		t.Error("the connection was not lost")
	}

	config, err := pgx.ParseConfig(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	line := startLookers(config)
	defer line.stop()
	for i := range 40 {
		all.Go(func() {
			text := `SELECT CAST($1 AS BIGINT)`
			if i%4 == 0 {
				text = `SELECT 1 / (CAST($1 AS BIGINT) - $1)`
			}
			rows, err := line.look(text, []any{int64(i)})
			if i%4 == 0 {
				if !new(engine).DividedByZero(err) {
					t.Errorf("a division by zero: %v", err)
				}
				return
			}
			var n int64
			if err != nil || !rows.Next() || rows.Scan(&n) != nil || n != int64(i) {
				t.Errorf("%d: %d, %v", i, n, err)
			}
		})
	}
	all.Wait()
}
