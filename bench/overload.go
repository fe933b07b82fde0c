package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// measureOverload is what becomes of a server that is asked for ten times as much as it can do, in sign-ups, while people sign in;
// and then also by clients that send byte after byte, and bodies that are far too large.
func measureOverload(ctx context.Context, b *bench) (figureReport, error) {
	f := figureReport{Settings: append(unlimited(), "password.hash_wait=1s (the default)"), Notes: []string{
		"The hash is the default. The capacity is the rate of sign-ups of a closed loop; ten times as many then come at even distances, each one post with a token that its connection has fetched before. Latency runs from the moment when a visitor was to come.",
		fmt.Sprintf("People sign in meanwhile, at %.0f %% of the capacity, each from a new session: two requests.", 100*signInShare),
		fmt.Sprintf("The last rows have %d connections beside it that send a byte now and then, and %d that send bodies of %d MB.", slowClients, giantClients, giantBody>>20),
		"The generator has the same cores: what it takes, and what it waits for a core, is in every latency.",
	}}
	for _, e := range b.engines {
		if err := b.overload(ctx, e, &f); err != nil {
			return f, fmt.Errorf("%s: %w", e, err)
		}
	}
	return f, nil
}

const (
	overloadClients = 400
	overloadFactor  = 10
	signInShare     = 0.2
	slowClients     = 200
	giantClients    = 4
	giantBody       = 50 << 20
	refusalGoal     = 10.0 // ms
)

func (b *bench) overload(ctx context.Context, e engine, f *figureReport) (err error) {
	srv, err := b.start(ctx, e, unlimited())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	up := &flood{creation: newCreation(srv.address, "Flood")}
	t := against(&srv.process, 4, up.create)
	b.warm(ctx, t)
	calm := newSeries(row{Engine: e, What: "capacity: sign-ups, four at once", Unit: "accounts/s", Clients: t.clients})
	if err := b.saturated(ctx, t, calm); err != nil {
		return err
	}
	f.Rows = append(f.Rows, calm.done())
	before, err := memoryOf(t.pid)
	if err != nil {
		return err
	}
	capacity := median(calm.Values)
	in := &signIn{host: srv.address, name: "Flood1"}
	for _, attacked := range []bool{false, true} {
		if err := b.flooded(ctx, flooding{t: t.with(overloadClients), in: in, rate: capacity, attacked: attacked, engine: e}, f); err != nil {
			return err
		}
	}
	after, err := memoryOf(t.pid)
	if err != nil {
		return err
	}
	mb := func(what string, bytes int64) row {
		return row{Engine: e, What: what, Unit: "MB", Values: []float64{float64(bytes) / megabyte}}
	}
	f.Rows = append(f.Rows, mb("memory before", before.Resident), mb("memory, the most", after.Peak))
	return nil
}

// flooding is one measurement under overload.
type flooding struct {
	t        target
	in       *signIn
	rate     float64 // the capacity
	attacked bool
	engine   engine
}

func (b *bench) flooded(ctx context.Context, o flooding, f *figureReport) error {
	what := "at ten times the capacity"
	if o.attacked {
		what += ", slow and giant clients beside"
		stop := attack(ctx, o.t.address)
		defer stop()
	}
	signing := o.t
	signing.task, signing.clients, signing.number = o.in.do, 64, new(atomic.Int64)
	var ups, ins *sample
	var both sync.WaitGroup
	both.Go(func() { ups = o.t.arrivals(ctx, overloadFactor*o.rate, b.duration) })
	both.Go(func() { ins = signing.arrivals(ctx, signInShare*o.rate, b.duration) })
	both.Wait()
	told := func(s *sample, name string, offered float64) row {
		r := row{Engine: o.engine, What: name + " " + what, Unit: "/s", Values: []float64{s.rate()}, Offered: offered,
			Latency: latencyOf(s.latency), Refused: s.refused, Broken: s.broken}
		if s.why != nil {
			r.Why = s.why.Error()
		}
		return r
	}
	refusals := row{
		Engine: o.engine, What: "refusals " + what, Unit: "/s", Values: []float64{float64(ups.refused) / ups.elapsed.Seconds()},
		Latency: latencyOf(ups.refusals),
	}
	f.Rows = append(f.Rows, told(ups, "sign-ups", overloadFactor*o.rate), refusals, told(ins, "sign-ins", signInShare*o.rate))
	for code := range ups.codes {
		if code != "ratelimited" {
			return fmt.Errorf("a refusal was %s", code)
		}
	}
	if refusals.Latency != nil {
		f.Verdicts = append(f.Verdicts, verdict{
			Engine: o.engine, What: "refusals " + what + ", median", Unit: "ms", Value: refusals.Latency.P50,
			Floor: refusalGoal, Goal: refusalGoal, AtMost: true,
		})
	}
	return nil
}

// flood is sign-ups whose token is fetched once a connection.
type flood struct {
	*creation
	sessions sync.Map // by *conn: its form without a number
}

func (v *flood) create(c *conn, n int64) error {
	known, ok := v.sessions.Load(c.network)
	if !ok {
		if err := c.do(v.token); err != nil {
			return err
		}
		cookie, token, err := credentials(c)
		if err != nil {
			return err
		}
		known = form{cookie: bytes.Clone(cookie), token: bytes.Clone(token)}
		v.sessions.Store(c.network, known)
	}
	session := known.(form)
	session.number = n
	c.out = v.post(c.out[:0], session)
	if err := c.do(c.out); err != nil {
		return err
	}
	if !bytes.Contains(c.body, []byte(`"status":"PASS"`)) {
		if _, told := header(c.head, "Retry-After"); !told {
			return fmt.Errorf("refused without Retry-After: %.300s", c.body)
		}
		return refused(c)
	}
	return nil
}

// signIn is a whole sign-in to one account.
type signIn struct{ host, name string }

func (v *signIn) do(c *conn, _ int64) error {
	if err := c.do(get(v.host, "action=query&meta=tokens&type=login&format=json", "")); err != nil {
		return err
	}
	set, ok := header(c.head, "Set-Cookie")
	_, rest, found := bytes.Cut(c.body, []byte(`"logintoken":"`))
	token, _, ended := bytes.Cut(rest, []byte(`+\\"`))
	if !ok || !found || !ended {
		return refused(c)
	}
	cookie, _, _ := bytes.Cut(set, []byte(";"))
	body := "action=clientlogin&format=json&loginreturnurl=http%3A%2F%2F127.0.0.1%2F&username=" + v.name + "&password=" + password + "&logintoken=" + string(token) + tokenEnd
	request := fmt.Sprintf("POST /w/api.php HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: %s\r\nContent-Length: %d\r\n\r\n%s",
		v.host, cookie, len(body), body)
	if err := c.do([]byte(request)); err != nil {
		return err
	}
	if !bytes.Contains(c.body, []byte(`"status":"PASS"`)) {
		return refused(c)
	}
	return nil
}

// attack has clients send slowly, and too much, until the function that it gives is called.
func attack(ctx context.Context, address string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	again := func(f func(net.Conn)) {
		for ctx.Err() == nil {
			c, err := net.DialTimeout("tcp", address, dialTimeout)
			if err != nil {
				pause(ctx, redialAfter)
				continue
			}
			f(c)
			c.Close()
		}
	}
	for range slowClients {
		all.Go(func() { again(func(c net.Conn) { dribble(ctx, c) }) })
	}
	for range giantClients {
		all.Go(func() { again(func(c net.Conn) { pour(ctx, c); pause(ctx, time.Second/10) }) })
	}
	return func() { cancel(); all.Wait() }
}

const formHead = "POST /w/api.php HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\na="

// dribble begins a form and sends byte after byte of it until the server has enough.
func dribble(ctx context.Context, c net.Conn) {
	if _, err := fmt.Fprintf(c, formHead, 1000); err != nil {
		return
	}
	for ctx.Err() == nil {
		if _, err := io.WriteString(c, "x"); err != nil {
			return
		}
		pause(ctx, time.Second/2)
	}
}

// pour sends a body as fast as it is taken.
func pour(ctx context.Context, c net.Conn) {
	if _, err := fmt.Fprintf(c, formHead, giantBody); err != nil {
		return
	}
	piece := strings.Repeat("x", 64<<10)
	for sent := 0; sent < giantBody && ctx.Err() == nil; sent += len(piece) {
		if _, err := io.WriteString(c, piece); err != nil {
			return
		}
	}
}
