package postgres_test

import (
	"testing"

	"gatehouse/internal/store/postgres"
	"gatehouse/internal/store/postgres/postgrestest"
	"gatehouse/internal/store/sqlstore"
	"gatehouse/internal/store/storetest"
)

func openWith(parameters string) storetest.Open {
	return func(t testing.TB, o sqlstore.Options) storetest.Store {
		s, err := postgres.Open(t.Context(), postgrestest.URL(t)+parameters, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
}

func TestPostgres(t *testing.T) { storetest.Run(t, openWith("")) }

// TestSerializable stands in for clusters that know no weaker isolation: transactions are refused there and repeated.
func TestSerializable(t *testing.T) {
	storetest.Run(t, openWith("&default_transaction_isolation=serializable"))
}

func BenchmarkCreateAccount(b *testing.B) {
	storetest.BenchmarkCreateAccount(b, 32, openWith(""))
	storetest.BenchmarkCreateAccount(b, 2, openWith(""))
}

func BenchmarkReads(b *testing.B) { storetest.BenchmarkReads(b, 32, openWith("")) }
