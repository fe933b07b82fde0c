package gatehouse

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/store/postgres/postgrestest"
)

// onBothStores runs test with the configuration of several servers on one store, for each kind of store.
func onBothStores(t *testing.T, test func(*testing.T, Config)) {
	t.Run("SQLite", func(t *testing.T) { test(t, clusterConfig(t)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		cfg := clusterConfig(t)
		cfg.Store.URL = SecretURL(postgrestest.URL(t))
		test(t, cfg)
	})
}

func clusterConfig(t *testing.T) Config {
	t.Helper()
	cfg := testConfig(t)
	cfg.Server.PublicURL = "http://cluster.example"
	cfg.Keys.File = filepath.Join(t.TempDir(), "master.key")
	cfg.Throttle.Creations, cfg.Throttle.Attempts = nil, nil
	cfg.Password.HashesPerNetwork = 0
	return cfg
}

// serveTwice starts two servers of one configuration at the same time and gives their addresses.
func serveTwice(t *testing.T, cfg Config) [2]string {
	t.Helper()
	var out [2]string
	var both sync.WaitGroup
	for i := range out {
		both.Go(func() {
			srv := httptest.NewServer(newServer(t, cfg).Handler())
			t.Cleanup(srv.Close)
			out[i] = srv.URL
		})
	}
	both.Wait()
	return out
}

func TestTwoServersAreOne(t *testing.T) {
	onBothStores(t, func(t *testing.T, cfg Config) {
		servers := serveTwice(t, cfg)
		c := at(t, servers[0])
		move := func(i int) { c.api = servers[i] + "/w/api.php" }
		token := c.token("createaccount")
		move(1)
		if got := c.createWith(token, "Ada", "Corr3ct-horse"); got["createaccount"] == nil {
			t.Errorf("the other server does not take the token: %v", got)
		}
		if got := c.signIn("Ada", "Corr3ct-horse"); got != "PASS" {
			t.Fatalf("signing in: %s", got)
		}
		token = c.token("csrf")
		move(0)
		if got := c.call(true, url.Values{"action": {"logout"}, "token": {token}}); len(got) != 0 {
			t.Errorf("signing out at the other server: %v", got)
		}
		move(1)
		if got := c.token("csrf"); got != `+\` {
			t.Errorf("still signed in, with the token %q", got)
		}
	})
}

// TestLimitHoldsForPostsAtOnce (row 35 of the security checklist) sends 200 creations to two servers, from one address and all
// at once. Two processes have it in crashtest.
func TestLimitHoldsForPostsAtOnce(t *testing.T) {
	const limit, posts = 6, 200
	onBothStores(t, func(t *testing.T, cfg Config) {
		cfg.Throttle.Creations = []LimitConfig{{Count: limit, Per: longest}}
		told := atOnce(t, serveTwice(t, cfg), posts, func(i int) string { return fmt.Sprintf("Zane %d", i) })
		if told["PASS"] != limit || told["acct_creation_throttle_hit"] != posts-limit {
			t.Errorf("%d posts were answered %v, want %d times PASS", posts, told, limit)
		}
	})
}

// TestOneNameAtOnce has a hundred visitors ask two servers for one name.
func TestOneNameAtOnce(t *testing.T) {
	const posts = 100
	onBothStores(t, func(t *testing.T, cfg Config) {
		servers := serveTwice(t, cfg)
		told := atOnce(t, servers, posts, func(int) string { return "Zane" })
		if told["PASS"] != 1 || told["userexists"] != posts-1 {
			t.Errorf("%d posts were answered %v, want one PASS", posts, told)
		}
		log := at(t, servers[0]).call(false, url.Values{"action": {"query"}, "list": {"logevents|allusers"}})["query"].(map[string]any)
		if len(log["logevents"].([]any)) != 1 || len(log["allusers"].([]any)) != 1 {
			t.Errorf("there is %v", log)
		}
	})
}

// atOnce posts n creations to the servers in turn and counts the answers by code, or status.
func atOnce(t *testing.T, servers [2]string, n int, name func(int) string) map[string]int {
	t.Helper()
	clients, tokens := make([]*client, n), make([]string, n)
	for i := range n {
		clients[i] = at(t, servers[i%len(servers)])
		tokens[i] = clients[i].token("createaccount")
	}
	var mu sync.Mutex
	told := map[string]int{}
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			got := c.createWith(tokens[i], name(i), "Corr3ct-horse")
			answer, _ := got["createaccount"].(map[string]any)
			code := fmt.Sprint(answer["messagecode"])
			switch {
			case answer == nil:
				code = fmt.Sprint(got)
			case answer["status"] == string(auth.Pass):
				code = "PASS"
			}
			mu.Lock()
			defer mu.Unlock()
			told[code]++
		})
	}
	all.Wait()
	return told
}
