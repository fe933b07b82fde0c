package crashtest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

const clients = 8

// load is several clients that create accounts until the server is gone.
type load struct {
	t     *testing.T
	url   string
	round int
	all   sync.WaitGroup
	first chan struct{} // closed at the first PASS
	once  sync.Once

	mu     sync.Mutex
	pass   []string
	broken []*visitor // whose last creation got no answer
}

func newLoad(t *testing.T, s *server, round int) *load {
	return &load{t: t, url: s.url, round: round, first: make(chan struct{})}
}

func (l *load) run() {
	for i := range clients {
		l.all.Go(func() { l.client(i) })
	}
}

// client creates one account after the other, each as a new visitor, until it gets no answer.
func (l *load) client(i int) {
	for n, goOn := 0, true; goOn; n++ {
		v := newVisitor(l.url)
		v.name = fmt.Sprintf("Crash %d %d %d", l.round+1, i, n)
		if err := v.fetchToken(); err != nil {
			l.noAnswer(v.name, err)
			return // and nothing was asked for yet
		}
		status, err := v.create(v.name)
		v.leave()
		goOn = l.record(v, status, err)
	}
}

// record keeps how a creation ended and reports whether the client goes on.
func (l *load) record(v *visitor, status string, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		l.noAnswer(v.name, err)
		l.broken = append(l.broken, v)
	case status == "PASS":
		l.pass = append(l.pass, v.name)
		l.once.Do(func() { close(l.first) })
	default:
		l.t.Errorf("%s was refused: %s", v.name, status)
	}
	return err == nil && status == "PASS"
}

// noAnswer is what a kill gives; a wrong answer it does not.
func (l *load) noAnswer(name string, err error) {
	if wrong := (*nonsense)(nil); errors.As(err, &wrong) {
		l.t.Errorf("%s: %v", name, err)
	}
}

// awaitFirstPass waits until the load is under way, or has ended without getting there.
func (l *load) awaitFirstPass() {
	l.t.Helper()
	ended := make(chan struct{})
	go func() { l.all.Wait(); close(ended) }()
	select {
	case <-l.first:
	case <-ended:
		l.t.Fatal("the load ended before the kill")
	}
}

func (l *load) wait() { l.all.Wait() }

// passed, cutOff and unanswered are for when the load has ended.
func (l *load) passed() []string { return l.pass }

func (l *load) cutOff() []*visitor { return l.broken }

func (l *load) unanswered() []string {
	names := make([]string, len(l.broken))
	for i, v := range l.broken {
		names[i] = v.name
	}
	return names
}
