package crashtest

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"gatehouse/internal/store/postgres/postgrestest"
)

// database is the store under the server, which outlives it, and our own look into it.
type database struct {
	t       *testing.T
	url     string
	keyFile string
	look    *sql.DB
	// application is the name under which PostgreSQL knows the server's connections; empty on SQLite.
	application string
}

func newSQLite(t *testing.T) *database {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "gatehouse.db")
	d := &database{t: t, url: "sqlite:" + file, keyFile: filepath.Join(dir, "master.key")}
	d.open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(10000)")
	return d
}

func newPostgres(t *testing.T) *database {
	t.Helper()
	own := postgrestest.URL(t)
	d := &database{t: t, keyFile: filepath.Join(t.TempDir(), "master.key"), application: "gatehouse-crashtest"}
	u, err := url.Parse(own)
	if err != nil {
		t.Fatal("the URL of PostgreSQL cannot be read")
	}
	q := u.Query()
	d.application += q.Get("search_path")
	q.Set("application_name", d.application)
	u.RawQuery = q.Encode()
	d.url = u.String()
	d.open("pgx", own)
	return d
}

// ownURL is the store's address for this process, whose connections outlive the servers.
func (d *database) ownURL() string {
	if d.application == "" {
		return d.url
	}
	return strings.Replace(d.url, d.application, d.application+"-test", 1)
}

// writable opens the database once more, to change what time would change.
func (d *database) writable() *sql.DB {
	d.t.Helper()
	driver, name := "pgx", d.ownURL()
	if d.application == "" {
		driver, name = "sqlite", "file:"+strings.TrimPrefix(d.url, "sqlite:")+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { db.Close() })
	return db
}

func (d *database) open(driver, name string) {
	d.t.Helper()
	var err error
	if d.look, err = sql.Open(driver, name); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { d.look.Close() })
}

// awaitQuiet waits until PostgreSQL has noticed that the server's connections are dead: until then it may still be
// committing what was sent over them. SQLite's work dies with the process.
func (d *database) awaitQuiet() {
	d.t.Helper()
	if d.application == "" {
		return
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		var left int
		err := d.look.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE application_name = $1`, d.application).Scan(&left)
		if err != nil {
			d.t.Fatal(err)
		}
		if left == 0 {
			return
		}
	}
	d.t.Fatalf("PostgreSQL still holds connections of the dead server after %s", patience)
}

// checkNoHalves looks into the tables themselves: what the API does not show must not be half there either.
func (d *database) checkNoHalves() {
	d.t.Helper()
	for what, query := range map[string]string{
		"accounts without a credential":        `SELECT count(*) FROM account a WHERE NOT EXISTS (SELECT 1 FROM credential c WHERE c.account = a.id)`,
		"accounts without exactly one entry":   `SELECT count(*) FROM account a WHERE (SELECT count(*) FROM log_entry l WHERE l.target_id = a.id AND l.target = a.name) <> 1`,
		"credentials without an account":       `SELECT count(*) FROM credential c WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.id = c.account)`,
		"log entries without an account":       `SELECT count(*) FROM log_entry l WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.id = l.target_id)`,
		"creations that left several accounts": `SELECT count(*) - count(DISTINCT nonce) FROM account`,
	} {
		var n int
		if err := d.look.QueryRow(query).Scan(&n); err != nil {
			d.t.Fatalf("%s: %v", what, err)
		}
		if n != 0 {
			d.t.Errorf("%d %s", n, what)
		}
	}
	if d.application == "" {
		d.checkFile()
	}
}

func (d *database) checkFile() {
	d.t.Helper()
	var verdict string
	if err := d.look.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		d.t.Errorf("the file is damaged: %s, %v", verdict, err)
	}
}
