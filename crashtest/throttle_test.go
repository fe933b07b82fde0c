package crashtest

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

const (
	limit = 6
	posts = 200
)

// TestLimitOverTwoProcesses (row 35 of the security checklist): of 200 creations at once, from one address to two processes
// on one PostgreSQL, as many pass as may, and the rest of the window is told truly.
func TestLimitOverTwoProcesses(t *testing.T) {
	d := newPostgres(t)
	testLimit(t, d, []*server{startLimited(t, d), startLimited(t, d)})
}

// The same with one process on SQLite.
func TestLimitOfOneProcess(t *testing.T) {
	d := newSQLite(t)
	testLimit(t, d, []*server{startLimited(t, d)})
}

func startLimited(t *testing.T, d *database) *server {
	return start(t, d, fmt.Sprintf(`throttle.creations=[{"count":%d,"per":"24h"}]`, limit))
}

func testLimit(t *testing.T, d *database, servers []*server) {
	told := postAtOnce(t, servers)
	if told["PASS"] != limit || told["acct_creation_throttle_hit"] != posts-limit {
		t.Errorf("%d posts were answered %v, want %d times PASS", posts, told, limit)
	}
	d.checkNoHalves()
	if n := len(newVisitor(servers[0].url).allAccounts(t)); n != limit {
		t.Errorf("there are %d accounts, want %d", n, limit)
	}
	// Twenty hours later, as the counter sees it.
	earlier := int64(20 * time.Hour / time.Microsecond)
	if _, err := d.writable().Exec(`UPDATE counter SET ends = ends - $1`, earlier); err != nil {
		t.Fatal(err)
	}
	for _, s := range servers {
		if wait := toldWait(t, s); wait <= 3*time.Hour || wait > 4*time.Hour {
			t.Errorf("told to wait %s, want the last of four hours", wait)
		}
	}
	if _, err := d.writable().Exec(`UPDATE counter SET ends = ends - $1`, earlier); err != nil {
		t.Fatal(err)
	}
	v := newVisitor(servers[0].url)
	if err := v.fetchToken(); err != nil {
		t.Fatal(err)
	}
	if got, err := v.create("Next day"); got != "PASS" || err != nil {
		t.Errorf("in the next window: %s, %v", got, err)
	}
	for _, s := range servers {
		s.stop()
	}
}

// postAtOnce posts one creation of each visitor, to the servers in turn, and counts the answers.
func postAtOnce(t *testing.T, servers []*server) map[string]int {
	t.Helper()
	visitors := make([]*visitor, posts)
	for i := range visitors {
		visitors[i] = newVisitor(servers[i%len(servers)].url)
		if err := visitors[i].fetchToken(); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	told := map[string]int{}
	for i, v := range visitors {
		all.Go(func() {
			defer v.leave()
			got, err := v.create(fmt.Sprintf("Zane %d", i))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			told[got]++
		})
	}
	all.Wait()
	return told
}

// toldWait tries a creation that the limit refuses and gives how long it says to wait.
func toldWait(t *testing.T, s *server) time.Duration {
	t.Helper()
	v := newVisitor(s.url)
	defer v.leave()
	if err := v.fetchToken(); err != nil {
		t.Fatal(err)
	}
	var got struct {
		CreateAccount struct {
			Message struct{ Params [2]any }
		}
	}
	err := v.call(&got, "action", "createaccount", "username", "Ada", "password", password, "retype", password,
		"createtoken", v.token, "createreturnurl", "http://127.0.0.1/", "createmessageformat", "raw")
	if err != nil {
		t.Fatal(err)
	}
	wait, _ := got.CreateAccount.Message.Params[1].(map[string]any)
	seconds, _ := wait["duration"].(float64)
	return time.Duration(seconds) * time.Second
}
