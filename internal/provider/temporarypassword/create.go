package temporarypassword

import (
	"context"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
)

// maxAddress is the longest address that mail is sent to, in bytes. Accounts may have longer ones, without mail.
const maxAddress = 320

// CheckCreation wants mail to be on, and an address to send the password to.
func (p *Provider) CheckCreation(c *auth.Creation) auth.Check {
	switch {
	case !chosen(c):
		return auth.Good()
	case !p.cfg.MailEnabled:
		return auth.Refused(message.New(keyMailOff))
	case c.Subject.Email == "":
		return auth.Refused(message.New(keyNoAddress))
	case len(c.Subject.Email) > maxAddress:
		return auth.Refused(message.New(keyInvalidAddress))
	}
	return auth.Good()
}

func chosen(c *auth.Creation) bool {
	_, ok := c.Answers.Get(RequestID)
	return ok
}

// ReserveForCreation takes a place in the queue of the hash budget, where there will be something to hash.
func (p *Provider) ReserveForCreation(_ context.Context, c *auth.Creation) (auth.Reservation, error) {
	if !chosen(c) || p.cfg.Link != nil {
		return nil, nil
	}
	ticket, err := p.cfg.Budget.Reserve(password.SignUp, auth.Network(c.Creator.Addr))
	if err != nil {
		return nil, err // not a typed nil
	}
	return ticket, nil
}

// kept is what the provider remembers of a creation: the hash, and the mail in its sealed form.
type kept struct {
	Credential auth.Credential `json:"credential"`
	Mail       auth.OutboxItem `json:"mail"`
}

// BeginCreation makes the password, hashes it in its turn and composes its mail. It abstains where it was not chosen.
func (p *Provider) BeginCreation(ctx context.Context, c *auth.Creation) (auth.Response, error) {
	if !chosen(c) {
		return auth.Abstained(), nil
	}
	ticket, _ := c.Reservation(id).(*password.Ticket)
	s, err := p.newSecret(ctx, ticket)
	if err != nil {
		return auth.Response{}, err
	}
	k := kept{Credential: auth.Credential{Kind: s.kind}}
	if k.Credential.Value, err = p.credential(s, c.Subject.Email); err != nil {
		return auth.Response{}, err
	}
	k.Mail, err = p.compose(s, auth.Mail{
		Kind: auth.MailTemporaryPassword, To: c.Subject.Email, Name: c.Subject.Name, Language: c.Subject.Language,
		Values: map[string]string{"creator": string(c.Creator.Account.Name)},
	})
	if err != nil {
		return auth.Response{}, err
	}
	if err := c.Remember(id, k); err != nil {
		return auth.Response{}, err
	}
	return auth.Passed(), nil
}

// ContributeToDraft adds the hash, the mail, and what it counts for. Whoever made the account does not get into it.
func (p *Provider) ContributeToDraft(_ context.Context, c *auth.Creation, d *auth.Draft) error {
	var k kept
	found, err := c.Recall(id, &k)
	if err != nil || !found {
		return err
	}
	c.Withheld = true
	d.Credentials = append(d.Credentials, k.Credential)
	d.Outbox = append(d.Outbox, k.Mail)
	d.Log.Action = auth.LogByEmail
	d.Counters = append(d.Counters, p.mailCounters(c.Creator, d.Account.Email)...)
	d.Counters = append(d.Counters, resendCounter(string(d.Account.Name)))
	return nil
}

// mailCounters are those of a mail that creator causes. Who is exempt from rate limits is not counted for the network;
// the limits that protect the reader hold for everybody.
func (p *Provider) mailCounters(creator auth.Creator, to string) []auth.Counter {
	network := auth.Network(creator.Addr)
	if p.cfg.Allows(creator.Account, auth.RightNoRateLimit) {
		network = noNetwork
	}
	return p.cfg.Limiter.Counters(to, network)
}
