package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

func mustOpen(t *testing.T, path string, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	s, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func creation(name string) auth.Draft {
	return auth.Draft{
		Nonce: name, Account: auth.Account{Name: auth.Name(name)},
		Credentials: []auth.Credential{{Kind: auth.CredentialPassword, Value: "hash"}},
		Log:         auth.LogEntry{Type: auth.LogNewUsers, Action: auth.LogCreate, Performer: auth.Name(name), Target: auth.Name(name)},
		Outbox:      []auth.OutboxItem{{MessageID: name, Kind: auth.MailConfirmEmail, Expires: time.Now().Add(time.Hour)}},
	}
}

func TestOpenNeedsAStore(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	if _, err := Open(t.Context(), path, sqlstore.Options{}); err == nil {
		t.Error("a missing file was opened")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the missing file was made: %v", err)
	}
	if _, err := Open(t.Context(), filepath.Join(dir, "no", "a.db"), sqlstore.Options{Migrate: true}); err == nil {
		t.Error("a file in a missing folder was made")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, sqlstore.Options{}); err == nil || !strings.Contains(err.Error(), "no gatehouse store") {
		t.Errorf("an empty file: %v", err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, sqlstore.Options{Migrate: true}); err == nil {
		t.Error("a file that is no database was opened")
	}
}

func TestOpenOtherSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	mustOpen(t, path, sqlstore.Options{Migrate: true}).Close()
	mustOpen(t, path, sqlstore.Options{}).Close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := Open(t.Context(), path, sqlstore.Options{}); err == nil || !strings.Contains(err.Error(), "9999") {
		t.Errorf("a newer schema: %v", err)
	}
	if _, err := Open(t.Context(), path, sqlstore.Options{Migrate: true}); err == nil {
		t.Error("a newer schema was opened for migration")
	}
}

// TestOpenPaths: characters that mean something in a URL are part of the name.
func TestOpenPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"plain.db", "a b.db", "a?b=c.db", "a#b.db", "a%41.db", "ä;'\".db"} {
		path := filepath.Join(dir, name)
		s := mustOpen(t, path, sqlstore.Options{Migrate: true})
		if _, err := s.CreateAccount(t.Context(), creation("Ann")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + suffix)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", name+suffix, info, err)
			}
		}
		s.Close()
	}
}

// TestSettings: a setting that a database cannot have keeps the store from opening.
func TestSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	for name, c := range map[string]struct {
		dsn     string
		setting [2]string
		good    bool
	}{
		"good":           {"file:" + path, [2]string{"synchronous", "2"}, true},
		"unknown pragma": {"file:" + path, [2]string{"synchronos", "2"}, false},
		"unknown value":  {"file:" + path, [2]string{"journal_mode", "walnut"}, false},
		"impossible":     {"file::memory:", [2]string{"journal_mode", "wal"}, false},
	} {
		db, err := database{dsn: c.dsn}.pool(pragmas{c.setting}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.PingContext(t.Context()); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
		db.Close()
	}
}

// TestOpenTogether: of several that make one store at once, all get it.
func TestOpenTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := Open(t.Context(), path, sqlstore.Options{Migrate: true})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestTwoProcesses: the operator's tool writes while the server does. Two stores on one file lock each other out as two
// processes would.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	stores := []*sqlstore.Store{mustOpen(t, path, sqlstore.Options{Migrate: true}), mustOpen(t, path, sqlstore.Options{})}
	const each = 100
	var wg sync.WaitGroup
	for i, s := range stores {
		for n := range each {
			wg.Go(func() {
				if _, err := s.CreateAccount(t.Context(), creation(fmt.Sprintf("User %d of %d", n, i))); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	for _, s := range stores {
		as, err := s.Accounts(t.Context(), auth.AccountQuery{Limit: 1000})
		if err != nil || len(as) != 2*each {
			t.Errorf("%d accounts, %v", len(as), err)
		}
	}
}

// TestMemoryIsPrivate: two stores in memory know nothing of each other.
func TestMemoryIsPrivate(t *testing.T) {
	var stores [2]*sqlstore.Store
	for i := range stores {
		s, err := OpenMemory(t.Context(), sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores[i] = s
	}
	if _, err := stores[0].CreateAccount(t.Context(), creation("Ann")); err != nil {
		t.Fatal(err)
	}
	if _, err := stores[1].AccountByName(t.Context(), "Ann"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the other store: %v", err)
	}
}
