package rig

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// Database is the store under the server, which outlives it, and our own look into it.
type Database struct {
	// URL is the store's address as the server has it, KeyFile where its master key is.
	URL, KeyFile string

	t testing.TB
	// look reads the tables.
	look *sql.DB
	// application is the name under which PostgreSQL knows the server's connections; empty on SQLite.
	application string
}

// NewSQLite gives a store in a file that is yet to be made in dir.
func NewSQLite(t testing.TB, dir string) *Database {
	t.Helper()
	file := filepath.Join(dir, "gatehouse.db")
	d := &Database{t: t, URL: "sqlite:" + file, KeyFile: filepath.Join(dir, "master.key")}
	d.open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(10000)")
	return d
}

// NewPostgres gives a store in the database, or the schema, that own names.
func NewPostgres(t testing.TB, own string) *Database {
	t.Helper()
	d := &Database{t: t, KeyFile: filepath.Join(t.TempDir(), "master.key"), application: "gatehouse-crashtest"}
	u, err := url.Parse(own)
	if err != nil {
		t.Fatal("the URL of PostgreSQL cannot be read")
	}
	q := u.Query()
	d.application += q.Get("search_path")
	q.Set("application_name", d.application)
	u.RawQuery = q.Encode()
	d.URL = u.String()
	d.open("pgx", own)
	return d
}

// Look is a connection that reads the tables.
func (d *Database) Look() *sql.DB { return d.look }

// Remote reports whether the database is a process of its own.
func (d *Database) Remote() bool { return d.application != "" }

// OwnURL is the store's address for this process, whose connections outlive the servers.
func (d *Database) OwnURL() string {
	if !d.Remote() {
		return d.URL
	}
	return strings.Replace(d.URL, d.application, d.application+"-test", 1)
}

// Writable opens the database once more, to change what time would change.
func (d *Database) Writable() *sql.DB {
	d.t.Helper()
	driver, name := "pgx", d.OwnURL()
	if !d.Remote() {
		driver, name = "sqlite", "file:"+strings.TrimPrefix(d.URL, "sqlite:")+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { db.Close() })
	return db
}

func (d *Database) open(driver, name string) {
	d.t.Helper()
	var err error
	if d.look, err = sql.Open(driver, name); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { d.look.Close() })
}

// AwaitQuiet waits until PostgreSQL has noticed that the server's connections are dead: until then it may still be
// committing what was sent over them. SQLite's work dies with the process.
func (d *Database) AwaitQuiet() {
	d.t.Helper()
	if !d.Remote() {
		return
	}
	Await(d.t, "PostgreSQL to let the dead server go", func() bool {
		return d.Count(`SELECT count(*) FROM pg_stat_activity WHERE application_name = $1`, d.application) == 0
	})
}

// Count gives the number that a query finds.
func (d *Database) Count(query string, args ...any) (n int) {
	d.t.Helper()
	// The database may have been away since it was last asked.
	var err error
	for range 3 {
		if err = d.look.QueryRow(query, args...).Scan(&n); err == nil {
			return n
		}
	}
	d.t.Fatalf("%s: %v", query, err)
	return 0
}

// CheckNoHalves looks into the tables themselves: what the API does not show must not be half there either.
func (d *Database) CheckNoHalves() {
	d.t.Helper()
	for what, query := range map[string]string{
		"accounts without a credential":        `SELECT count(*) FROM account a WHERE NOT EXISTS (SELECT 1 FROM credential c WHERE c.account = a.id)`,
		"accounts without exactly one entry":   `SELECT count(*) FROM account a WHERE (SELECT count(*) FROM log_entry l WHERE l.target_id = a.id AND l.target = a.name) <> 1`,
		"credentials without an account":       `SELECT count(*) FROM credential c WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.id = c.account)`,
		"log entries without an account":       `SELECT count(*) FROM log_entry l WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.id = l.target_id)`,
		"creations that left several accounts": `SELECT count(*) - count(DISTINCT nonce) FROM account`,
		"mail without an account":              `SELECT count(*) FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.id = o.account)`,
	} {
		if n := d.Count(query); n != 0 {
			d.t.Errorf("%d %s", n, what)
		}
	}
	if !d.Remote() {
		d.checkFile()
	}
}

func (d *Database) checkFile() {
	d.t.Helper()
	var verdict string
	if err := d.look.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		d.t.Errorf("the file is damaged: %s, %v", verdict, err)
	}
}
