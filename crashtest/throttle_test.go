package crashtest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/crashtest/rig"
)

const (
	limit = 6
	posts = 200
)

// TestLimitOverTwoProcesses (row 35 of the security checklist): of 200 creations at once, from one address to two processes
// on one PostgreSQL, as many pass as may, and the rest of the window is told truly.
func TestLimitOverTwoProcesses(t *testing.T) {
	d := newPostgres(t)
	testLimit(t, d, []*rig.Server{startLimited(t, d), startLimited(t, d)})
}

// The same with one process on SQLite.
func TestLimitOfOneProcess(t *testing.T) {
	d := newSQLite(t)
	testLimit(t, d, []*rig.Server{startLimited(t, d)})
}

func startLimited(t *testing.T, d *rig.Database) *rig.Server {
	return start(t, d, fmt.Sprintf(`throttle.creations=[{"count":%d,"per":"24h"}]`, limit))
}

func testLimit(t *testing.T, d *rig.Database, servers []*rig.Server) {
	told := postAtOnce(t, servers)
	if told["PASS"] != limit || told["acct_creation_throttle_hit"] != posts-limit {
		t.Errorf("%d posts were answered %v, want %d times PASS", posts, told, limit)
	}
	d.CheckNoHalves()
	if n := len(rig.NewVisitor(servers[0].URL).AllAccounts(t)); n != limit {
		t.Errorf("there are %d accounts, want %d", n, limit)
	}
	// Twenty hours later, as the counter sees it.
	earlier := int64(20 * time.Hour / time.Microsecond)
	if _, err := d.Writable().Exec(`UPDATE counter SET ends = ends - $1`, earlier); err != nil {
		t.Fatal(err)
	}
	for _, s := range servers {
		if wait := toldWait(t, s); wait <= 3*time.Hour || wait > 4*time.Hour {
			t.Errorf("told to wait %s, want the last of four hours", wait)
		}
	}
	if _, err := d.Writable().Exec(`UPDATE counter SET ends = ends - $1`, earlier); err != nil {
		t.Fatal(err)
	}
	v := rig.NewVisitor(servers[0].URL)
	if err := v.FetchToken(); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Create("Next day"); got != "PASS" || err != nil {
		t.Errorf("in the next window: %s, %v", got, err)
	}
	for _, s := range servers {
		s.Stop()
	}
}

// postAtOnce posts one creation of each visitor, to the servers in turn, and counts the answers.
func postAtOnce(t *testing.T, servers []*rig.Server) map[string]int {
	t.Helper()
	visitors := make([]*rig.Visitor, posts)
	for i := range visitors {
		visitors[i] = rig.NewVisitor(servers[i%len(servers)].URL)
		if err := visitors[i].FetchToken(); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	told := map[string]int{}
	for i, v := range visitors {
		all.Go(func() {
			defer v.Leave()
			got, err := v.Create(fmt.Sprintf("Zane %d", i))
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
func toldWait(t *testing.T, s *rig.Server) time.Duration {
	t.Helper()
	v := rig.NewVisitor(s.URL)
	defer v.Leave()
	if err := v.FetchToken(); err != nil {
		t.Fatal(err)
	}
	var got struct {
		CreateAccount struct {
			Message struct{ Params [2]any }
		}
	}
	err := v.Call(&got, "action", "createaccount", "username", "Ada", "password", rig.Password, "retype", rig.Password,
		"createtoken", v.Token, "createreturnurl", "http://127.0.0.1/", "createmessageformat", "raw")
	if err != nil {
		t.Fatal(err)
	}
	wait, _ := got.CreateAccount.Message.Params[1].(map[string]any)
	seconds, _ := wait["duration"].(float64)
	return time.Duration(seconds) * time.Second
}
