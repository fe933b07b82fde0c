package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// measureReads is P3: what a visitor asks for before they create an account, against net/http writing the same bytes.
func measureReads(ctx context.Context, b *bench) (figureReport, error) {
	f := figureReport{Settings: unlimited(), Notes: []string{
		"bare is a net/http handler in a process of its own that writes the very headers and bytes that the server answered, " +
			"measured in turns of two seconds with the server by the same generator.",
		"new: every request comes without a cookie, so every answer makes one. known: every request brings the same cookie.",
		"Store writes are the store's own count of committed transactions, before and after.",
		"captcha: the fields and token for a new visitor from a server that asks for the answer to a picture, in turns with the server " +
			"that does not.",
	}}
	for _, e := range b.engines {
		if err := b.reads(ctx, e, &f); err != nil {
			return f, fmt.Errorf("%s: %w", e, err)
		}
	}
	return f, nil
}

const (
	readClients = 32
	readPace    = 0.5
	readFloor   = 0.5 // of bare net/http
	readGoal    = 0.6

	captchaGoal = 0.5 // of what is read without one
)

// read is one kind of request.
type read struct {
	name, query string
	known       bool
}

func (b *bench) reads(ctx context.Context, e engine, f *figureReport) (err error) {
	srv, err := b.start(ctx, e, f.Settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	before, err := srv.writes()
	if err != nil {
		return err
	}
	worst := 0.0
	for i, r := range []read{
		{"token, new", tokenQuery, false}, {"token, known", tokenQuery, true},
		{"fields and token, new", fieldsQuery, false}, {"fields and token, known", fieldsQuery, true},
	} {
		share, err := b.read(ctx, srv, r, row{Engine: e}, f)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		if i == 0 || share < worst {
			worst = share
		}
	}
	if err := b.captchaReads(ctx, srv, e, f); err != nil {
		return fmt.Errorf("with a captcha: %w", err)
	}
	after, err := srv.writes()
	if err != nil {
		return err
	}
	f.Rows = append(f.Rows, row{Engine: e, What: "store writes meanwhile", Values: []float64{after - before}})
	f.Verdicts = append(f.Verdicts,
		verdict{Engine: e, What: "share of bare net/http, the worst of four", Unit: "×", Value: worst, Floor: readFloor, Goal: readGoal},
		verdict{Engine: e, What: "store writes", Value: after - before, AtMost: true})
	return nil
}

// read measures one kind of request and answers its share of bare net/http.
func (b *bench) read(ctx context.Context, srv *server, r read, like row, f *figureReport) (share float64, err error) {
	request, a, err := firstAnswer(srv, r)
	if err != nil {
		return 0, err
	}
	bareServer, err := b.startBare(ctx, a)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, bareServer.stop()) }()
	ours := against(&srv.process, readClients, fetch(request, `"createaccounttoken"`))
	bare := against(bareServer, readClients, ours.task)
	b.warm(ctx, bare)
	b.warm(ctx, ours)

	like.Unit, like.Clients = "requests/s", readClients
	mine, theirs := newSeries(like), newSeries(like)
	mine.What, theirs.What = r.name, fmt.Sprintf("bare, %s (%d bytes)", r.name, len(a.Body))
	shares := row{Engine: like.Engine, What: "share, " + r.name, Unit: "×"}
	b.profile(srv, "p3-"+string(like.Engine)+"-"+r.name, 2*b.duration) // the turns are its and the other's
	if shares.Values, err = b.compare(ctx, side{theirs, bare.closed}, side{mine, ours.closed}); err != nil {
		return 0, err
	}
	like.What, like.Offered = "at 50 % of that rate", readPace*median(mine.Values)
	paced, err := b.paced(ctx, ours, like)
	if err != nil {
		return 0, err
	}
	f.Rows = append(f.Rows, theirs.done(), mine.done(), shares, paced)
	return median(shares.Values), nil
}

// firstAnswer is the request to be repeated and what the server answers to it.
func firstAnswer(srv *server, r read) (request []byte, a answer, err error) {
	c := conn{address: srv.address}
	if err := c.dial(time.Now().Add(dialTimeout)); err != nil {
		return nil, a, err
	}
	defer c.close()
	request = get(srv.address, r.query, "")
	if err := c.do(request); err != nil {
		return nil, a, err
	}
	if !r.known {
		return request, captured(&c), nil
	}
	cookie, _, err := credentials(&c)
	if err != nil {
		return nil, a, err
	}
	request = get(srv.address, r.query, string(cookie))
	err = c.do(request)
	return request, captured(&c), err
}

// captchaReads measures what a captcha costs those who only ask for the fields.
func (b *bench) captchaReads(ctx context.Context, plain *server, e engine, f *figureReport) (err error) {
	asking, err := b.start(ctx, e, append(slices.Clone(f.Settings), "captcha.kind=image"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, asking.stop()) }()
	before, err := asking.writes()
	if err != nil {
		return err
	}
	without := against(&plain.process, readClients, fetch(get(plain.address, fieldsQuery, ""), `"createaccounttoken"`))
	with := against(&asking.process, readClients, fetch(get(asking.address, fieldsQuery, ""), `"captchaId"`))
	b.warm(ctx, with)

	like := row{Engine: e, Unit: "requests/s", Clients: readClients}
	theirs, ours := newSeries(like), newSeries(like)
	theirs.What, ours.What = "fields and token, new, once more", "captcha, new"
	shares := row{Engine: e, What: "share, captcha of none", Unit: "×"}
	if shares.Values, err = b.compare(ctx, side{theirs, without.closed}, side{ours, with.closed}); err != nil {
		return err
	}
	after, err := asking.writes()
	if err != nil {
		return err
	}
	f.Rows = append(f.Rows, theirs.done(), ours.done(), shares)
	f.Verdicts = append(f.Verdicts,
		verdict{Engine: e, What: "share with a picture's captcha of that without", Unit: "×", Value: median(shares.Values), Floor: captchaGoal, Goal: captchaGoal},
		verdict{Engine: e, What: "store writes with a captcha", Value: after - before, AtMost: true})
	return nil
}
