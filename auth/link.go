package auth

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/internal/message"
)

// Linking is the linking of an outside identity to the account that is signed in, as a provider sees it. It belongs to one
// goroutine.
type Linking struct {
	// Creator is who asks, at the address that this submission came from.
	Creator   Creator
	Answers   Answers
	ReturnURL string

	memory
}

// Linker is a primary provider of the type CreationLink whose identities can be linked to accounts that exist.
type Linker interface {
	// BeginLink answers Pass, Fail, Abstain, UI or Redirect. At Pass it has called Prove.
	BeginLink(ctx context.Context, l *Linking) (Response, error)
	// ContinueLink is the same for further submissions, but never answers Abstain.
	ContinueLink(ctx context.Context, l *Linking) (Response, error)
}

const flowLink flowKind = "link"

// BeginLink starts to link an outside identity to the account that is signed in. The caller has seen to it that they
// signed in not long ago (Sensitive).
func (m *Manager) BeginLink(ctx context.Context, c Client, b Begin) (Response, error) {
	run := newLinkRun(m, c, first)
	run.linking.Answers, run.linking.ReturnURL = b.Answers, b.ReturnURL
	run.state.Answers, run.state.ReturnURL = b.Answers.withoutSecrets(), b.ReturnURL
	return execute(ctx, run, linkPhases)
}

// ContinueLink goes on with the client's linking.
func (m *Manager) ContinueLink(ctx context.Context, c Client, a Answers) (Response, error) {
	run := newLinkRun(m, c, later)
	run.linking.Answers = a
	return execute(ctx, run, linkPhases)
}

// linkPhases is the flow of a linking.
var linkPhases = []phase[*linkRun]{
	{"site", every, (*linkRun).siteOpen},
	{"resume", later, (*linkRun).resumeFlow},
	{"signed in", every, (*linkRun).signedIn},
	{"older flow", first, (*linkRun).endOlderFlow},
	{"primary", every, (*linkRun).primary},
	{"commit", every, (*linkRun).commit},
}

// linkRun is one submission of a linking.
type linkRun struct {
	flowRun
	linking Linking
}

func newLinkRun(m *Manager, c Client, in submission) *linkRun {
	r := &linkRun{flowRun: flowRun{m: m, client: c, kind: flowLink, submission: in}}
	r.linking.Creator = c.Creator
	r.answers, r.memory = &r.linking.Answers, &r.linking.memory
	return r
}

func (r *linkRun) named() Name { return r.client.Creator.Account.Name }

func (r *linkRun) ended(context.Context, Response) { r.memory.forgetProof() }

func (r *linkRun) resumeFlow(ctx context.Context) (*Response, error) {
	found, err := r.resume(ctx)
	if err != nil {
		return nil, err
	}
	if !found {
		return refuse(message.New(keyLinkNotInProgress)), nil
	}
	r.linking.ReturnURL = r.state.ReturnURL
	return nil, nil
}

func (r *linkRun) signedIn(context.Context) (*Response, error) {
	if r.client.Creator.Anonymous() {
		return refuse(message.New(keyLinkNotInProgress)), nil
	}
	return nil, nil
}

func (r *linkRun) primary(ctx context.Context) (*Response, error) {
	for _, p := range r.m.cfg.Primary {
		l, ok := p.(Linker)
		if !ok || r.state.Primary != "" && r.state.Primary != p.ID() {
			continue
		}
		resp, err := r.call(p.ID(),
			func() (Response, error) { return l.BeginLink(ctx, &r.linking) },
			func() (Response, error) { return l.ContinueLink(ctx, &r.linking) })
		if err != nil {
			return nil, err
		}
		if resp.Status == Abstain {
			continue
		}
		r.state.Primary = p.ID()
		return r.settle(ctx, p.ID(), resp)
	}
	return refuse(message.New(keyLinkNoPrimary)), nil
}

func (r *linkRun) settle(ctx context.Context, id ProviderID, resp Response) (*Response, error) {
	switch resp.Status {
	case Pass:
		return nil, nil
	case Fail:
		return &resp, nil
	case UI, Redirect:
		err := r.store(ctx, id, resp)
		if errors.Is(err, ErrTooManyFlows) {
			return refuse(message.New(keyTooMuch)), nil
		}
		return &resp, err
	}
	return nil, fmt.Errorf("%s answered %q to a linking", id, resp.Status)
}

func (r *linkRun) commit(ctx context.Context) (*Response, error) {
	p, found, err := r.linking.Proof()
	if err != nil || !found {
		return nil, errors.Join(err, fmt.Errorf("%s passed a linking without a proof", r.state.Primary))
	}
	who := r.client.Creator.Account
	err = r.m.cfg.Changes.ChangeAccount(ctx, Change{
		Account: who.ID, Proven: &who.Stamp, Identities: IdentityChange{Add: []Identity{p.Identity}},
	})
	switch {
	case errors.Is(err, ErrIdentityTaken):
		return r.identityTaken(), nil
	case errors.Is(err, ErrChanged):
		return refuse(message.New(keyChanged)), nil
	case err != nil:
		return nil, err
	}
	return &Response{Status: Pass}, nil
}
