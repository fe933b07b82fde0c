package emailnotification

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/throttle"
)

// linkBytes are the random bytes of a link: 160 bits.
const linkBytes = 20

// stored is what is kept of a link.
type stored struct {
	Hash    string `json:"hash"`
	Expires int64  `json:"expires"` // seconds since 1970
	// From is the address that the account had when the link was mailed, To the one that it confirms.
	From string `json:"from"`
	To   string `json:"to"`
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// question makes the stored form of a new link and the mail that brings it to the address.
func (p *Provider) question(asker auth.Creator, a auth.Account, to string) (string, auth.OutboxItem, error) {
	var b [linkBytes]byte
	if _, err := io.ReadFull(p.cfg.Random, b[:]); err != nil {
		return "", auth.OutboxItem{}, fmt.Errorf("draw a link: %w", err)
	}
	l := auth.MailedLink{Name: a.Name, Token: hex.EncodeToString(b[:])}
	ends := p.cfg.Clock().Add(Lifetime)
	kept, err := json.Marshal(stored{Hash: digest(l.Token), Expires: ends.Unix(), From: a.Email, To: to})
	if err != nil {
		return "", auth.OutboxItem{}, fmt.Errorf("encode link: %w", err)
	}
	item, err := p.cfg.Mailer.Compose(auth.Mail{
		Kind: auth.MailConfirmEmail, To: to, Account: a.ID, Name: a.Name, Language: a.Language, Expires: ends,
		Values: map[string]string{
			"link": p.cfg.Confirm(l), "cancel": p.cfg.Cancel(l), "address": asker.Addr.String(),
			"days": strconv.Itoa(int(Lifetime / (24 * time.Hour))),
		},
	})
	if err != nil {
		return "", auth.OutboxItem{}, fmt.Errorf("compose confirmation: %w", err)
	}
	return string(kept), item, nil
}

// found is a link that somebody brought back and that is good.
type found struct {
	account auth.Account
	raw     string
	stored
}

// find looks l up. The zero value: it is good for nothing.
func (p *Provider) find(ctx context.Context, l auth.MailedLink) (found, error) {
	f, err := p.latest(ctx, l.Name)
	if err != nil {
		return found{}, err
	}
	same := subtle.ConstantTimeCompare([]byte(f.Hash), []byte(digest(l.Token))) == 1
	if !same || p.cfg.Clock().Unix() >= f.Expires || f.From != f.account.Email {
		return found{}, nil
	}
	return f, nil
}

// latest reads the last link mailed for the account; one without a hash where there is none.
func (p *Provider) latest(ctx context.Context, name auth.Name) (f found, err error) {
	f.account, err = p.cfg.Store.AccountByName(ctx, name)
	if err == nil {
		f.raw, err = p.cfg.Store.Credential(ctx, f.account.ID, auth.CredentialEmailLink)
	}
	if errors.Is(err, auth.ErrNotFound) {
		return f, nil
	}
	if err != nil {
		return found{}, fmt.Errorf("look up a link: %w", err)
	}
	if err := json.Unmarshal([]byte(f.raw), &f.stored); err != nil {
		return found{}, fmt.Errorf("read a link of account %d: %w", f.account.ID, err)
	}
	return f, nil
}

// ConfirmHolds implements auth.AddressKeeper.
func (p *Provider) ConfirmHolds(ctx context.Context, l auth.MailedLink) (string, bool, error) {
	f, err := p.find(ctx, l)
	return f.To, f.Hash != "", err
}

// Confirm implements auth.AddressKeeper. If the address replaces another one, that one's owner is told, and what was mailed
// there to get in ends.
func (p *Provider) Confirm(ctx context.Context, l auth.MailedLink) (auth.Check, error) {
	f, err := p.find(ctx, l)
	if err != nil {
		return auth.Check{}, err
	}
	if f.Hash == "" {
		return auth.Refused(message.New(keyLinkGone)), nil
	}
	change := auth.Change{
		Account:     f.account.ID,
		Credentials: []auth.CredentialChange{{Kind: auth.CredentialEmailLink, Old: f.raw}},
		Email:       &auth.EmailChange{Old: f.From, New: f.To, Confirmed: p.cfg.Clock()},
	}
	if f.To != f.From {
		p.leaveOld(ctx, f.account, netip.Addr{}, &change)
	}
	return p.write(ctx, change, keyLinkGone)
}

// Invalidate implements auth.AddressKeeper.
func (p *Provider) Invalidate(ctx context.Context, l auth.MailedLink) (auth.Check, error) {
	f, err := p.find(ctx, l)
	if err != nil {
		return auth.Check{}, err
	}
	if f.Hash == "" {
		return auth.Refused(message.New(keyLinkGone)), nil
	}
	return p.write(ctx, auth.Change{
		Account:     f.account.ID,
		Credentials: []auth.CredentialChange{{Kind: auth.CredentialEmailLink, Old: f.raw}},
	}, keyLinkGone)
}

// write commits; changed is what is said if somebody was faster.
func (p *Provider) write(ctx context.Context, c auth.Change, changed message.Key) (auth.Check, error) {
	err := p.cfg.Store.ChangeAccount(ctx, c)
	var limit *auth.LimitError
	switch {
	case errors.Is(err, auth.ErrChanged):
		return auth.Refused(message.New(changed)), nil
	case errors.As(err, &limit):
		return auth.Refused(message.New(keyTooOften, message.Int(limit.Counter.Limit), message.Duration(limit.Wait))), nil
	}
	return auth.Good(), err
}

// leaveOld adds to c what leaving an address brings: whatever was mailed there to get in ends, and its owner is told, if it
// was theirs.
func (p *Provider) leaveOld(ctx context.Context, a auth.Account, from netip.Addr, c *auth.Change) {
	c.Erase(auth.CredentialTemporaryPassword)
	c.Erase(auth.CredentialPasswordLink)
	if a.Email == "" || a.EmailConfirmed.IsZero() {
		return
	}
	where := "–"
	if from.IsValid() {
		where = from.String()
	}
	item, err := p.cfg.Mailer.Compose(auth.Mail{
		Kind: auth.MailEmailChanged, To: a.Email, Account: a.ID, Name: a.Name, Language: a.Language,
		Values: map[string]string{"address": where},
	})
	if err != nil {
		p.log(ctx, "no notice of a changed address mailed", err)
		return
	}
	c.Outbox = append(c.Outbox, item)
}

// The reference's limits on asking for another mail.
const (
	askedPerAccount = 4
	askedPerNetwork = 10
)

// asking are the counters of one more question that somebody wants to be asked.
func (p *Provider) asking(asker auth.Creator, to string) []auth.Counter {
	out := throttle.Rules{{Count: askedPerAccount, Per: 24 * time.Hour}}.Counters(
		throttle.Act{Name: "confirmemail", Refusal: string(keyTooOften)}, "account "+strconv.FormatInt(int64(asker.Account.ID), 10))
	if !p.cfg.Allows(asker.Account, auth.RightNoRateLimit) {
		act := throttle.Act{Name: "confirmemail", Refusal: string(keyTooOften)}
		out = append(out, throttle.Rules{{Count: askedPerNetwork, Per: time.Hour}}.OfNetwork(act, asker.Addr)...)
	}
	return append(out, p.mailCounters(asker, to)...)
}

// mailCounters are those of a mail that somebody causes.
func (p *Provider) mailCounters(asker auth.Creator, to string) []auth.Counter {
	network := auth.Network(asker.Addr)
	if p.cfg.Allows(asker.Account, auth.RightNoRateLimit) {
		network = netip.Prefix{}
	}
	return p.cfg.Limiter.Counters(to, network)
}
