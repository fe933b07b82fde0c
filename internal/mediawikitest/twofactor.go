package mediawikitest

import (
	"database/sql"
	"encoding/json"
	"testing"

	_ "modernc.org/sqlite"
)

// addTwoFactor writes the extension's table, with a secret for Admin.
func addTwoFactor(t testing.TB, file, secret string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE oathauth_users (id INTEGER NOT NULL PRIMARY KEY, module VARCHAR(255) NOT NULL, data BLOB)"); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[string]any{"keys": []any{map[string]any{"secret": secret, "scratch_tokens": []string{}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO oathauth_users SELECT user_id, 'totp', ? FROM user WHERE user_name = ?", data, Admin); err != nil {
		t.Fatal(err)
	}
}
