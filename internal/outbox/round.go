package outbox

import (
	"context"
	"errors"
	"time"

	"gatehouse/auth"
)

// round is one batch under one lease.
type round struct {
	w     *Worker
	lease string
	until time.Time // when the lease ends, by our own clock
	way   Way
	err   error // why there is no way
}

// deliver tries one mail and records the outcome, or gives it back untried: the Worker is to end, there is no way, or the
// lease could end on the way.
func (r *round) deliver(ctx context.Context, row auth.MailRow) {
	o := auth.MailOutcome{ID: row.ID, Lease: r.lease, State: auth.MailQueued}
	switch {
	case ctx.Err() != nil, r.late():
		o.Untried = true
	case r.err != nil || !r.connect(ctx):
		o.After, o.Error = r.w.after(row.Attempts), r.err.Error()
		if ctx.Err() != nil { // which is why there is no way
			o.Untried, o.After, o.Error = true, 0, ""
		}
	default:
		r.send(ctx, row, &o)
	}
	r.record(ctx, row, o)
}

// late reports whether connecting and sending could outlast the lease. A mail is then in nobody's hand for a moment, which
// is better than in two.
func (r *round) late() bool {
	need := r.w.cfg.Timeout + recordMargin
	if r.way == nil {
		need += r.w.cfg.Timeout
	}
	return r.w.cfg.Clock().Add(need).After(r.until)
}

// connect makes sure of a way. One that failed is not tried again in this round.
func (r *round) connect(ctx context.Context) bool {
	if r.way != nil {
		return true
	}
	r.way, r.err = r.w.cfg.Carrier.Connect(ctx)
	return r.err == nil
}

func (r *round) send(ctx context.Context, row auth.MailRow, o *auth.MailOutcome) {
	err := r.way.Send(ctx, row)
	if err == nil {
		o.State = auth.MailSent
		return
	}
	r.close()
	o.Error = err.Error()
	var answer interface{ Permanent() bool }
	if errors.As(err, &answer) && answer.Permanent() {
		o.State = auth.MailDead
		return
	}
	o.After = r.w.after(row.Attempts)
}

func (r *round) close() {
	if r.way != nil {
		r.way.Close()
		r.way = nil
	}
}

// record writes the outcome down. What was accepted must be known before anybody tries again, so a store that does not
// answer is asked until it does; only the end of the Worker ends that some time.
func (r *round) record(ctx context.Context, row auth.MailRow, o auth.MailOutcome) {
	log := r.w.cfg.Logger.With("mail", row.ID, "message id", row.MessageID, "kind", row.Kind, "domain", row.Domain)
	for try := 0; ; try++ {
		_, err := r.w.cfg.Store.FinishMail(context.WithoutCancel(ctx), o)
		if err == nil {
			break
		}
		log.Error("record mail", "state", o.State, "error", err)
		if ctx.Err() != nil && try >= recordTries {
			return
		}
		rest(context.WithoutCancel(ctx), min(50*time.Millisecond<<min(try, 10), recordPause))
	}
	switch {
	case o.Untried:
		return
	case o.State == auth.MailSent:
		log.Info("mail sent", "attempts", row.Attempts)
	case o.State == auth.MailDead:
		log.Error("mail refused for good; gatehouse mail shows it", "attempts", row.Attempts, "error", o.Error)
	default:
		log.Warn("mail has to wait", "attempts", row.Attempts, "after", o.After.Round(time.Second), "error", o.Error)
	}
	if r.w.cfg.Observe != nil {
		r.w.cfg.Observe(o.State)
	}
}
