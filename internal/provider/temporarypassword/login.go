package temporarypassword

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

// BeginLogin passes with the account whose mailed password was sent, and leaves word that it has to be replaced. Whatever
// else was sent is not for this provider: it abstains.
//
// What may be a mailed password costs a hash whether or not one was mailed: else its time would tell whether the account
// has an address.
func (p *Provider) BeginLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	a, _ := l.Answers.Get(passwordRequest)
	typed := a.Values[fieldPassword]
	name, usable := p.cfg.Names.Canonical(a.Values[auth.FieldUsername], username.Usable)
	if !usable || !looksMailed(typed) {
		return auth.Abstained(), nil
	}
	ticket, err := p.cfg.Budget.Reserve(password.SignIn, auth.Network(l.Creator.Addr))
	if err != nil {
		return auth.Response{}, err
	}
	defer ticket.Release()
	account, err := p.cfg.Store.AccountByName(ctx, name)
	if errors.Is(err, auth.ErrNotFound) {
		if !p.cfg.DummyHash {
			return auth.Abstained(), nil
		}
		account, err = auth.Account{}, nil
	}
	if err != nil {
		return auth.Response{}, fmt.Errorf("look up %q to sign in: %w", name, err)
	}
	return p.verify(ctx, ticket, l, claim{account, typed})
}

// claim is a password that somebody says was mailed to the account.
type claim struct {
	account auth.Account
	typed   string
}

func (p *Provider) verify(ctx context.Context, ticket *password.Ticket, l *auth.Login, c claim) (auth.Response, error) {
	raw, s, err := p.mailed(ctx, c.account.ID, auth.CredentialTemporaryPassword)
	if err != nil {
		return auth.Response{}, fmt.Errorf("look up mailed password: %w", err)
	}
	usable := s.good(c.account, p.cfg.Clock())
	ok := false
	err = ticket.Run(ctx, func() error {
		if !usable {
			_, err := p.cfg.Hasher.Hash(c.typed)
			return err
		}
		var err error
		if ok, _, err = p.cfg.Hasher.Verify(s.Hash, c.typed); err != nil {
			p.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "mailed password cannot be verified",
				slog.Int64("account", int64(c.account.ID)), slog.String("error", err.Error()))
		}
		return nil
	})
	if err != nil {
		return auth.Response{}, fmt.Errorf("verify mailed password: %w", err)
	}
	if !ok {
		return auth.Abstained(), nil
	}
	err = l.AskReset(auth.Reset{
		Message:  message.New(keyReplace),
		Consumes: []auth.CredentialChange{{Kind: auth.CredentialTemporaryPassword, Old: raw}},
		Mailed:   s.Email,
	})
	return auth.Response{Status: auth.Pass, Account: c.account}, err
}
