package store_test

import (
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/internal/store"
	"gatehouse/internal/store/postgres/postgrestest"
)

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	for _, url := range []string{"sqlite:" + path, "memory:"} {
		s, err := store.Open(t.Context(), url, store.Options{Migrate: true})
		if err != nil {
			t.Fatalf("%s: %v", url, err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		s.Close()
	}
}

func TestOpenPostgres(t *testing.T) {
	url := postgrestest.URL(t)
	for _, url := range []string{url, strings.Replace(url, "postgres:", "postgresql:", 1)} {
		s, err := store.Open(t.Context(), url, store.Options{Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
}

// TestOpenRefuses: what cannot be opened is named, but for its password.
func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	for url, want := range map[string]string{
		"sqlite:" + path:                        path,
		"sqlite:":                               "no path",
		"":                                      "begins with",
		"gatehouse.db":                          "begins with",
		"mysql://root:geheim@host/db":           "host/db",
		"postgres://root:geheim@127.0.0.1:1/db": "127.0.0.1:1/db",
		"postgres://127.0.0.1:1/db?user=root&password=geheim":     "127.0.0.1:1/db",
		"postgres://root@127.0.0.1:1/db?sslpassword=geheim":       "127.0.0.1:1/db",
		"postgres://root:geheim@127.0.0.1:1/db?sslmode=nonsense":  "127.0.0.1:1/db",
		"postgres://root:geheim@127.0.0.1:port/db":                "postgres:",
		"postgres://root:geheim%zz@127.0.0.1:1/db?sslmode=prefer": "postgres:",
	} {
		s, err := store.Open(t.Context(), url, store.Options{})
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", url)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
