package openid

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
	"net/url"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// What a flow is refused with. Where the visitor can do something, the text says what.
const (
	keyReturnURL  message.Key = "gatehouse-openid-returnurl"
	keyState      message.Key = "gatehouse-openid-state-wrong"
	keyIncomplete message.Key = "gatehouse-openid-incomplete"
	keyNoAccount  message.Key = "authmanager-authn-no-local-user-link"
)

// flowMemory is what a creation, a sign-in and a linking have in common.
type flowMemory interface {
	Remember(id auth.ProviderID, v any) error
	Recall(id auth.ProviderID, v any) (bool, error)
	Prove(p auth.Proof) error
	Proof() (auth.Proof, bool, error)
}

// note is what the provider keeps with a flow: only the client that has the flow can go on with the state.
type note struct {
	State string `json:"state"`
}

// BeginCreation implements auth.PrimaryProvider. What was proven before needs no second visit.
func (p *Provider) BeginCreation(ctx context.Context, c *auth.Creation) (auth.Response, error) {
	if proof, found, err := c.Proof(); err != nil || found && proof.Provider == p.ID() {
		if err != nil {
			return auth.Response{}, err
		}
		return p.unless(ctx, proof.Identity, auth.Passed())
	}
	return p.leave(ctx, c, journey{
		answers: c.Answers, addr: c.Creator.Addr,
		departure: auth.Departure{Action: auth.ActionCreate, Name: c.Subject.Name, ReturnURL: c.ReturnURL},
	})
}

// ContinueCreation implements auth.CreationContinuer.
func (p *Provider) ContinueCreation(ctx context.Context, c *auth.Creation) (auth.Response, error) {
	return p.comeBack(ctx, c, c.Answers)
}

// BeginLogin implements auth.PrimaryProvider.
func (p *Provider) BeginLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	return p.leave(ctx, l, journey{
		answers: l.Answers, addr: l.Creator.Addr,
		departure: auth.Departure{Action: auth.ActionLogin, ReturnURL: l.ReturnURL},
	})
}

// ContinueLogin implements auth.LoginContinuer. Who has no account here is told so, and keeps what they proved.
func (p *Provider) ContinueLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	proof, refused, err := p.collect(ctx, l, l.Answers)
	if err != nil || refused != nil {
		return deref(refused), err
	}
	account, err := p.desk.cfg.Store.AccountByIdentity(ctx, proof.Identity.Issuer, proof.Identity.Subject)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Response{Status: auth.Restart, Messages: []auth.Message{message.New(keyNoAccount)}}, l.Prove(proof)
	}
	if err != nil {
		return auth.Response{}, fmt.Errorf("look up the account: %w", err)
	}
	return auth.Response{Status: auth.Pass, Account: account}, nil
}

// BeginLink implements auth.Linker.
func (p *Provider) BeginLink(ctx context.Context, l *auth.Linking) (auth.Response, error) {
	return p.leave(ctx, l, journey{
		answers: l.Answers, addr: l.Creator.Addr,
		departure: auth.Departure{Action: auth.ActionLink, Name: l.Creator.Account.Name, ReturnURL: l.ReturnURL},
	})
}

// ContinueLink implements auth.Linker.
func (p *Provider) ContinueLink(ctx context.Context, l *auth.Linking) (auth.Response, error) {
	return p.comeBack(ctx, l, l.Answers)
}

// ContributeToDraft implements auth.DraftContributor: the identity becomes the account's in the same transaction.
func (p *Provider) ContributeToDraft(_ context.Context, c *auth.Creation, d *auth.Draft) error {
	proof, found, err := c.Proof()
	if err == nil && found && proof.Provider == p.ID() {
		d.Identities = append(d.Identities, proof.Identity)
	}
	return err
}

// journey is what is needed to send a browser away.
type journey struct {
	answers   auth.Answers
	addr      netip.Addr
	departure auth.Departure
}

// leave sends the browser away if this provider's button was pressed.
func (p *Provider) leave(ctx context.Context, m flowMemory, j journey) (auth.Response, error) {
	if _, chosen := j.answers.Get(p.begin[0].ID); !chosen {
		return auth.Abstained(), nil
	}
	if !leadsBack(j.departure.ReturnURL) {
		return auth.Failed(message.New(keyReturnURL)), nil
	}
	e, err := p.remote.endpoints(ctx)
	if err != nil {
		return auth.Failed(p.told(ctx, "read the metadata", err)), nil
	}
	target, state, err := p.desk.depart(ctx, p, e, j)
	if err != nil {
		return auth.Response{}, err
	}
	return auth.Redirected(target, p.response), m.Remember(p.ID(), note{State: state})
}

// maxReturnURL keeps the row of a handover small.
const maxReturnURL = 2000

// leadsBack reports whether a browser can be sent to the address.
func leadsBack(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= maxReturnURL && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// comeBack proves an identity to a flow that wants a new one.
func (p *Provider) comeBack(ctx context.Context, m flowMemory, answers auth.Answers) (auth.Response, error) {
	proof, refused, err := p.collect(ctx, m, answers)
	if err != nil || refused != nil {
		return deref(refused), err
	}
	if err := m.Prove(proof); err != nil {
		return auth.Response{}, err
	}
	return p.unless(ctx, proof.Identity, auth.Passed())
}

// unless refuses an identity that has an account. The commit decides; this spares what comes before it.
func (p *Provider) unless(ctx context.Context, i auth.Identity, otherwise auth.Response) (auth.Response, error) {
	_, err := p.desk.cfg.Store.AccountByIdentity(ctx, i.Issuer, i.Subject)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return otherwise, nil
	case err != nil:
		return auth.Response{}, fmt.Errorf("look up the account: %w", err)
	}
	return auth.Failed(message.New(auth.KeyIdentityTaken)), nil
}

// collect reads what came of the visit. The response is nil unless the flow does not go on.
func (p *Provider) collect(ctx context.Context, m flowMemory, answers auth.Answers) (auth.Proof, *auth.Response, error) {
	refuse := func(why message.Message) (auth.Proof, *auth.Response, error) {
		r := auth.Failed(why)
		return auth.Proof{}, &r, nil
	}
	a, complete := answers.Get(responseRequest)
	if !complete {
		again := auth.Asked(message.New(keyIncomplete), p.response)
		return auth.Proof{}, &again, nil
	}
	var kept note
	if _, err := m.Recall(p.ID(), &kept); err != nil {
		return auth.Proof{}, nil, err
	}
	if subtle.ConstantTimeCompare([]byte(kept.State), []byte(a.Values[fieldState])) != 1 {
		return refuse(message.New(keyState))
	}
	out, err := p.desk.take(ctx, kept.State, a.Values[fieldCode])
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return refuse(message.New(keyState))
	case err != nil:
		return auth.Proof{}, nil, err
	case !out.Refusal.IsZero():
		return refuse(out.Refusal)
	}
	return auth.Proof{
		Provider: p.ID(), At: p.at, Username: out.Username, Email: out.Email,
		Identity: auth.Identity{Issuer: p.settings.Issuer, Subject: out.Subject, Label: out.Label},
	}, nil, nil
}

func deref(r *auth.Response) auth.Response {
	if r == nil {
		return auth.Response{}
	}
	return *r
}
