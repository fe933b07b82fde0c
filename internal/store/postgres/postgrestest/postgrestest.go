// Package postgrestest gives tests an empty PostgreSQL database, or skips them where there is no server. It makes no store:
// the tests open what they want on the URL.
package postgrestest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	// The driver is asked for by name.
	_ "github.com/jackc/pgx/v5/stdlib"
)

// Variable names the environment variable with the URL of a database in which tests may make schemas.
const Variable = "GATEHOUSE_TEST_POSTGRES"

// URL gives the URL of a schema of the test's own, which is dropped when the test ends. Without a server the test is
// skipped.
func URL(t testing.TB) string {
	t.Helper()
	base := os.Getenv(Variable)
	if base == "" {
		t.Skip(Variable + " is not set: it would hold the URL of a PostgreSQL database for tests")
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("%s is no URL", Variable)
	}
	db, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	schema := "test_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(t.Context(), `CREATE SCHEMA `+schema); err != nil {
		t.Fatalf("make schema: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context has ended.
		if _, err := db.ExecContext(context.Background(), `DROP SCHEMA `+schema+` CASCADE`); err != nil {
			t.Errorf("drop schema: %v", err)
		}
		db.Close()
	})
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
