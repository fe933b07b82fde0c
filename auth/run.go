package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"gatehouse/internal/message"
)

// submission tells which submissions of a flow a phase runs in.
type submission int

const (
	first submission = 1 << iota
	later
	every = first | later
)

// phase is one row of a flow's table. run answers nil to go on, or the response that ends this submission.
type phase[R any] struct {
	name string
	in   submission
	run  func(R, context.Context) (*Response, error)
}

// runner is one submission on its way through a table: *creationRun or *loginRun.
type runner interface {
	base() *flowRun
	// ended tells the providers how the flow ended.
	ended(ctx context.Context, r Response)
	// named is the account's name, empty while it is not known that there is one.
	named() Name
}

// execute takes a submission through its flow's table, settles the flow's row and reports the outcome.
func execute[R runner](ctx context.Context, run R, table []phase[R]) (Response, error) {
	b := run.base()
	for _, p := range table {
		if p.in&b.submission == 0 {
			continue
		}
		within, ended := b.traced(ctx, p.name)
		resp, err := p.run(run, within)
		ended(resp, err)
		if err != nil {
			b.report(ctx, p.name, run.named(), failure(err))
			return Response{}, b.broken(ctx, p.name, err)
		}
		if resp == nil {
			continue
		}
		if resp.Status != UI && resp.Status != Redirect {
			if err := b.end(ctx); err != nil {
				return Response{}, err
			}
			run.ended(ctx, *resp)
			if err := b.keepProof(ctx, resp); err != nil {
				return Response{}, fmt.Errorf("%s account, %s: %w", b.kind, p.name, err)
			}
		}
		b.report(ctx, p.name, run.named(), *resp)
		return *resp, nil
	}
	return Response{}, b.broken(ctx, "end", errors.New("the phase table has no end"))
}

// traced tells whoever traces that a phase begins.
func (r *flowRun) traced(ctx context.Context, phase string) (context.Context, func(*Response, error)) {
	if r.m.cfg.Trace == nil {
		return ctx, func(*Response, error) {}
	}
	ctx, ended := r.m.cfg.Trace(ctx, Phase{Flow: string(r.kind), Name: phase, Client: string(r.client.Session.FlowID())})
	return ctx, func(resp *Response, err error) {
		if resp == nil {
			resp = new(Response)
		}
		ended(resp.Status, err)
	}
}

// failure is what is reported of a submission that ended with an error. The edges log the error itself.
func failure(err error) Response {
	var busy *OverloadError
	if errors.As(err, &busy) {
		return Failed(message.New(keyTooMuch))
	}
	return Response{Status: outcomeFault}
}

// flowRun is what the submissions of a creation and of a sign-in have in common.
type flowRun struct {
	m          *Manager
	client     Client
	kind       flowKind
	submission submission
	state      flowState
	claimed    bool       // the flow's row is ours until we put or end it
	continued  ProviderID // whose step this submission went on with
	preserve   bool       // begin with what an earlier submission left

	answers *Answers    // what the providers see as posted
	memory  *memory     // what they keep
	reached *Milestones // how far the submission came; nil but for creations
}

func (r *flowRun) base() *flowRun { return r }

// end removes the row if this submission took it.
func (r *flowRun) end(ctx context.Context) error {
	if !r.claimed {
		return nil
	}
	return r.m.endFlow(ctx, r.client)
}

// broken ends the flow after a fault, so that nothing continues behind a failed step.
func (r *flowRun) broken(ctx context.Context, phase string, err error) error {
	return fmt.Errorf("%s account, %s: %w", r.kind, phase, errors.Join(err, r.end(ctx)))
}

// report writes the attempt's line and counts it. Only names that accounts have are in it: what else is typed there may be a
// password.
func (r *flowRun) report(ctx context.Context, phase string, name Name, resp Response) {
	o := Outcome{Flow: string(r.kind), Phase: phase, Status: resp.Status, Begins: r.submission == first, From: r.client.Audience()}
	if r.reached != nil {
		o.Reached = *r.reached
	}
	if len(resp.Messages) > 0 {
		o.Reason = resp.Messages[0].Key
	}
	r.m.cfg.Observe(o)
	who := r.client.Creator
	r.m.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, o.Flow,
		slog.String("phase", phase), slog.String("status", string(o.Status)), slog.String("reason", string(o.Reason)),
		slog.String("name", string(name)), slog.Int64("by", int64(who.Account.ID)), slog.String("addr", who.Addr.String()))
}

// siteOpen refuses while nothing is written.
func (r *flowRun) siteOpen(context.Context) (*Response, error) {
	if why := r.m.cfg.ReadOnly; why != "" {
		return refuse(message.New(keyReadOnly, message.Text(why))), nil
	}
	return nil, nil
}

// resume claims the client's flow before anything else is done, so that no submission runs twice. It reports whether
// there is a flow that this client may continue.
func (r *flowRun) resume(ctx context.Context) (bool, error) {
	state, err := r.m.claim(ctx, r.client, r.kind)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.claimed, r.state = true, state
	r.memory.kept = state.Kept
	return r.m.resumes(state, r.client), nil
}

// resumes reports whether the state is for c and for this server. Who signed in or out meanwhile has another session; other
// providers mean another configuration.
func (m *Manager) resumes(s flowState, c Client) bool {
	who := c.Creator.Account
	return s.Creator == who.ID && s.CreatorStamp == who.Stamp && slices.Equal(s.Providers, m.ids)
}

// endOlderFlow forgets a flow that this client began earlier. It writes only if there may be one.
func (r *flowRun) endOlderFlow(ctx context.Context) (*Response, error) {
	return nil, r.m.endFlow(ctx, r.client)
}

// call runs one provider's step: its continuation if the flow waits for it, else its beginning. The beginning of a step
// that comes up in a later submission reads the first submission's answers.
func (r *flowRun) call(id ProviderID, begin, goOn func() (Response, error)) (Response, error) {
	posted := *r.answers
	defer func() { *r.answers = posted }()
	step := begin
	if r.state.Waiting == id {
		step, r.state.Waiting, r.continued = goOn, "", id
	} else if r.submission == later {
		*r.answers = r.state.Answers
	}
	if step == nil {
		return Response{}, fmt.Errorf("%s waits but cannot continue", id)
	}
	resp, err := step()
	if err != nil {
		return Response{}, fmt.Errorf("%s: %w", id, err)
	}
	return resp, nil
}

// store keeps the flow for its next submission, which resp asks for.
func (r *flowRun) store(ctx context.Context, id ProviderID, resp Response) error {
	if len(resp.Requests) == 0 {
		return fmt.Errorf("%s waits for nothing", id)
	}
	r.state.Waiting, r.state.Pending, r.state.again = id, resp.Requests, r.continued == id
	r.state.Saying, r.state.Target = resp.Messages, resp.RedirectTarget
	who := r.client.Creator.Account
	r.state.Providers, r.state.Creator, r.state.CreatorStamp = r.m.ids, who.ID, who.Stamp
	r.state.Kept = r.memory.kept
	if err := r.m.putFlow(ctx, r.client, r.kind, r.state); err != nil {
		return err
	}
	r.claimed = false
	return nil
}

func refuse(reasons ...Message) *Response {
	resp := Failed(reasons...)
	return &resp
}
