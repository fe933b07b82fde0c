package sqlite

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/sqlstore"
)

// killedVariable makes the test binary a process that creates accounts in the named file until it is killed.
const killedVariable = "GATEHOUSE_TEST_KILLED_STORE"

// TestKilled kills a process in the middle of its writes. Every account that was answered is there, whole, and none is
// there by half.
func TestKilled(t *testing.T) {
	if path := os.Getenv(killedVariable); path != "" {
		createUntilKilled(t, path)
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	path := filepath.Join(t.TempDir(), "a.db")
	answered := map[auth.Name]bool{}
	for round := range 5 {
		// Answers that come in are counted, so that the moment of the kill is one of work and not one of time.
		for _, name := range killAfter(t, path, 100+333*round) {
			answered[name] = true
		}
		checkWhole(t, path, answered)
	}
}

// killAfter starts the process, kills it after that many answers, and gives the names it was answered for.
func killAfter(t *testing.T, path string, answers int) []auth.Name {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), killedVariable+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var names []auth.Name
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		names = append(names, auth.Name(lines.Text()))
		if len(names) == answers {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(names) < answers {
		t.Fatalf("the process ended by itself after %d answers: %v", len(names), err)
	}
	return names
}

func createUntilKilled(t *testing.T, path string) {
	s := mustOpen(t, path, sqlstore.Options{Migrate: true})
	start := time.Now().UnixNano()
	var wg sync.WaitGroup
	for client := range 16 {
		wg.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("User %d %d %d", start, client, n)
				if _, err := s.CreateAccount(t.Context(), creation(name)); err != nil {
					return
				}
				if _, err := os.Stdout.WriteString(name + "\n"); err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
}

// checkWhole wants all answered accounts, and every account with its credential, its log entry and its mail.
func checkWhole(t *testing.T, path string, answered map[auth.Name]bool) {
	t.Helper()
	ctx := t.Context()
	s := mustOpen(t, path, sqlstore.Options{})
	defer s.Close()
	accounts, err := s.Accounts(ctx, auth.AccountQuery{Limit: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.LogEntries(ctx, auth.LogQuery{Limit: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	mails, err := s.Mails(ctx, auth.MailQuery{Limit: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	logged, missing := map[auth.Name]bool{}, len(answered)
	for _, e := range entries {
		logged[e.Target] = true
	}
	for _, a := range accounts {
		if answered[a.Name] {
			missing--
		}
		if _, err := s.Credential(ctx, a.ID, auth.CredentialPassword); err != nil || !logged[a.Name] {
			t.Errorf("%s is there by half: %v", a.Name, err)
		}
	}
	if missing != 0 {
		t.Errorf("%d accounts that were answered are missing", missing)
	}
	if len(accounts) != len(entries) || len(accounts) != len(mails) {
		t.Errorf("%d accounts, %d log entries, %d mails", len(accounts), len(entries), len(mails))
	}
}
