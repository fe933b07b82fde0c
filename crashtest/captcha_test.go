package crashtest

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// answers is how often one solved captcha is posted.
const answers = 1000

// TestCaptchaOverTwoProcesses (row 32 of the security checklist): of a thousand posts at once of one solved captcha, to two
// processes on one PostgreSQL, one makes an account.
func TestCaptchaOverTwoProcesses(t *testing.T) {
	d := newPostgres(t)
	testCaptcha(t, d, []*server{startAsking(t, d), startAsking(t, d)})
}

// The same with one process on SQLite.
func TestCaptchaOfOneProcess(t *testing.T) {
	d := newSQLite(t)
	testCaptcha(t, d, []*server{startAsking(t, d)})
}

func startAsking(t *testing.T, d *database) *server {
	return start(t, d, "captcha.kind=math", `captcha.wrong_answers=[]`)
}

func testCaptcha(t *testing.T, d *database, servers []*server) {
	solver := newVisitor(servers[0].url)
	if err := solver.fetchToken(); err != nil {
		t.Fatal(err)
	}
	id, word := solver.solve(t)
	told := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range answers {
		v := *solver
		v.url = servers[i%len(servers)].url
		all.Go(func() {
			got, err := v.create(fmt.Sprintf("Zane %d", i), "captchaId", id, "captchaWord", word)
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
	d.checkNoHalves()
	if n := len(newVisitor(servers[0].url).allAccounts(t)); n != 1 {
		t.Errorf("there are %d accounts, want one", n)
	}
	for _, s := range servers {
		s.stop()
	}
}

// solve does the sum that the visitor is asked.
func (v *visitor) solve(t *testing.T) (id, word string) {
	t.Helper()
	var got struct {
		Query struct {
			AuthManagerInfo struct {
				Requests []struct {
					Fields map[string]struct{ Value string }
				}
			}
		}
	}
	if err := v.call(&got, "action", "query", "meta", "authmanagerinfo", "amirequestsfor", "create"); err != nil {
		t.Fatal(err)
	}
	fields := got.Query.AuthManagerInfo.Requests[0].Fields
	sum := strings.TrimSuffix(fields["captchaInfo"].Value, " =")
	sign, a, b := 1, "", ""
	if left, right, plus := strings.Cut(sum, "+"); plus {
		a, b = left, right
	} else {
		a, b, _ = strings.Cut(sum, "−")
		sign = -1
	}
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX != nil || errY != nil {
		t.Fatalf("the sum is %q", sum)
	}
	return fields["captchaId"].Value, strconv.Itoa(x + sign*y)
}
