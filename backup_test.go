package gatehouse

import (
	"database/sql"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/store/postgres/postgrestest"
)

// A store that is copied while the server runs, as docs/operations.md tells, lost, and put back, has everybody who was in it: with
// their passwords and, where the master key was kept, with their second factors. Without the key the server refuses to start.

func TestBackupOfSQLite(t *testing.T) {
	tool := lookFor(t, "sqlite3")
	testBackup(t, testConfig(t), func(cfg *Config) (restore func()) {
		copied := filepath.Join(t.TempDir(), "copy.db")
		file := strings.TrimPrefix(cfg.Store.URL.Reveal(), "sqlite:")
		runTool(t, exec.Command(tool, file, ".backup "+copied))
		return func() {
			for _, end := range []string{"", "-wal", "-shm"} {
				_ = os.Remove(file + end)
			}
			if err := os.Rename(copied, file); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestBackupOfPostgreSQL(t *testing.T) {
	address := postgrestest.URL(t)
	dump, load := lookFor(t, "pg_dump"), lookFor(t, "psql")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	schema := query.Get("search_path")
	query.Del("search_path")
	u.RawQuery = query.Encode()
	cfg := testConfig(t)
	cfg.Store.URL = SecretURL(address)
	testBackup(t, cfg, func(*Config) (restore func()) {
		copied := filepath.Join(t.TempDir(), "copy.sql")
		runTool(t, exec.Command(dump, "--schema="+schema, "--file="+copied, u.String()))
		return func() {
			db, err := sql.Open("pgx", u.String())
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(t.Context(), `DROP SCHEMA `+schema+` CASCADE`); err != nil {
				t.Fatal(err)
			}
			runTool(t, exec.Command(load, "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file="+copied, u.String()))
		}
	})
}

func testBackup(t *testing.T, cfg Config, backUp func(*Config) (restore func())) {
	cfg.TOTP.AtCreation = "optional"
	cfg.Keys.File = filepath.Join(t.TempDir(), "master.key")
	s, err := New(t.Context(), cfg, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, s.Handler())
	secret := setupOf(t, c.create("Alice", "Corr3ct-horse"))["secret"].(string)
	if got := c.step("createaccount", "createaccount", "code", appCode(t, secret, -1)); got["status"] != "PASS" {
		t.Fatalf("got %v", got)
	}
	restore := backUp(&cfg)
	newClient(t, s.Handler()).create("Late", "Corr3ct-horse")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	restore()

	lost := cfg
	lost.Keys.File = filepath.Join(t.TempDir(), "another.key")
	if s, err := New(t.Context(), lost, Options{Logger: slog.New(slog.DiscardHandler)}); err == nil {
		s.Close()
		t.Error("a server starts without the master key")
	} else if !strings.Contains(err.Error(), lost.Keys.File) {
		t.Errorf("the refusal does not name the file: %v", err)
	}

	s = newServer(t, cfg)
	c = newClient(t, s.Handler())
	if got := c.signIn("Alice", "Corr3ct-horse"); got != "UI" {
		t.Fatalf("signing in: %s", got)
	}
	if got := c.step("clientlogin", "login", "OATHToken", appCode(t, secret, 1)); got["status"] != "PASS" {
		t.Errorf("the second factor: %v", got)
	}
	if got := newClient(t, s.Handler()).create("Late", "Corr3ct-horse")["messagecode"]; got == "userexists" {
		t.Error("what came after the copy is there")
	}
}

// lookFor finds a database's own program, beside Debian's PostgreSQL too.
func lookFor(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		t.Skipf("%s is missing", name)
	}
	return slices.Max(found)
}

func runTool(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args[0], err, out)
	}
}
