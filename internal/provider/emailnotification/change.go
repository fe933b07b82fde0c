package emailnotification

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// SendAgain implements auth.AddressKeeper. Where a new address waits, it is that one which is asked.
func (p *Provider) SendAgain(ctx context.Context, c auth.Client) (auth.Check, error) {
	a := c.Creator.Account
	f, err := p.latest(ctx, a.Name)
	if err != nil {
		return auth.Check{}, err
	}
	to := a.Email
	if f.Hash != "" && f.From == a.Email {
		to = f.To
	}
	switch {
	case !p.cfg.MailEnabled:
		return auth.Refused(message.New(keyMailOff)), nil
	case to == "":
		return auth.Refused(message.New(keyNoAddress)), nil
	case to == a.Email && !a.EmailConfirmed.IsZero():
		return auth.Refused(message.New(keyConfirmed)), nil
	}
	return p.ask(ctx, c.Creator, to)
}

// ask mails a link for the address, in the place of older ones.
func (p *Provider) ask(ctx context.Context, asker auth.Creator, to string) (auth.Check, error) {
	link, item, err := p.question(asker, asker.Account, to)
	if err != nil {
		return auth.Check{}, err
	}
	return p.write(ctx, auth.Change{
		Account:     asker.Account.ID,
		Credentials: []auth.CredentialChange{{Kind: auth.CredentialEmailLink, Any: true, New: link}},
		Email:       &auth.EmailChange{Old: asker.Account.Email, New: asker.Account.Email, Confirmed: asker.Account.EmailConfirmed},
		Outbox:      []auth.OutboxItem{item},
		Counters:    p.asking(asker, to),
	}, keyChanged)
}

// ChangeAddress implements auth.AddressKeeper.
func (p *Provider) ChangeAddress(ctx context.Context, c auth.Client, address string) (auth.Check, error) {
	a := c.Creator.Account
	switch {
	case !p.cfg.MailEnabled:
		return auth.Refused(message.New(keyMailOff)), nil
	case address == "" && (p.cfg.Required || p.cfg.ConfirmedOnly):
		return auth.Refused(message.New(keyNoAddress)), nil
	case address != "" && !p.cfg.ValidAddress(address):
		return auth.Refused(message.New(keyInvalidAddress)), nil
	case address == a.Email:
		return auth.Refused(message.New(keySameAddress)), nil
	case address == "":
		return p.drop(ctx, c.Creator)
	case p.waits(a):
		return p.ask(ctx, c.Creator, address)
	}
	return p.replace(ctx, c.Creator, address)
}

// waits reports whether a new address of the account has to be confirmed before it takes the place of what there is: a
// typing error shall neither end a way in that works, nor lock anybody out.
func (p *Provider) waits(a auth.Account) bool {
	return !a.EmailConfirmed.IsZero() || p.cfg.ConfirmedOnly
}

// drop leaves the account without an address.
func (p *Provider) drop(ctx context.Context, asker auth.Creator) (auth.Check, error) {
	change := auth.Change{
		Account:     asker.Account.ID,
		Credentials: []auth.CredentialChange{{Kind: auth.CredentialEmailLink, Any: true}},
		Email:       &auth.EmailChange{Old: asker.Account.Email},
	}
	p.leaveOld(ctx, asker.Account, asker.Addr, &change)
	return p.write(ctx, change, keyChanged)
}

// replace gives the account the address at once, unconfirmed, and asks.
func (p *Provider) replace(ctx context.Context, asker auth.Creator, address string) (auth.Check, error) {
	next := asker.Account
	next.Email = address
	link, item, err := p.question(asker, next, address)
	if err != nil {
		return auth.Check{}, fmt.Errorf("change address: %w", err)
	}
	change := auth.Change{
		Account:     next.ID,
		Credentials: []auth.CredentialChange{{Kind: auth.CredentialEmailLink, Any: true, New: link}},
		Email:       &auth.EmailChange{Old: asker.Account.Email, New: address},
		Counters:    p.asking(asker, address),
	}
	p.leaveOld(ctx, asker.Account, asker.Addr, &change)
	change.Outbox = append(change.Outbox, item)
	return p.write(ctx, change, keyChanged)
}
