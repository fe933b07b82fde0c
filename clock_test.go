package gatehouse

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/crashtest/rig"
	"gatehouse/internal/mail/mailtest"
	"gatehouse/internal/seam"
)

// TestStoreKeepsItsOwnClock: on PostgreSQL all instances go by the database's clock; only a seam replaces it.
func TestStoreKeepsItsOwnClock(t *testing.T) {
	if s := newServer(t, testConfig(t)); s.storeClock != nil {
		t.Error("the store was given this machine's clock")
	}
	s, err := build(t.Context(), testConfig(t), Options{}, seam.Seam{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.storeClock == nil {
		t.Error("the store was not given the clock of the seam")
	}
}

// jumps are where the clock goes, from the truth.
var jumps = [...]time.Duration{
	-400 * 24 * time.Hour, -25 * time.Hour, -20 * time.Minute, -time.Second, time.Second, 20 * time.Minute, 25 * time.Hour, 400 * 24 * time.Hour,
}

// wandering is a clock that jumps.
type wandering struct{ off atomic.Int64 }

func (w *wandering) now() time.Time { return time.Now().Add(time.Duration(w.off.Load())) }

// TestClockJumps has the clock of a server jump to and fro while accounts are created: nothing is lost, whoever comes is served
// at each time, and once the clock is right again nobody waits for a time that was never there.
func TestClockJumps(t *testing.T) {
	rounds := 1
	if given := os.Getenv("GATEHOUSE_CLOCK_ROUNDS"); given != "" {
		var err error
		if rounds, err = strconv.Atoi(given); err != nil {
			t.Fatal(err)
		}
	}
	onBothStores(t, func(t *testing.T, cfg Config) {
		sink := mailtest.New(t, mailtest.Config{})
		cfg.Captcha.Kind, cfg.Captcha.WrongAnswers = "math", nil
		cfg.Throttle.Creations = []LimitConfig{{Count: 1, Per: Duration(time.Hour)}}
		cfg.Server.TrustedProxies = []string{"127.0.0.0/8"}
		cfg.Server.PublicURL = "http://127.0.0.1"
		cfg.Mail.SMTP = SecretURL(sink.URL())
		cfg.Mail.PerAddress, cfg.Mail.PerDomain, cfg.Mail.PerNetwork = nil, nil, nil
		j := &jumper{t: t, clock: &wandering{}, sink: sink}
		j.serve(cfg)
		for round := range rounds {
			for i, to := range jumps {
				j.jump(round*len(jumps)+i, to)
			}
		}
		j.check()
	})
}

// jumper is a server whose clock wanders, and what was promised meanwhile.
type jumper struct {
	t      *testing.T
	clock  *wandering
	sink   *mailtest.Sink
	server *Server
	url    string

	mu       sync.Mutex
	promised []string
	visitors int
}

func (j *jumper) serve(cfg Config) {
	j.t.Helper()
	var err error
	j.server, err = build(j.t.Context(), cfg, Options{Logger: slog.New(slog.DiscardHandler)}, seam.Seam{Clock: j.clock.now})
	if err != nil {
		j.t.Fatal(err)
	}
	web := httptest.NewServer(j.server.Handler())
	j.url = web.URL
	ctx, stop := context.WithCancel(j.t.Context())
	var upkeep sync.WaitGroup
	upkeep.Go(func() { j.server.Upkeep(ctx) })
	j.t.Cleanup(func() {
		stop()
		upkeep.Wait()
		web.Close()
		j.server.Close()
	})
}

// jump creates accounts while the clock goes to a wrong time and comes back.
func (j *jumper) jump(n int, to time.Duration) {
	j.t.Helper()
	before := j.visitor()
	solved, token := j.begin(before)
	name := fmt.Sprintf("Before %d", n)
	var load sync.WaitGroup
	stop := make(chan struct{})
	for i := range 3 {
		load.Go(func() { j.load(fmt.Sprintf("Load %d %d", n, i), stop) })
	}
	j.clock.off.Store(int64(to))
	j.server.tidy(j.t.Context())
	j.mustCreate(fmt.Sprintf("There %d", n)) // whoever comes now is served
	j.clock.off.Store(0)
	j.server.tidy(j.t.Context())
	j.mustCreate(fmt.Sprintf("Back %d", n))
	close(stop)
	load.Wait()

	// What was begun before goes on, once.
	before.Token = token
	if got, err := before.Begin(name, solved...); err != nil || got.Status != "PASS" {
		j.t.Errorf("%s: begun before, and ended after the clock was %s off: %+v, %v", name, to, got, err)
	}
	j.promise(name)
	again := j.visitor()
	if _, token = j.begin(again); token == "" {
		j.t.Error("no token")
	}
	if got, err := again.Begin(name+" again", solved...); err != nil || got.Status == "PASS" {
		j.t.Errorf("a captcha was good twice around a clock that was %s off: %+v, %v", to, got, err)
	}
	j.checkLimit(before.Addr, n)
}

// checkLimit: the limit holds, and the wait that is told is that of a clock that is right.
func (j *jumper) checkLimit(addr string, n int) {
	j.t.Helper()
	v := j.visitor()
	v.Addr = addr
	solved, _ := j.begin(v)
	if got, err := v.Begin(fmt.Sprintf("Limited %d", n), solved...); err != nil || got.Code != "acct_creation_throttle_hit" {
		j.t.Errorf("a second account within the hour: %+v, %v", got, err)
	}
}

// visitor gives one from an address that nobody had.
func (j *jumper) visitor() *rig.Visitor {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.visitors++
	v := rig.NewVisitor(j.url)
	v.Addr = fmt.Sprintf("10.1.%d.%d", j.visitors/256, j.visitors%256)
	return v
}

func (j *jumper) begin(v *rig.Visitor) (solved []string, token string) {
	j.t.Helper()
	if err := v.FetchToken(); err != nil {
		j.t.Error(err)
	}
	solved, err := v.Solve()
	if err != nil {
		j.t.Error(err)
	}
	return solved, v.Token
}

func (j *jumper) promise(name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.promised = append(j.promised, name)
}

func (j *jumper) mustCreate(name string) {
	j.t.Helper()
	v := j.visitor()
	defer v.Leave()
	solved, _ := j.begin(v)
	if got, err := v.Begin(name, append(solved, "email", strings.ReplaceAll(name, " ", "-")+"@client.example")...); err != nil || got.Status != "PASS" {
		j.t.Errorf("%s, %s off: %+v, %v", name, time.Duration(j.clock.off.Load()), got, err)
		return
	}
	j.promise(name)
	in := j.visitor()
	defer in.Leave()
	in.MustSignIn(j.t, name, "")
}

// load creates accounts under a clock that jumps in between. Its captchas and cookies may have ended at any step; what is
// promised is kept.
func (j *jumper) load(prefix string, stop <-chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		v := j.visitor()
		solved, _ := j.begin(v)
		name := fmt.Sprintf("%s %d", prefix, n)
		got, err := v.Begin(name, solved...)
		v.Leave()
		switch {
		case err != nil, got.Broken():
			j.t.Errorf("%s: %+v, %v", name, got, err)
		case got.Status == "PASS":
			j.promise(name)
		}
	}
}

// check: everything promised is there, once, and all mail has left or was ended by a clock that said it was too late.
func (j *jumper) check() {
	j.t.Helper()
	v := rig.NewVisitor(j.url)
	accounts, logged := v.AllAccounts(j.t), v.AllLogged(j.t)
	for _, name := range j.promised {
		if accounts[name] != 1 || logged[name] != 1 {
			j.t.Errorf("%s: %d accounts, %d entries in the log", name, accounts[name], logged[name])
		}
	}
	if len(accounts) != len(j.promised) || len(logged) != len(accounts) {
		j.t.Errorf("%d accounts, %d names in the log, %d promised", len(accounts), len(logged), len(j.promised))
	}
	rig.Await(j.t, "the mail to leave", func() bool {
		c, err := j.server.store.MailCount(j.t.Context())
		return err == nil && c.Waiting == 0
	})
	times := map[string]int{}
	for _, m := range j.sink.Accepted() {
		if times[m.ID]++; times[m.ID] > 1 {
			j.t.Errorf("mail %s arrived twice", m.ID)
		}
	}
}
