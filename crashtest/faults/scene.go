package main

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"gatehouse/crashtest/rig"
	"gatehouse/internal/mail/mailtest"
)

// manyServers is how many servers stand on one PostgreSQL; SQLite has one.
const manyServers = 3

// scene is a store, the servers on it, a mail server, and the load of the present round.
type scene struct {
	t       testing.TB
	options options
	binary  rig.Binary
	random  *rand.Rand // when and how hard a fault strikes
	d       *rig.Database

	// Where the database stands, as far as the fault has to do with it.
	cluster, standby *cluster
	dir              string // of the database's files
	network          *network

	sink  *mailtest.Sink
	gate  *gate // before the sink
	ports []string
	ready []string // the servers' addresses for operators
	urls  []string

	servers []*rig.Server
	load    *load
	require bool // the second factor is required in this round

	promised   []string
	unrecorded map[string]int // by message id: deaths after its acceptance and before the record
}

// place makes the scene's database; the servers come later.
func (s *scene) place(f *fault, store string) {
	s.t.Helper()
	s.dir = s.t.TempDir()
	switch {
	case f.place != nil:
		f.place(s, store)
	case store == onPostgres:
		s.cluster = newCluster(s.t, s.dir, "", "127.0.0.1")
		s.cluster.make()
	}
	switch {
	case store == onSQLite:
		s.d = rig.NewSQLite(s.t, s.dir)
	case s.standby != nil:
		s.d = rig.NewPostgres(s.t, s.cluster.url(s.standby))
	default:
		s.d = rig.NewPostgres(s.t, s.cluster.url())
	}
	s.sink = mailtest.New(s.t, mailtest.Config{})
	s.gate = newGate(s.t, s.sink.Addr())
	n := 1
	if store == onPostgres {
		n = manyServers
	}
	for range n {
		port, ready := rig.FreePort(s.t), "127.0.0.1:"+rig.FreePort(s.t)
		s.ports, s.ready = append(s.ports, port), append(s.ready, ready)
		s.urls = append(s.urls, "http://127.0.0.1:"+port)
	}
	s.servers = make([]*rig.Server, n)
}

// startServer starts server i, at the address that it had in its life before.
func (s *scene) startServer(i int) {
	s.t.Helper()
	second := "totp.at_creation=optional"
	if s.require {
		second = "totp.at_creation=required"
	}
	s.servers[i] = s.binary.Launch(s.t, rig.Order{
		Store: s.d.URL, KeyFile: s.d.KeyFile, Listen: "127.0.0.1:" + s.ports[i],
		Settings: []string{
			"server.admin_listen=" + s.ready[i], "server.drain=0s", `server.trusted_proxies=["127.0.0.0/8"]`, "captcha.kind=math", "captcha.wrong_answers=[]",
			// A limit that nobody meets: what it counts is looked at.
			`throttle.creations=[{"count":1000000,"per":"48h"}]`, second,
			"mail.smtp=" + s.gate.url(), "mail.from=noreply@wiki.example", "mail.timeout=2s", "mail.retry_after=1s", "mail.retry_at_most=1s",
			"mail.per_address=[]", "mail.per_domain=[]", "mail.per_network=[]",
		},
	})
}

func (s *scene) startAll() {
	s.t.Helper()
	for i := range s.servers {
		s.startServer(i)
	}
	s.awaitReady()
}

// awaitReady waits until every server says that it is.
func (s *scene) awaitReady() {
	s.t.Helper()
	for _, addr := range s.ready {
		rig.Await(s.t, "/readyz of "+addr, func() bool { return status("http://"+addr+"/readyz") == http.StatusOK })
	}
}

// status gives the status of an answer, 0 for none.
func status(url string) int {
	answer, err := http.Get(url)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// round is load, the fault in the middle of it, and a look at what is left.
func (s *scene) round(n int, f *fault) {
	s.t.Helper()
	if require := n%2 == 1; require != s.require || s.servers[0] == nil {
		s.require = require
		for _, running := range s.servers {
			if running != nil {
				running.Stop()
			}
		}
		s.startAll()
	}
	s.load = newLoad(s.t, s.urls, n, s.require)
	s.load.run()
	ended := false
	end := func() {
		if !ended {
			ended = true
			s.load.end()
		}
	}
	defer end() // whatever f finds
	s.load.awaitPasses(1)
	s.pause(s.options.duration)
	f.strike(s)
	s.awaitReady()
	s.load.awaitPasses(2 * creators) // the same clients get on
	end()
	s.checkRound()
}

// pause waits for a random time, most at most.
func (s *scene) pause(most time.Duration) {
	select {
	case <-time.After(time.Duration(s.random.Int64N(int64(most) + 1))):
	case <-s.t.Context().Done():
	}
}
