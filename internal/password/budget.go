package password

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"gatehouse/auth"
)

// Work is what a hash is computed for.
type Work int

// The kinds of work. Under contention sign-ins are served four times as often as sign-ups.
const (
	SignIn Work = iota
	SignUp
	works // how many there are
)

// The sizes that BudgetSettings fall back to.
const (
	DefaultQueuePerSlot  = 128
	DefaultQueueDeadline = 10 * time.Second
)

// BudgetSettings bound the hashing. The zero value is usable.
type BudgetSettings struct {
	// InFlight is how many hashes are computed at once; 0 = as many as there are CPUs to use.
	InFlight int
	// PerNetwork is how many of them may be for one address or /64, which then holds a quarter of the queue at most; 0 = one
	// network may take everything.
	PerNetwork int
	// Queue is how many places there are before the hashes in flight; 0 = DefaultQueuePerSlot for each of InFlight.
	Queue int
	// Deadline is how long a turn is waited for; 0 = DefaultQueueDeadline.
	Deadline time.Duration
	// MostWait refuses at once whoever would have to wait longer for a turn, as far as the pace of late can tell; 0 = no such
	// bound. So what is taken on is done in time, however much more is asked for.
	MostWait time.Duration
}

func (s BudgetSettings) withDefaults() BudgetSettings {
	orDefault(&s.InFlight, runtime.GOMAXPROCS(0))
	orDefault(&s.Queue, DefaultQueuePerSlot*s.InFlight)
	if s.Deadline == 0 {
		s.Deadline = DefaultQueueDeadline
	}
	return s
}

// Budget rations hashing, the one expensive thing a server of accounts does: few hashes in flight, a short queue before them
// and a polite refusal for the rest. No network can fill the queue, nor can sign-ups alone or sign-ins alone: the one leaves a
// quarter of it to the other. It measures spans of time only, hence takes no clock. It is safe for concurrent use.
type Budget struct {
	settings BudgetSettings

	mu       sync.Mutex
	inFlight int
	places   int // taken and not yet in flight
	placesOf [works]int
	networks map[netip.Prefix]*network
	waiting  [works]line
	ahead    int           // sign-ins served since the last sign-up, while sign-ups waited
	mean     time.Duration // of recent hashes
	steady   time.Duration // mean over many more hashes
	measured bool          // these are of hashes, and not firstMean
	stats    Stats
}

// network is what one network holds. It is forgotten when it holds nothing.
type network struct {
	prefix   netip.Prefix
	inFlight int
	places   int
	lanes    [works]lane
}

// Stats are what a Budget has done and where it stands, for metrics.
type Stats struct {
	InFlight int // hashes being computed
	Places   int // places of the queue that are taken
	Waiting  int // of these, callers that wait for their turn
	// MeanHash is a moving average.
	MeanHash time.Duration
	// Since the start, by Work: turns given; refusals because the queue or the kind's part of it was full; because the
	// network's part was; because no turn came before the deadline.
	Served, RefusedFull, RefusedNetwork, Expired [works]int64
}

// NewBudget gives a Budget with nothing in it.
func NewBudget(s BudgetSettings) *Budget {
	return &Budget{settings: s.withDefaults(), networks: map[netip.Prefix]*network{}, mean: firstMean}
}

// firstMean is what a hash is taken to cost before any was measured.
const firstMean = 100 * time.Millisecond

// Stats gives a consistent view.
func (b *Budget) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.InFlight, s.Places, s.MeanHash = b.inFlight, b.places, b.mean
	s.Waiting = b.waiting[SignIn].length + b.waiting[SignUp].length
	return s
}

// Reserve takes a place in the queue for one hash, at once, or answers *auth.OverloadError. The caller must call Release, or
// Run, which releases.
func (b *Budget) Reserve(w Work, prefix netip.Prefix) (*Ticket, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.networks[prefix]
	if n == nil {
		n = &network{prefix: prefix}
	}
	if most := b.settings.Queue; b.places >= most || b.placesOf[w] >= max(1, most-most/4) {
		b.stats.RefusedFull[w]++
		return nil, b.overload(n)
	}
	if b.settings.PerNetwork > 0 && n.places >= max(1, b.settings.Queue/4) {
		b.stats.RefusedNetwork[w]++
		return nil, b.overload(n)
	}
	if b.settings.MostWait > 0 && b.measured && b.foreseen(w) > b.settings.MostWait {
		b.stats.RefusedFull[w]++
		return nil, b.overload(n)
	}
	b.networks[prefix] = n
	n.places++
	b.places++
	b.placesOf[w]++
	return &Ticket{budget: b, work: w, network: n}, nil
}

// foreseen is how long a place of kind w would wait for its turn at the present pace. While both kinds wait, a sign-in has so
// many sign-ups before it as its share leaves them, and a sign-up everything that is there.
func (b *Budget) foreseen(w Work) time.Duration {
	before := b.places
	if w == SignIn {
		before = b.placesOf[SignIn] + min(b.placesOf[SignUp], b.placesOf[SignIn]/signInsPerSignUp+1)
	}
	if b.inFlight < b.settings.InFlight {
		before -= b.settings.InFlight - b.inFlight // these need not wait
	}
	// A moment that was quick promises nothing: the slower of the two paces counts.
	return max(b.mean, b.steady) * time.Duration(max(before, 0)) / time.Duration(b.settings.InFlight)
}

// overload says when it is worth coming back: when what is here now has been done, at the present pace.
func (b *Budget) overload(n *network) error {
	wait := b.mean * time.Duration(b.places+b.inFlight) / time.Duration(b.settings.InFlight)
	if most := b.settings.PerNetwork; most > 0 {
		own := b.mean * time.Duration(n.places+n.inFlight) / time.Duration(min(most, b.settings.InFlight))
		wait = max(wait, own)
	}
	return &auth.OverloadError{RetryAfter: max(wait.Round(time.Millisecond), time.Second)}
}

// Ticket is a place in the queue of a Budget. It belongs to one goroutine.
type Ticket struct {
	budget  *Budget
	work    Work
	network *network
	state   ticketState
	turn    chan struct{} // closed when a waiting ticket gets its turn
}

type ticketState int

const (
	holding ticketState = iota // a place
	served                     // has, or had, its turn
	gone                       // released
)

// errSpent answers a Run on a ticket that was run or released before.
var errSpent = errors.New("ticket of the hash budget is spent")

// Run waits for a turn, computes f, and gives place and turn back, whatever f does. Only the hash belongs into f. It answers
// *auth.OverloadError if no turn comes before the queue's deadline, the error of ctx if that ends first (f was not called in
// either case), else what f answers.
func (t *Ticket) Run(ctx context.Context, f func() error) error {
	if err := t.await(ctx); err != nil {
		return err
	}
	defer t.budget.finish(t, time.Now())
	return f()
}

// Release gives the place back if it was not used. It may be called any number of times.
func (t *Ticket) Release() {
	t.budget.mu.Lock()
	defer t.budget.mu.Unlock()
	t.budget.leave(t)
}

// leave gives up the place of a ticket that is not waiting.
func (b *Budget) leave(t *Ticket) {
	if t.state == holding {
		t.state = gone
		b.vacate(t)
		b.forget(t.network)
	}
}

func (b *Budget) vacate(t *Ticket) {
	t.network.places--
	b.places--
	b.placesOf[t.work]--
}

func (b *Budget) forget(n *network) {
	if n.places == 0 && n.inFlight == 0 {
		delete(b.networks, n.prefix)
	}
}
