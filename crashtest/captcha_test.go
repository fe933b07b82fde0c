package crashtest

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"gatehouse/crashtest/rig"
)

// answers is how often one solved captcha is posted.
const answers = 1000

// TestCaptchaOverTwoProcesses (row 32 of the security checklist): of a thousand posts at once of one solved captcha, to two
// processes on one PostgreSQL, one makes an account.
func TestCaptchaOverTwoProcesses(t *testing.T) {
	d := newPostgres(t)
	testCaptcha(t, d, []*rig.Server{startAsking(t, d), startAsking(t, d)})
}

// The same with one process on SQLite.
func TestCaptchaOfOneProcess(t *testing.T) {
	d := newSQLite(t)
	testCaptcha(t, d, []*rig.Server{startAsking(t, d)})
}

func startAsking(t *testing.T, d *rig.Database) *rig.Server {
	return start(t, d, "captcha.kind=math", `captcha.wrong_answers=[]`)
}

func testCaptcha(t *testing.T, d *rig.Database, servers []*rig.Server) {
	solver := rig.NewVisitor(servers[0].URL)
	if err := solver.FetchToken(); err != nil {
		t.Fatal(err)
	}
	answer, err := solver.Solve()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range answers {
		v := *solver
		v.URL = servers[i%len(servers)].URL
		all.Go(func() {
			got, err := v.Create(fmt.Sprintf("Zane %d", i), answer...)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			told[got]++
		})
	}
	all.Wait()
	others := answers - told["PASS"] - told["captcha-createaccount-fail"]
	for code, n := range told {
		if strings.HasPrefix(code, "ratelimited") { // the queue before the hashes was full: nothing was looked at
			others -= n
		}
	}
	if told["PASS"] != 1 || others != 0 {
		t.Errorf("%d posts of one answer were told %v, want one PASS", answers, told)
	}
	d.CheckNoHalves()
	if n := len(rig.NewVisitor(servers[0].URL).AllAccounts(t)); n != 1 {
		t.Errorf("there are %d accounts, want one", n)
	}
	for _, s := range servers {
		s.Stop()
	}
}
