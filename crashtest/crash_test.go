// Package crashtest kills the server in the middle of account creations, again and again, and looks at what is left.
//
// It drives the real binary as its clients do: several of them create accounts, and at a random moment the process gets
// SIGKILL. After the restart every creation that was answered PASS must be there with its log entry and its password,
// none may be half there, and a creation whose answer was lost must have happened wholly or not at all. Mail that two servers
// send under the same treatment arrives, and twice only where a kill fell between its acceptance and the record. What a kill cannot
// show is the loss of the machine's memory: that commits reach the disk is fsync's business, and the stores' own tests hold
// that it is asked for.
package crashtest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

const (
	kills      = 20
	shortKills = 3
	// mostMoment bounds how long after the first PASS of a round the kill comes.
	mostMoment = 300 * time.Millisecond
)

func TestKilledServerKeepsItsPromisesOnSQLite(t *testing.T) {
	testKills(t, newSQLite(t))
}

// The server is killed here, not the database.
func TestKilledServerKeepsItsPromisesOnPostgreSQL(t *testing.T) {
	testKills(t, newPostgres(t))
}

func testKills(t *testing.T, d *database) {
	rounds := kills
	if testing.Short() {
		rounds = shortKills
	}
	moments := rand.New(rand.NewPCG(seed(t), 0))
	var promised []string
	for round := range rounds {
		s := start(t, d)
		l := newLoad(t, s, round)
		l.run()
		moment := time.Duration(moments.Int64N(int64(mostMoment)))
		l.awaitFirstPass()
		<-time.After(moment)
		s.kill()
		l.wait()
		d.awaitQuiet()

		s = start(t, d)
		there := checkRound(t, s, l)
		d.checkNoHalves()
		promised = append(promised, l.passed()...)
		t.Logf("kill %d, %s after the first PASS: %d passed; of %d without an answer %d had happened",
			round+1, moment, len(l.passed()), len(l.unanswered()), there)
		s.stop()
		if t.Failed() {
			return
		}
	}
	s := start(t, d)
	checkAll(t, s, promised)
	s.stop()
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

// checkRound looks, through the API, at every creation that the round tried, and answers how many of those whose answer was
// lost had happened. It also tries the latter again, with the cookie and the token from before the kill.
func checkRound(t *testing.T, s *server, l *load) (there int) {
	t.Helper()
	looker := newVisitor(s.url)
	exist := looker.existing(t, append(l.passed(), l.unanswered()...))
	for _, name := range l.passed() {
		if !exist[name] {
			t.Errorf("%s was answered PASS and is not there", name)
			continue
		}
		newVisitor(s.url).mustSignIn(t, name)
	}
	for _, v := range l.cutOff() {
		v.url = s.url
		want := "PASS"
		if exist[v.name] {
			want = "userexists"
			there++
		}
		if got, err := v.create(v.name); err != nil || got != want {
			t.Errorf("%s, tried again after its answer was lost: %s, %v; want %s", v.name, got, err, want)
		}
		newVisitor(s.url).mustSignIn(t, v.name)
	}
	return there
}

// checkAll holds the two public lists against each other and against what was promised in all rounds.
func checkAll(t *testing.T, s *server, promised []string) {
	t.Helper()
	looker := newVisitor(s.url)
	accounts, logged := looker.allAccounts(t), looker.allLogged(t)
	for _, name := range promised {
		if accounts[name] != 1 || logged[name] != 1 {
			t.Errorf("%s was answered PASS: %d accounts, %d log entries", name, accounts[name], logged[name])
		}
	}
	for name := range accounts {
		if logged[name] != 1 {
			t.Errorf("account %s has %d log entries", name, logged[name])
		}
	}
	for name := range logged {
		if accounts[name] != 1 {
			t.Errorf("a log entry for %s, which is no account", name)
		}
	}
	t.Logf("%d accounts in all, %d of them answered PASS before a kill", len(accounts), len(promised))
}
