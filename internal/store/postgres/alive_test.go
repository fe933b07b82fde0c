package postgres

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/store/postgres/postgrestest"
	"gatehouse/internal/store/sqlstore"
)

// TestConnectionsEndedAtRest: connections that the server has ended while nothing was asked of them are noticed, so that no read
// and no write fails for it, not even one that could not be repeated.
func TestConnectionsEndedAtRest(t *testing.T) {
	ctx, url := t.Context(), postgrestest.URL(t)
	const name = "gatehouse-ended-at-rest"
	s, err := Open(ctx, url+"&application_name="+name, sqlstore.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	counter := auth.Counter{Key: "k", Limit: 100, Window: time.Hour}
	for i := range 4 {
		if err := s.Rise(ctx, []auth.Counter{counter}); err != nil {
			t.Fatalf("write %d: %v", i, err)
		}
		if _, err := s.AccountByName(ctx, "Ann"); !errors.Is(err, auth.ErrNotFound) {
			t.Fatalf("read %d: %v", i, err)
		}
		if err := s.Ping(ctx); err != nil {
			t.Fatalf("ping %d: %v", i, err)
		}
		if _, err := other.ExecContext(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`, name); err != nil {
			t.Fatal(err)
		}
		awaitNone(ctx, t, other, name)
	}
}

// awaitNone waits until the server has ended the connections, which it does right behind its last word to them.
func awaitNone(ctx context.Context, t *testing.T, db *sql.DB, name string) {
	t.Helper()
	for n := 1; n > 0; {
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity WHERE application_name = $1`, name).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
}
