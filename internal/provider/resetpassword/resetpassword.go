// Package resetpassword is the secondary provider of the step in which a sign-in is asked for a new password, because the
// one that it was done with does not last.
//
// Who asks for it is a primary provider's business (auth.Login.AskReset); what a password must be and how it is stored is
// that of the provider whose password it becomes.
package resetpassword

import (
	"context"
	"errors"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// keyGone refuses a sign-in whose password was replaced meanwhile: it is the right one no longer.
const keyGone message.Key = "wrongpassword"

// Passwords is the provider of chosen passwords.
type Passwords interface {
	auth.Provider
	auth.CredentialChanger
}

// Config is what the provider works with; everything is needed but Notices.
type Config struct {
	Store auth.ChangeStore
	// Passwords lists the request that is asked, and takes the new password.
	Passwords Passwords
	// Notices have something to say to a changed password.
	Notices []auth.CredentialChanger
	// ConfirmedOnly: who used a password that was mailed has proven that the address is theirs, on a site that asks for it.
	ConfirmedOnly bool
	Clock         func() time.Time
}

// Provider is an auth.SecondaryProvider. Build it with New; it is safe for concurrent use.
type Provider struct {
	cfg      Config
	changers []auth.CredentialChanger
}

var (
	_ auth.SecondaryProvider = (*Provider)(nil)
	_ auth.LoginContinuer    = (*Provider)(nil)
)

// New builds the provider, or says that a part is missing.
func New(c Config) (*Provider, error) {
	if c.Store == nil || c.Passwords == nil || c.Clock == nil {
		return nil, errors.New("reset password provider: store, passwords and clock are needed")
	}
	return &Provider{cfg: c, changers: append([]auth.CredentialChanger{c.Passwords}, c.Notices...)}, nil
}

// ID is "resetpassword".
func (*Provider) ID() auth.ProviderID { return "resetpassword" }

// Requests lists nothing: the step asks by itself.
func (*Provider) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

// BeforeCommit says that the provider has no part in creations.
func (*Provider) BeforeCommit() bool { return false }

// BeginCreation abstains.
func (*Provider) BeginCreation(context.Context, *auth.Creation) (auth.Response, error) {
	return auth.Abstained(), nil
}

// BeginLogin asks for a new password if a primary provider left word of it.
func (p *Provider) BeginLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	r, asked, err := l.Reset()
	if err != nil || !asked {
		return auth.Abstained(), err
	}
	return p.ask(ctx, l, r.Message)
}

// ask wants a new password, and says why: first because it has to be, then because of what was wrong with it.
func (p *Provider) ask(ctx context.Context, l *auth.Login, why ...auth.Message) (auth.Response, error) {
	requests, err := p.requests(ctx, l)
	return auth.Response{Status: auth.UI, Messages: why, Requests: requests}, err
}

// requests are those of a change of the account's password, which nothing else can stand in for here.
func (p *Provider) requests(ctx context.Context, l *auth.Login) ([]auth.Request, error) {
	offered, err := p.cfg.Passwords.Requests(ctx, auth.Options{
		Action: auth.ActionChange, Creator: auth.Creator{Account: l.Account, Addr: l.Creator.Addr},
	})
	if err != nil {
		return nil, err
	}
	out := make([]auth.Request, len(offered))
	for i, r := range offered {
		r.Required = auth.RequiredAlways
		out[i] = r
	}
	return out, nil
}

// ContinueLogin takes the new password and stores it in the place of the one that does not last. Of several sign-ins with
// that one, the first to come here is the only one.
func (p *Provider) ContinueLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	r, asked, err := l.Reset()
	if err != nil {
		return auth.Response{}, err
	}
	if !asked {
		return auth.Response{}, errors.New("replace a password: nobody asked for it")
	}
	if len(l.Answers) == 0 {
		return p.ask(ctx, l, r.Message)
	}
	now := p.cfg.Clock()
	change := auth.Change{Credentials: r.Consumes, Email: p.proven(l.Account, r, now)}
	e := &auth.CredentialEdit{Action: auth.ActionChange, Account: l.Account, Addr: l.Creator.Addr, Answers: l.Answers}
	check, err := auth.CollectChange(ctx, p.changers, e, &change)
	if err != nil {
		return auth.Response{}, err
	}
	if !check.OK() {
		return p.ask(ctx, l, check.Findings...)
	}
	if !change.Puts(auth.CredentialPassword) {
		return p.ask(ctx, l, r.Message)
	}
	switch err := l.ChangeAccount(ctx, p.cfg.Store, change); {
	case errors.Is(err, auth.ErrChanged):
		return auth.Failed(message.New(keyGone)), nil
	case err != nil:
		return auth.Response{}, err
	}
	if change.Email != nil {
		l.Account.EmailConfirmed = now
	}
	return auth.Passed(), nil
}

// proven tells that the account's address is confirmed now, where that is asked for and the password was mailed there.
func (p *Provider) proven(a auth.Account, r auth.Reset, now time.Time) *auth.EmailChange {
	if !p.cfg.ConfirmedOnly || r.Mailed == "" || r.Mailed != a.Email || !a.EmailConfirmed.IsZero() {
		return nil
	}
	return &auth.EmailChange{Old: a.Email, New: a.Email, Confirmed: now}
}
