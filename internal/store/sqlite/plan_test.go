package sqlite

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

// TestPlans: no look-up walks through a table, and no page is sorted, so that neither grows slow with the table.
func TestPlans(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "a.db")
	s := mustOpen(t, path, sqlstore.Options{Migrate: true})
	db, err := database{dsn: "file:" + path}.pool(nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	reads := &preparedReads{db: db}
	watched := sqlstore.New(&engine{reading: db, writing: db, reader: reads, writer: &writer{}}, sqlstore.Options{Clock: time.Now})
	if _, err := s.CreateAccount(ctx, creation("Ann")); err != nil {
		t.Fatal(err)
	}

	// What these find is few, and is sorted when it is found.
	fewHit := map[string]bool{"blocks": true, "log prefix": true, "members": true, "blocks covering": true, "blocks on accounts": true}
	now := time.Now()
	at := auth.LogPosition{Time: now, ID: 7}
	who := auth.Creator{Account: auth.Account{ID: 1}, Addr: netip.MustParseAddr("192.0.2.1")}
	for name, read := range map[string]func() error{
		"account by name": func() error { _, err := watched.AccountByName(ctx, "Ann"); return err },
		"account by id":   func() error { _, err := watched.AccountByID(ctx, 1); return err },
		"by names":        func() error { _, err := watched.AccountsByName(ctx, []auth.Name{"a", "b", "c"}); return err },
		"by ids":          func() error { _, err := watched.AccountsByID(ctx, []auth.AccountID{1, 2, 3}); return err },
		"by email":        func() error { _, err := watched.AccountsByEmail(ctx, "a@example.org", 5); return err },
		"accounts": func() error {
			_, err := watched.Accounts(ctx, auth.AccountQuery{Prefix: "A", From: "A", To: "B", Limit: 1, Descending: true})
			return err
		},
		"members": func() error {
			_, err := watched.Accounts(ctx, auth.AccountQuery{
				Groups: []string{"a"}, NotGroups: []string{"b"}, Having: []auth.Membership{{In: []string{"a"}, NotIn: []string{"b"}}}, Limit: 1,
			})
			return err
		},
		"account count": func() error { _, err := watched.AccountCount(ctx); return err },
		"group size":    func() error { _, _, err := watched.GroupSize(ctx, "a"); return err },
		"block list":    func() error { return blocks(watched, auth.BlockQuery{}) },
		"block page": func() error {
			return blocks(watched, auth.BlockQuery{From: now, To: now, At: auth.BlockPosition{Created: now, ID: 7}, IsNot: []auth.BlockTrait{auth.BlockOfAccount}})
		},
		"blocks covering":    func() error { return blocks(watched, auth.BlockQuery{Covering: netip.MustParsePrefix("192.0.2.0/24")}) },
		"blocks on accounts": func() error { _, err := watched.BlocksOnAccounts(ctx, []auth.AccountID{1, 2}); return err },
		"credential":         func() error { _, err := watched.Credential(ctx, 1, auth.CredentialPassword); return err },
		"credentials":        func() error { _, err := watched.Credentials(ctx, 1); return err },
		"blocks":             func() error { _, err := watched.BlocksOn(ctx, who); return err },
		"counters":           func() error { _, err := watched.Read(ctx, []auth.Counter{{Key: "a"}, {Key: "b"}}); return err },
		"mail":               func() error { _, err := watched.Mail(ctx, 1); return orNothing(err) },
		"mails":              func() error { _, err := watched.Mails(ctx, auth.MailQuery{State: auth.MailDead, Limit: 9}); return err },
		"mail count":         func() error { _, err := watched.MailCount(ctx); return err },
		"mail due":           func() error { _, err := watched.MailDue(ctx); return err },
		"flow":               func() error { _, err := watched.PeekFlow(ctx, "a"); return orNothing(err) },
		"handover":           func() error { _, err := watched.PeekHandover(ctx, "a"); return orNothing(err) },
		"identity":           func() error { _, err := watched.AccountByIdentity(ctx, "a", "b"); return orNothing(err) },
		"identities":         func() error { _, err := watched.IdentitiesOf(ctx, 1); return err },
		"session":            func() error { _, _, err := watched.Session(ctx, "a"); return orNothing(err) },
		"remembered":         func() error { _, _, err := watched.RememberedSession(ctx, "a"); return orNothing(err) },
		"log":                func() error { return log(watched, auth.LogQuery{}) },
		"log page":           func() error { return log(watched, auth.LogQuery{After: at}) },
		"log new users": func() error {
			return log(watched, auth.LogQuery{Type: auth.LogNewUsers, From: now, To: now, OldestFirst: true, After: at})
		},
		"log rare type": func() error { return log(watched, auth.LogQuery{Type: "block", After: at}) },
		"log rare action": func() error {
			return log(watched, auth.LogQuery{Type: auth.LogNewUsers, Action: auth.LogByEmail, After: at})
		},
		"log performer": func() error { return log(watched, auth.LogQuery{Type: auth.LogNewUsers, Performer: "Ann", After: at}) },
		"log prefix":    func() error { return log(watched, auth.LogQuery{Type: auth.LogNewUsers, TargetPrefix: "A"}) },
		"log target":    func() error { return log(watched, auth.LogQuery{Type: auth.LogNewUsers, Target: "Ann", After: at}) },
	} {
		reads.texts.Clear()
		if err := read(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		reads.texts.Range(func(text, _ any) bool {
			for _, step := range explain(t, reads, text.(string)) {
				walks := strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "USING INDEX") && step != "SCAN few"
				sorts := strings.Contains(step, "TEMP B-TREE") && !fewHit[name]
				if walks || sorts {
					t.Errorf("%s: %s\n%s", name, step, text)
				}
			}
			return true
		})
	}
}

func explain(t *testing.T, reads *preparedReads, text string) []string {
	t.Helper()
	rows, err := reads.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "$"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

func log(s *sqlstore.Store, q auth.LogQuery) error {
	q.Limit = 10
	_, err := s.LogEntries(context.Background(), q)
	return err
}

func blocks(s *sqlstore.Store, q auth.BlockQuery) error {
	q.Limit = 10
	_, err := s.ListBlocks(context.Background(), q)
	return err
}

func orNothing(err error) error {
	if errors.Is(err, auth.ErrNotFound) {
		return nil
	}
	return err
}
