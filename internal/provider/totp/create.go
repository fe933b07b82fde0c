package totp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// setup is what a creation keeps until the code was right. It travels inside the encrypted flow state, and is gone with it.
type setup struct {
	Secret string   `json:"secret"`
	Codes  []string `json:"codes"`
	// Step is the half minute whose code was right; 0 = none was yet.
	Step int64 `json:"step,omitempty"`
}

// made reports whether the account gets another kind of factor already.
func (p *Provider) made(c *auth.Creation) (bool, error) {
	for _, other := range p.cfg.Beside {
		if made, err := other.FactorMade(c); err != nil || made {
			return made, err
		}
	}
	return false, nil
}

// BeginCreation offers the factor, unless the account has one. Whoever makes an account for somebody else is not offered one, because they would know
// its secret; where a factor is required there is no account without.
func (p *Provider) BeginCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	if p.cfg.AtCreation != Required && (p.cfg.AtCreation != Optional || !c.Creator.Anonymous()) {
		return auth.Abstained(), nil
	}
	if made, err := p.made(c); err != nil || made {
		return auth.Abstained(), err
	}
	var s setup
	var err error
	if s.Secret, err = newSecret(p.cfg.Random); err != nil {
		return auth.Response{}, err
	}
	if s.Codes, err = newRecoveryCodes(p.cfg.Random); err != nil {
		return auth.Response{}, err
	}
	if err := c.Remember(id, s); err != nil {
		return auth.Response{}, err
	}
	c.Reach(auth.ReachedOffer)
	return p.offer(c.Subject.Name, s, keySetup), nil
}

// offer asks for a code of the secret.
func (p *Provider) offer(owner auth.Name, s setup, why message.Key) auth.Response {
	r := auth.Request{
		ID: setupID, Metadata: p.metadata(owner, s), Provider: message.Literal(""), Account: message.Literal(""),
		Fields: []auth.Field{
			{Name: infoField, Type: auth.FieldNull, Label: message.New("oathauth-create-info-label"), Help: message.New("oathauth-create-info-help")},
			{Name: codeField, Type: auth.FieldString, Label: message.New("oathauth-create-code-label"), Help: message.New("oathauth-create-code-help")},
		},
	}
	if p.cfg.AtCreation == Required {
		return auth.Asked(message.New(why), r)
	}
	r.Required = auth.Optional
	return auth.Asked(message.New(why), r, skipRequest())
}

// metadata is what clients need to show; what follows the secret is ours.
func (p *Provider) metadata(owner auth.Name, s setup) []auth.Datum {
	data := []auth.Datum{
		{Name: "account", Value: string(owner)},
		{Name: "secret", Value: grouped(s.Secret)},
		{Name: "recoverycodes", Value: strings.Join(s.Codes, " ")},
		{Name: "uri", Value: keyURI(p.cfg.Issuer, string(owner), s.Secret)},
	}
	if p.cfg.Picture != "" {
		data = append(data, auth.Datum{Name: "qr", Value: p.cfg.Picture})
	}
	return data
}

func skipRequest() auth.Request {
	return auth.Request{
		ID: skipID, Required: auth.Optional, Provider: message.Literal(skipClass), Account: message.Literal(string(skipID)),
		Fields: []auth.Field{{
			Name: skipField, Type: auth.FieldButton,
			Label: message.New("oathauth-create-skip-label"), Help: message.New("oathauth-create-skip-help"),
		}},
	}
}

// ContinueCreation takes the code, or that it is skipped. The flow bounds how often it is tried.
func (p *Provider) ContinueCreation(ctx context.Context, c *auth.Creation) (auth.Response, error) {
	var s setup
	if found, err := c.Recall(id, &s); err != nil || !found {
		return auth.Response{}, errors.Join(errors.New("set up a factor: nothing was offered"), err)
	}
	if _, skipped := c.Answers.Get(skipID); skipped && p.cfg.AtCreation == Optional {
		c.Reach(auth.ReachedSkipping)
		return auth.Passed(), nil
	}
	answer, _ := c.Answers.Get(setupID)
	code := compact(answer.Values[codeField])
	if code == "" {
		return p.offer(c.Subject.Name, s, keySetup), nil
	}
	if s.Step = matchingStep(s.Secret, code, p.cfg.Clock(), 0); s.Step == 0 || !isCode(code) {
		return p.offer(c.Subject.Name, s, keySetupFailed), nil
	}
	c.Reach(auth.ReachedFactor)
	if p.cfg.AtCreation == Required {
		return auth.Passed(), c.Remember(id, s)
	}
	return p.keep(ctx, c, s)
}

// keep gives the account that was just made its factor. If somebody else, who knows its password, changed its credentials
// meanwhile, the account stays as they made it.
func (p *Provider) keep(ctx context.Context, c *auth.Creation, s setup) (auth.Response, error) {
	credentials, err := p.credentials(c.Subject.Name, s)
	if err != nil {
		return auth.Response{}, err
	}
	var change auth.Change
	for _, cr := range credentials {
		change.Credentials = append(change.Credentials, auth.CredentialChange{Kind: cr.Kind, Any: true, New: cr.Value})
	}
	err = c.ChangeAccount(ctx, p.cfg.Store, change)
	if errors.Is(err, auth.ErrChanged) {
		return auth.Passed(), nil
	}
	if err != nil {
		return auth.Response{}, fmt.Errorf("keep the factor: %w", err)
	}
	return auth.Passed(), nil
}

// credentials are the app and the recovery codes in their stored form.
func (p *Provider) credentials(owner auth.Name, s setup) ([]auth.Credential, error) {
	first, err := p.credential(owner, app{Name: defaultName(1), Step: s.Step}, s.Secret)
	if err != nil {
		return nil, err
	}
	codes, err := recoveryCredentials(p.cfg.Random, s.Codes)
	return append([]auth.Credential{first}, codes...), err
}

// ContributeToDraft puts a required factor into the account's transaction.
func (p *Provider) ContributeToDraft(_ context.Context, c *auth.Creation, d *auth.Draft) error {
	if p.cfg.AtCreation != Required {
		return nil
	}
	if made, err := p.made(c); err != nil || made {
		return err
	}
	var s setup
	if _, err := c.Recall(id, &s); err != nil {
		return err
	}
	if s.Step == 0 {
		return errors.New("an account without the factor that is required")
	}
	credentials, err := p.credentials(c.Subject.Name, s)
	d.Credentials = append(d.Credentials, credentials...)
	return err
}
