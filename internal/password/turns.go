package password

import (
	"context"
	"slices"
	"time"
)

// signInsPerSignUp is how many sign-ins are served for one sign-up while both wait.
const signInsPerSignUp = 4

// await gives the ticket its turn, or an error and its place back.
//
// While a slot is free, everybody who waits belongs to a network that has all it may have: each slot that comes free is handed
// on at once. So whoever comes may take a free slot without looking at the queue, unless their network is such a one.
func (t *Ticket) await(ctx context.Context) error {
	b := t.budget
	b.mu.Lock()
	if t.state != holding || t.turn != nil {
		b.mu.Unlock()
		return errSpent
	}
	if err := ctx.Err(); err != nil {
		b.leave(t)
		b.mu.Unlock()
		return err
	}
	if b.inFlight < b.settings.InFlight && b.mayRun(t.network) {
		b.serve(t)
		b.mu.Unlock()
		return nil
	}
	t.turn = make(chan struct{})
	b.waiting[t.work].push(t)
	b.mu.Unlock()
	return t.wait(ctx)
}

func (t *Ticket) wait(ctx context.Context) error {
	deadline := time.NewTimer(t.budget.settings.Deadline)
	defer deadline.Stop()
	select {
	case <-t.turn:
		return nil
	case <-ctx.Done():
		return t.abandon(ctx.Err())
	case <-deadline.C:
		return t.abandon(nil)
	}
}

// abandon leaves the queue because of cause, or of the deadline if that is nil. A turn that came at the same moment is taken
// after a deadline and handed on after a cause.
func (t *Ticket) abandon(cause error) error {
	b := t.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case t.state == served && cause == nil:
		return nil
	case t.state == served:
		b.free(t)
		return cause
	}
	b.waiting[t.work].remove(t)
	b.leave(t)
	if cause != nil {
		return cause
	}
	b.stats.Expired[t.work]++
	return b.overload(t.network)
}

func (b *Budget) mayRun(n *network) bool {
	return b.settings.PerNetwork <= 0 || n.inFlight < b.settings.PerNetwork
}

func (b *Budget) serve(t *Ticket) {
	t.state = served
	b.vacate(t)
	b.inFlight++
	t.network.inFlight++
	b.stats.Served[t.work]++
}

// finish ends the turn that began at start.
func (b *Budget) finish(t *Ticket, start time.Time) {
	took := time.Since(start)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mean += (took - b.mean) / 8
	b.steady += (took - b.steady) / 64
	if !b.measured {
		b.mean, b.steady, b.measured = took, took, true
	}
	b.free(t)
}

// free gives the slot of t to whoever is next.
func (b *Budget) free(t *Ticket) {
	b.inFlight--
	t.network.inFlight--
	for b.inFlight < b.settings.InFlight {
		next := b.pick()
		if next == nil {
			break
		}
		b.serve(next)
		close(next.turn)
	}
	b.forget(t.network)
}

// pick takes the next ticket that may run out of the queue, nil if there is none.
func (b *Budget) pick() *Ticket {
	ins, ups := &b.waiting[SignIn], &b.waiting[SignUp]
	up := ups.first(b.mayRun)
	if up == nil {
		b.ahead = 0
		return ins.take(ins.first(b.mayRun))
	}
	in := ins.first(b.mayRun)
	if in == nil || b.ahead >= signInsPerSignUp {
		b.ahead = 0
		return ups.take(up)
	}
	b.ahead++
	return ins.take(in)
}

// line is the queue of one kind of work. Networks take turns in it; within a network, first come is first served.
type line struct {
	lanes  []*lane // none empty, next first
	length int
}

// lane holds the waiting tickets of one network.
type lane struct {
	network *network
	tickets []*Ticket
}

func (q *line) push(t *Ticket) {
	l := &t.network.lanes[t.work]
	if len(l.tickets) == 0 {
		l.network = t.network
		q.lanes = append(q.lanes, l)
	}
	l.tickets = append(l.tickets, t)
	q.length++
}

// first is the first lane whose network may run, nil if there is none.
func (q *line) first(mayRun func(*network) bool) *lane {
	for _, l := range q.lanes {
		if mayRun(l.network) {
			return l
		}
	}
	return nil
}

// take takes the first ticket out of l and sends l to the end of the line. A nil lane has none.
func (q *line) take(l *lane) *Ticket {
	if l == nil {
		return nil
	}
	t := l.tickets[0]
	q.remove(t)
	if len(l.tickets) > 0 {
		i := slices.Index(q.lanes, l)
		q.lanes = append(slices.Delete(q.lanes, i, i+1), l)
	}
	return t
}

func (q *line) remove(t *Ticket) {
	l := &t.network.lanes[t.work]
	i := slices.Index(l.tickets, t)
	l.tickets = slices.Delete(l.tickets, i, i+1)
	q.length--
	if len(l.tickets) == 0 {
		i := slices.Index(q.lanes, l)
		q.lanes = slices.Delete(q.lanes, i, i+1)
	}
}
