package passkey

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// note is what a sign-in keeps.
type note struct {
	ceremony
	// Proven says that a passkey alone opened the account: its device verified who holds it, which is two factors.
	Proven bool `json:"proven,omitempty"`
}

// BeginLogin asks for any passkey of this site if the button was pressed. Nobody is named before the proof.
func (p *Provider) BeginLogin(_ context.Context, l *auth.Login) (auth.Response, error) {
	if _, chosen := l.Answers.Get(beginID); !chosen || !p.cfg.SignIn {
		return auth.Abstained(), nil
	}
	return p.askAnybody(l, keyProve)
}

func (p *Provider) askAnybody(l *auth.Login, why message.Key) (auth.Response, error) {
	c, r, err := p.askToProve(owner{})
	if err != nil {
		return auth.Response{}, err
	}
	return auth.Asked(message.New(why), r), l.Remember(id, note{ceremony: c})
}

// ContinueLogin implements auth.LoginContinuer: it finds the account of the passkey.
func (p *Provider) ContinueLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	var kept note
	if found, err := l.Recall(id, &kept); err != nil || !found {
		return auth.Response{}, errors.Join(errors.New("prove a passkey: nothing was asked"), err)
	}
	answer, answered := l.Answers.Get(proveID)
	if !answered {
		return p.askAnybody(l, keyProve)
	}
	a, err := p.open(ctx, kept.ceremony, answer.Values[answerField])
	ok, err := p.settle(ctx, a.Name, err)
	switch {
	case err != nil:
		return auth.Response{}, err
	case !ok:
		return p.askAnybody(l, keyFailed)
	}
	return auth.Response{Status: auth.Pass, Account: a}, l.Remember(id, note{Proven: true})
}

// open gives the account that the answer opens by itself.
func (p *Provider) open(ctx context.Context, c ceremony, answer string) (auth.Account, error) {
	parsed, err := parseProof(answer)
	if err != nil {
		return auth.Account{}, err
	}
	if len(parsed.Response.UserHandle) == 0 {
		return auth.Account{}, fmt.Errorf("%w: no user handle", errRefused)
	}
	i := kindOf(parsed.RawID).PasskeyIdentity()
	a, err := p.cfg.Store.AccountByIdentity(ctx, i.Issuer, i.Subject)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Account{}, fmt.Errorf("%w: no account has it", errRefused)
	}
	if err != nil {
		return auth.Account{}, fmt.Errorf("look up the account: %w", err)
	}
	_, o, err := p.held(ctx, a)
	if err != nil {
		return auth.Account{}, err
	}
	k, err := p.proven(c, o, parsed)
	if err == nil {
		err = p.spend(ctx, a, k)
	}
	return a, err
}

// AskFactor implements auth.StepFactor.
func (p *Provider) AskFactor(ctx context.Context, l *auth.Login) ([]auth.Request, error) {
	_, o, err := p.held(ctx, l.Account)
	if err != nil || len(o.passkeys) == 0 {
		return nil, err
	}
	c, r, err := p.askToProve(o)
	if err != nil {
		return nil, err
	}
	return []auth.Request{r}, l.Remember(id, note{ceremony: c})
}

// ProveFactor implements auth.StepFactor.
func (p *Provider) ProveFactor(ctx context.Context, l *auth.Login) (tried, proven bool, err error) {
	answer, tried := l.Answers.Get(proveID)
	if !tried {
		return false, false, nil
	}
	var kept note
	if found, err := l.Recall(id, &kept); err != nil || !found {
		return true, false, err
	}
	_, o, err := p.held(ctx, l.Account)
	if err != nil {
		return true, false, err
	}
	proven, err = p.settle(ctx, l.Account.Name, p.prove(ctx, l.Account, kept.ceremony, o, answer.Values[answerField]))
	return true, proven, err
}

func (p *Provider) prove(ctx context.Context, a auth.Account, c ceremony, o owner, answer string) error {
	parsed, err := parseProof(answer)
	if err != nil {
		return err
	}
	k, err := p.proven(c, o, parsed)
	if err != nil {
		return err
	}
	return p.spend(ctx, a, k)
}

// FactorProven implements auth.StepFactor.
func (p *Provider) FactorProven(l *auth.Login) (bool, error) {
	var kept note
	_, err := l.Recall(id, &kept)
	return kept.Proven, err
}
