package sqlite_test

import (
	"path/filepath"
	"testing"

	"gatehouse/internal/store/sqlite"
	"gatehouse/internal/store/sqlstore"
	"gatehouse/internal/store/storetest"
)

func openFile(t testing.TB, o sqlstore.Options) storetest.Store {
	return opened(t)(sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), o))
}

func openMemory(t testing.TB, o sqlstore.Options) storetest.Store {
	return opened(t)(sqlite.OpenMemory(t.Context(), o))
}

func opened(t testing.TB) func(*sqlstore.Store, error) storetest.Store {
	return func(s *sqlstore.Store, err error) storetest.Store {
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
}

func TestFile(t *testing.T)   { storetest.Run(t, openFile) }
func TestMemory(t *testing.T) { storetest.Run(t, openMemory) }

func BenchmarkCreateAccount(b *testing.B) {
	storetest.BenchmarkCreateAccount(b, 64, openFile)
	storetest.BenchmarkCreateAccount(b, 2, openFile)
}

func BenchmarkReads(b *testing.B) { storetest.BenchmarkReads(b, 64, openFile) }
