package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// load is visitors coming to one address.
type load struct {
	address string
	// clients is how many connections there are: as many things happen at once at most.
	clients int
	task    task
	// number is the last arrival's, carried on from one measurement of a server to the next.
	number *atomic.Int64
}

// grace is how long answers are waited for when a measurement is over.
const grace = 20 * time.Second

// saturate is the closed loop: every client sends its next request as soon as the last is answered. It finds the highest
// rate. Only what ends within d counts.
func (l load) saturate(ctx context.Context, d time.Duration) *sample {
	s := newSample()
	start := time.Now()
	end := start.Add(d)
	l.eachClient(end.Add(grace), s, func(c *client) {
		for ctx.Err() == nil {
			began := time.Now()
			if !began.Before(end) {
				return
			}
			err := c.arrive(l.number.Add(1))
			done := time.Now()
			if done.Before(end) || err != nil {
				s.add(done.Sub(began), err)
			}
		}
	})
	s.elapsed = d
	return s
}

// first sends n arrivals as fast as they are answered.
func (l load) first(ctx context.Context, n int64) *sample {
	s := newSample()
	start := time.Now()
	last := l.number.Load() + n
	l.eachClient(start.Add(24*time.Hour), s, func(c *client) {
		for ctx.Err() == nil {
			number := l.number.Add(1)
			if number > last {
				return
			}
			began := time.Now()
			err := c.arrive(number)
			s.add(time.Since(began), err)
		}
	})
	s.elapsed = time.Since(start)
	return s
}

// arrivals is the open loop: rate visitors a second come at even distances whether or not the earlier ones have been
// served. The latency runs from the moment when the visitor was to come, so a server that stalls cannot hide it; a visitor
// who finds all clients busy waits, and the wait counts.
func (l load) arrivals(ctx context.Context, rate float64, d time.Duration) *sample {
	s := newSample()
	start := time.Now()
	queue := make(chan time.Time, int(rate*d.Seconds())+1)
	go func() {
		defer close(queue)
		for i := 0; ctx.Err() == nil; i++ {
			due := time.Duration(float64(i) / rate * float64(time.Second))
			if due >= d {
				return
			}
			sleepUntil(start.Add(due))
			queue <- start.Add(due)
		}
	}()
	l.eachClient(start.Add(d+grace), s, func(c *client) {
		for due := range queue {
			err := c.arrive(l.number.Add(1))
			s.add(time.Since(due), err)
		}
	})
	s.elapsed = max(d, time.Since(start))
	return s
}

// redialAfter keeps clients from spinning when there is nobody to talk to.
const redialAfter = 10 * time.Millisecond

// client is one connection at work.
type client struct {
	conn  conn
	until time.Time
	task  task
}

func (l load) eachClient(until time.Time, s *sample, work func(*client)) {
	var all sync.WaitGroup
	for range l.clients {
		all.Go(func() {
			c := &client{conn: conn{address: l.address}, until: until, task: l.task}
			defer c.conn.close()
			work(c)
		})
	}
	all.Wait()
}

// arrive does the task; a connection that broke is made anew for the next one.
func (c *client) arrive(n int64) error {
	if c.conn.network == nil {
		if err := c.conn.dial(c.until); err != nil {
			time.Sleep(redialAfter)
			return err
		}
	}
	err := c.task(&c.conn, n)
	if err != nil && !isRefusal(err) {
		c.conn.close()
	}
	return err
}
