package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/crashtest/rig"
)

// What the load consists of.
const (
	creators  = 8
	signers   = 2
	breather  = 20 * time.Millisecond // after a fault, so that clients do not spin
	contended = 8                     // one in so many names is asked for by two at once
)

// deed is one name that was asked for, and what became of it.
type deed struct {
	name, email string
	visitors    []*rig.Visitor

	mu sync.Mutex
	// passes counts the answers PASS; promised says that the server has said the account is there, unknown that an answer is
	// missing or was a fault.
	passes            int
	promised, unknown bool
	// enrolled is the secret of the second factor that was confirmed; maybe are those whose confirmation had no answer.
	enrolled string
	maybe    []string
}

// load is clients that create accounts and sign in, whatever happens, until they are stopped.
type load struct {
	t       testing.TB
	urls    []string
	round   int
	require bool // is the second factor required?
	all     sync.WaitGroup
	stop    chan struct{}

	mu     sync.Mutex
	deeds  []*deed
	passes int
	broken map[string]int // what clients met, by kind
	more   chan struct{}  // closed and replaced at every PASS
}

func newLoad(t testing.TB, urls []string, round int, require bool) *load {
	return &load{
		t: t, urls: urls, round: round, require: require,
		stop: make(chan struct{}), broken: map[string]int{}, more: make(chan struct{}),
	}
}

func (l *load) run() {
	for i := range creators {
		l.all.Go(func() { l.creator(i) })
	}
	for range signers {
		l.all.Go(l.signer)
	}
}

// end stops the clients once each has its answer.
func (l *load) end() {
	close(l.stop)
	l.all.Wait()
}

func (l *load) stopped() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// awaitPasses waits until n more creations have passed.
func (l *load) awaitPasses(n int) {
	l.t.Helper()
	l.mu.Lock()
	goal := l.passes + n
	l.mu.Unlock()
	deadline := time.After(2 * rig.Patience)
	for {
		l.mu.Lock()
		passes, more := l.passes, l.more
		l.mu.Unlock()
		if passes >= goal {
			return
		}
		select {
		case <-more:
		case <-l.t.Context().Done():
			l.t.Fatal("ended from outside")
		case <-deadline:
			l.mu.Lock()
			defer l.mu.Unlock()
			l.t.Fatalf("the load does not get anywhere: %d creations passed; clients met %v", l.passes, l.broken)
		}
	}
}

// pick gives a server.
func (l *load) pick() string { return l.urls[rand.IntN(len(l.urls))] }

// stranger gives a visitor from an address of their own: what is open for one network is limited.
func (l *load) stranger() *rig.Visitor {
	v := rig.NewVisitor(l.pick())
	n := rand.Uint32()
	v.Addr = fmt.Sprintf("172.%d.%d.%d", 16+n>>16&15, n>>8&255, n&255)
	return v
}

func (l *load) creator(i int) {
	for n := 0; !l.stopped(); n++ {
		d := &deed{name: fmt.Sprintf("Fault %d %d %d", l.round+1, i, n)}
		if n%2 == 0 {
			d.email = strings.ReplaceAll(d.name, " ", "-") + "@client.example"
		}
		rivals := 1
		if n%contended == 0 {
			rivals = 2
		}
		var both sync.WaitGroup
		for j := range rivals {
			v := rig.NewVisitor(l.pick())
			v.Addr = fmt.Sprintf("10.%d.%d.%d", l.round%256, i*2+j, n%256) // its flows and counters are its own
			d.visitors = append(d.visitors, v)
			both.Go(func() { l.attempt(d, v) })
		}
		both.Wait()
		l.mu.Lock()
		l.deeds = append(l.deeds, d)
		l.mu.Unlock()
	}
}

// attempt is one creation from the first fetch to the last answer.
func (l *load) attempt(d *deed, v *rig.Visitor) rig.Answer {
	defer v.Leave()
	if err := v.FetchToken(); err != nil {
		l.lost(d.name+" fetches a token", err)
		return rig.Answer{}
	}
	solved, err := v.Solve()
	if err != nil {
		l.lost(d.name+" fetches a captcha", err)
		return rig.Answer{}
	}
	if d.email != "" {
		solved = append(solved, "email", d.email)
	}
	got, err := v.Begin(d.name, solved...)
	l.note(d, got, err)
	if got.Status == "UI" {
		got = l.goOn(d, v, got.Secret)
	}
	return got
}

// goOn sends the last step twice at once, to two servers if there are so many. One of them is to be taken.
func (l *load) goOn(d *deed, v *rig.Visitor, secret string) rig.Answer {
	fields := []string{"createcontinue", "1", "skip2FASetup", "1"}
	enrols := l.require || rand.IntN(2) == 0
	if enrols {
		code, err := rig.AppCode(secret, 0)
		if err != nil {
			l.t.Errorf("%s: the secret %q: %v", d.name, secret, err)
		}
		fields = []string{"createcontinue", "1", "code", code}
	}
	var answers [2]rig.Answer
	var both sync.WaitGroup
	passes := 0
	for i := range answers {
		base := l.urls[(rand.IntN(len(l.urls))+i)%len(l.urls)]
		both.Go(func() {
			var err error
			answers[i], err = v.Step(base, fields...)
			l.note(d, answers[i], err)
			d.mu.Lock()
			defer d.mu.Unlock()
			passed, open := answers[i].Status == "PASS", err != nil || answers[i].Broken()
			if enrols && passed {
				d.enrolled = secret
			}
			if enrols && open {
				d.maybe = append(d.maybe, secret)
			}
			if passed {
				passes++
			}
		})
	}
	both.Wait()
	if passes > 1 {
		l.t.Errorf("%s: one flow was continued twice", d.name)
	}
	if answers[1].Status == "PASS" {
		return answers[1]
	}
	return answers[0]
}

// note keeps what a creation was answered, and complains about what no fault explains.
func (l *load) note(d *deed, got rig.Answer, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err != nil:
		d.unknown = true
		l.lost(d.name, err)
	case got.Broken():
		d.unknown = true
		l.met(got.Code)
	case got.Overloaded():
		l.met(got.Code)
	case got.Status == "PASS":
		d.passes++
		d.promised = true
		l.passed()
	case got.Status == "UI":
		d.promised = d.promised || !l.require // an optional step comes after the account
	case got.Code == "userexists" && len(d.visitors) > 1:
	case got.Code == "authmanager-create-not-in-progress": // the step was sent twice
	default:
		l.t.Errorf("%s was answered %+v", d.name, got)
	}
}

func (l *load) passed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.passes++
	close(l.more)
	l.more = make(chan struct{})
}

func (l *load) met(what string) {
	l.mu.Lock()
	l.broken[what]++
	l.mu.Unlock()
	select {
	case <-time.After(breather):
	case <-l.stop:
	}
}

// lost is for a call without an answer, which a fault gives; a wrong answer it does not.
func (l *load) lost(who string, err error) {
	if wrong := (*rig.Nonsense)(nil); errors.As(err, &wrong) && !strings.Contains(err.Error(), "internal_api_error") {
		l.t.Errorf("%s: %v", who, err)
	}
	l.met("no answer")
}

// signer signs in to accounts that are there. No fault may make the server deny a right password.
func (l *load) signer() {
	for !l.stopped() {
		d := l.somebody()
		if d == nil {
			l.met("nobody to sign in")
			continue
		}
		v := l.stranger()
		got, err := v.SignIn(d.name, "")
		v.Leave()
		switch {
		case err != nil:
			l.lost(d.name+" signs in", err)
		case got.Broken(), got.Overloaded():
			l.met(got.Code)
		case got.Status != "PASS" && got.Status != "UI":
			l.t.Errorf("%s signs in and is answered %+v", d.name, got)
		}
	}
}

// somebody gives an account that was promised.
func (l *load) somebody() *deed {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range 4 {
		if len(l.deeds) == 0 {
			return nil
		}
		if d := l.deeds[rand.IntN(len(l.deeds))]; d.promised {
			return d
		}
	}
	return nil
}
