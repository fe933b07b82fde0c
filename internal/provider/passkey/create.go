package passkey

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// setup is what a creation keeps.
type setup struct {
	ceremony
	Codes []string `json:"codes"`
	// Made is the passkey in its stored form; empty until it was made.
	Kind auth.CredentialKind `json:"kind,omitempty"`
	Made string              `json:"made,omitempty"`
}

// BeginCreation asks for a new passkey if the button was pressed.
func (p *Provider) BeginCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	if _, chosen := c.Answers.Get(beginID); !chosen || !p.cfg.AtCreation || !c.Creator.Anonymous() {
		return auth.Abstained(), nil
	}
	codes, err := p.cfg.Recovery.NewRecoveryCodes()
	if err != nil {
		return auth.Response{}, err
	}
	return p.askForFirst(c, setup{Codes: codes}, keyCreate)
}

// askForFirst asks with a fresh challenge, so that an answer that was refused is refused for good.
func (p *Provider) askForFirst(c *auth.Creation, s setup, why message.Key) (auth.Response, error) {
	fresh, r, err := p.askToMake(owner{name: c.Subject.Name, handle: s.Handle}, true)
	if err != nil {
		return auth.Response{}, err
	}
	s.ceremony = fresh
	r.Metadata = append(r.Metadata, auth.Datum{Name: "recoverycodes", Value: strings.Join(s.Codes, " ")})
	return auth.Asked(message.New(why), r), c.Remember(id, s)
}

// ContinueCreation implements auth.CreationContinuer.
func (p *Provider) ContinueCreation(ctx context.Context, c *auth.Creation) (auth.Response, error) {
	var s setup
	if found, err := c.Recall(id, &s); err != nil || !found {
		return auth.Response{}, errors.Join(errors.New("make a passkey: nothing was asked"), err)
	}
	answer, answered := c.Answers.Get(createID)
	if !answered {
		return p.askForFirst(c, s, keyCreate)
	}
	k, err := p.made(s.ceremony, answer.Values[answerField])
	if err == nil {
		err = p.unknown(ctx, k)
	}
	ok, err := p.settle(ctx, "", err)
	switch {
	case err != nil:
		return auth.Response{}, err
	case !ok:
		return p.askForFirst(c, s, keyNotMade)
	}
	k.Name, s.Kind = defaultName(1), k.kind
	if s.Made, err = k.encode(); err != nil {
		return auth.Response{}, err
	}
	return auth.Passed(), c.Remember(id, s)
}

// FactorMade implements auth.StepFactor. A passkey that is an account's only credential is two factors.
func (*Provider) FactorMade(c *auth.Creation) (bool, error) {
	var s setup
	_, err := c.Recall(id, &s)
	return s.Made != "", err
}

// unknown refuses a passkey that an account has. The commit decides; this spares what comes before it.
func (p *Provider) unknown(ctx context.Context, k passkey) error {
	i := k.kind.PasskeyIdentity()
	_, err := p.cfg.Store.AccountByIdentity(ctx, i.Issuer, i.Subject)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("look up the passkey: %w", err)
	}
	return fmt.Errorf("%w: an account has it", errRefused)
}

// ContributeToDraft puts the passkey and the recovery codes into the account's transaction.
func (p *Provider) ContributeToDraft(_ context.Context, c *auth.Creation, d *auth.Draft) error {
	var s setup
	if _, err := c.Recall(id, &s); err != nil || s.Made == "" {
		return err
	}
	codes, err := p.cfg.Recovery.RecoveryCredentials(s.Codes)
	d.Credentials = append(append(d.Credentials, auth.Credential{Kind: s.Kind, Value: s.Made}), codes...)
	d.Identities = append(d.Identities, s.Kind.PasskeyIdentity())
	return err
}
