package crashtest

import (
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"testing"

	"gatehouse/crashtest/rig"
	"gatehouse/internal/store/postgres/postgrestest"
)

var binary rig.Binary

// TestMain builds the binary once for all tests of this package.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "gatehouse-crash-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		if binary, err = rig.Build(dir); err != nil {
			return 1
		}
		return m.Run()
	}())
}

func newSQLite(t *testing.T) *rig.Database { return rig.NewSQLite(t, t.TempDir()) }

func newPostgres(t *testing.T) *rig.Database { return rig.NewPostgres(t, postgrestest.URL(t)) }

// start gives a server on d, with more settings than usual, once it answers.
func start(t *testing.T, d *rig.Database, more ...string) *rig.Server {
	t.Helper()
	return binary.Start(t, rig.Order{Store: d.URL, KeyFile: d.KeyFile, Settings: more})
}

// seed makes a run repeatable as far as the machine's own timing lets it be.
func seed(t *testing.T) uint64 {
	t.Helper()
	const variable = "GATEHOUSE_CRASH_SEED"
	n := rand.Uint64()
	if given := os.Getenv(variable); given != "" {
		var err error
		if n, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("%s: %v", variable, err)
		}
	}
	t.Logf("%s=%d", variable, n)
	return n
}

// statusOf gives the status of an answer, 0 for none.
func statusOf(url string) int {
	answer, err := http.Get(url)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}
