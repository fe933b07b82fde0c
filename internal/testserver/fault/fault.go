// Package fault makes a test server fail on request: the next so many requests, or those that match, are answered as by a
// server in trouble.
//
// A Queue holds what is to happen. Its Handler stands before the product and either answers itself (a status, a broken
// connection, a delay) or has the product refuse in its own words, by spoiling a token or asking for an impossible lag.
// Neighbours: package call reads the parameters; the control API of internal/testserver fills the queue.
package fault

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/internal/testserver/call"
)

// Kind is what goes wrong.
type Kind string

// The kinds.
const (
	Status500 Kind = "500"      // an answer with HTTP status 500
	Status503 Kind = "503"      // an answer with HTTP status 503 and Retry-After
	Drop      Kind = "drop"     // the connection ends without an answer
	Delay     Kind = "delay"    // the right answer, later
	BadToken  Kind = "badtoken" // the token of the request is refused, as if it were old
	ReadOnly  Kind = "readonly" // nothing may be written
	MaxLag    Kind = "maxlag"   // the database lags behind, with Retry-After
	Throttle  Kind = "throttle" // the limit on account creations is reached
)

// Kinds lists them all.
func Kinds() []Kind {
	return []Kind{Status500, Status503, Drop, Delay, BadToken, ReadOnly, MaxLag, Throttle}
}

// The bounds of a fault and of the queue.
const (
	MaxTimes   = 10_000
	MaxDelay   = 10 * time.Second
	MaxPending = 100
	maxRetry   = 3600
)

// Fault is one thing that is to go wrong.
type Fault struct {
	Do Kind
	// Action restricts it to calls of this action of the API; "" = any request for the product, pages too.
	Action string
	// Times is how many requests it is for.
	Times int
	// RetryAfter is what 503 says, in seconds.
	RetryAfter int
	// Delay is how long the request waits, before whatever else happens.
	Delay time.Duration
}

// Check says what is wrong with f, or nothing.
func (f Fault) Check() error {
	switch {
	case !slices.Contains(Kinds(), f.Do):
		return fmt.Errorf("\"do\" is one of %s", kindList())
	case f.Times < 1 || f.Times > MaxTimes:
		return fmt.Errorf("\"times\" is a number from 1 to %d", MaxTimes)
	case f.RetryAfter < 0 || f.RetryAfter > maxRetry:
		return fmt.Errorf("\"retry_after\" is a number of seconds up to %d", maxRetry)
	case f.Delay < 0 || f.Delay > MaxDelay:
		return fmt.Errorf("\"delay\" is a length of time up to %v, such as \"300ms\"", MaxDelay)
	case f.Do == Delay && f.Delay == 0:
		return fmt.Errorf("\"delay\" says how long, such as \"300ms\"")
	}
	return nil
}

func kindList() string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// Queue is what is still to go wrong, in the order in which it was asked for. The zero Queue is empty; it is safe for
// concurrent use.
type Queue struct {
	mu      sync.Mutex
	pending []Fault
}

// Add puts f at the end. It fails where f is wrong or the queue is full.
func (q *Queue) Add(f Fault) error {
	if err := f.Check(); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pending) >= MaxPending {
		return fmt.Errorf("%d faults wait already; DELETE /_test/faults forgets them", MaxPending)
	}
	q.pending = append(q.pending, f)
	return nil
}

// Pending is what still waits, with the times that are left.
func (q *Queue) Pending() []Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.pending)
}

// Clear forgets everything.
func (q *Queue) Clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending = nil
}

// isFor reports whether the request is one that f is for. What is about tokens waits for a request that brings one, and what
// is about creations for the submission of one.
func (f Fault) isFor(c *call.Call) bool {
	switch {
	case f.Action != "" && f.Action != c.Get("action"):
		return false
	case f.Do == BadToken:
		return c.Posted(call.TokenParams()...)
	case f.Do == Throttle:
		return c.Posted("createtoken", "wpCreateaccountToken")
	}
	return true
}

// take gives the first fault for a request and counts it down.
func (q *Queue) take(c *call.Call) (Fault, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, f := range q.pending {
		if !f.isFor(c) {
			continue
		}
		if q.pending[i].Times--; q.pending[i].Times == 0 {
			q.pending = slices.Delete(q.pending, i, i+1)
		}
		return f, true
	}
	return Fault{}, false
}
