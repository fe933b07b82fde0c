package password

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
	"gatehouse/internal/username"
)

// ReserveForLogin takes a place in the queue of the hash budget, where there is something to compare.
func (p *Provider) ReserveForLogin(_ context.Context, l *auth.Login) (auth.Reservation, error) {
	try, ok := p.attempt(l)
	if !ok || len(p.cfg.Policy.CheckSignIn(try.password)) > 0 {
		return nil, nil
	}
	ticket, err := p.cfg.Budget.Reserve(password.SignIn, auth.Network(l.Creator.Addr))
	if err != nil {
		return nil, err // not a typed nil
	}
	return ticket, nil
}

// attempt is what is claimed, if it is a name that may be used and a password.
func (p *Provider) attempt(l *auth.Login) (attempt, bool) {
	a, _ := l.Answers.Get(RequestID)
	typed := a.Values[fieldPassword]
	name, usable := p.cfg.Names.Canonical(a.Values[auth.FieldUsername], username.Usable)
	return attempt{name, typed}, usable && typed != ""
}

// BeginLogin passes with the account whose password was sent, and refuses an unknown name and a wrong password alike. It
// abstains without a name that may be used and a password. A place for the hash is taken before the name is looked up.
func (p *Provider) BeginLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	try, ok := p.attempt(l)
	if !ok {
		return auth.Abstained(), nil
	}
	if found := p.cfg.Policy.CheckSignIn(try.password); len(found) > 0 {
		return auth.Failed(message.New(keyFatal, message.Nested(found[0]))), nil
	}
	ticket, held := l.Reservation(id).(*password.Ticket)
	if !held { // this submission did not begin the sign-in
		var err error
		if ticket, err = p.cfg.Budget.Reserve(password.SignIn, auth.Network(l.Creator.Addr)); err != nil {
			return auth.Response{}, err
		}
		defer ticket.Release()
	}
	return p.verify(ctx, ticket, l, try)
}

// attempt is what somebody claims.
type attempt struct {
	name     auth.Name
	password string
}

func (p *Provider) verify(
	ctx context.Context, ticket *password.Ticket, l *auth.Login, try attempt,
) (auth.Response, error) {
	account, stored, err := p.lookUp(ctx, try.name)
	if err != nil {
		return auth.Response{}, err
	}
	l.Claimed = account.Name
	if stored == "" {
		if err := p.pretend(ctx, ticket, try.password); err != nil {
			return auth.Response{}, err
		}
		return wrong(), nil
	}
	ok, renewed := false, ""
	err = ticket.Run(ctx, func() (err error) {
		ok, renewed, err = p.compare(ctx, account, stored, try.password)
		return err
	})
	if err != nil {
		return auth.Response{}, fmt.Errorf("verify password of account %d: %w", account.ID, err)
	}
	if !ok {
		return wrong(), nil
	}
	if renewed != "" {
		p.renew(ctx, account.ID, stored, renewed)
	}
	return auth.Response{Status: auth.Pass, Account: account}, nil
}

func wrong() auth.Response { return auth.Failed(message.New(keyWrongPassword)) }

// lookUp gives the account and its stored password, "" if there is no account or no password.
func (p *Provider) lookUp(ctx context.Context, name auth.Name) (account auth.Account, stored string, err error) {
	account, err = p.cfg.Store.AccountByName(ctx, name)
	if err == nil {
		stored, err = p.cfg.Store.Credential(ctx, account.ID, auth.CredentialPassword)
	}
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Account{}, "", nil
	}
	if err != nil {
		return auth.Account{}, "", fmt.Errorf("look up %q to sign in: %w", name, err)
	}
	return account, stored, nil
}

// pretend spends a hash on a name without a password, so that the time of the answer does not tell it from others.
func (p *Provider) pretend(ctx context.Context, ticket *password.Ticket, typed string) error {
	if !p.cfg.DummyHash {
		return nil
	}
	err := ticket.Run(ctx, func() error {
		_, err := p.cfg.Hasher.Hash(typed)
		return err
	})
	if err != nil {
		return fmt.Errorf("hash for a name without a password: %w", err)
	}
	return nil
}

// compare reports whether typed is the stored password and gives its new hash where the stored one is due for replacement.
// A new hash that cannot be made does not spoil the sign-in.
func (p *Provider) compare(
	ctx context.Context, account auth.Account, stored, typed string,
) (ok bool, renewed string, err error) {
	ok, stale, err := p.cfg.Hasher.Verify(stored, typed)
	if err != nil {
		// What cannot be read matches nothing. The operator hears of it, whoever tries does not.
		p.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "stored password cannot be verified",
			slog.Int64("account", int64(account.ID)), slog.String("error", err.Error()))
		return false, "", nil
	}
	if !ok || !stale {
		return ok, "", nil
	}
	renewed, err = p.cfg.Hasher.Hash(typed)
	if err != nil {
		p.logRenewal(ctx, account.ID, err)
		return true, "", nil
	}
	return true, renewed, nil
}

// renew stores the new hash if the old one is still there: a password that was changed meanwhile stays changed.
func (p *Provider) renew(ctx context.Context, account auth.AccountID, old, renewed string) {
	err := p.cfg.Store.ReplaceCredential(ctx, account, auth.CredentialPassword, old, renewed)
	if err != nil && !errors.Is(err, auth.ErrNotFound) {
		p.logRenewal(ctx, account, err)
	}
}

func (p *Provider) logRenewal(ctx context.Context, account auth.AccountID, err error) {
	p.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "password hash not renewed",
		slog.Int64("account", int64(account)), slog.String("error", err.Error()))
}
