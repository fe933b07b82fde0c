package temporarypassword

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
	"gatehouse/internal/throttle"
	"gatehouse/internal/username"
)

// resendAfter is how long an account is sent no second password.
const resendAfter = 24 * time.Hour

// maxAccounts is how many accounts of one address are sent mail.
const maxAccounts = 5

// noNetwork is nobody's.
var noNetwork netip.Prefix

var actReset = throttle.Act{Name: "resetpassword"}

// RequestReset implements auth.PasswordResetter. Known or unknown, it reads as much, hashes as much and writes as often, and
// what a limit keeps back for one account alone is not told.
func (p *Provider) RequestReset(ctx context.Context, c auth.Client, r auth.PasswordResetRequest) (auth.Check, error) {
	check, err := p.checkReset(ctx, c.Creator, r)
	if err != nil || !check.OK() {
		return check, err
	}
	ticket, err := p.cfg.Budget.Reserve(password.SignUp, auth.Network(c.Creator.Addr))
	if err != nil {
		return auth.Check{}, err
	}
	defer ticket.Release()
	accounts, err := p.meant(ctx, r)
	if err != nil {
		return auth.Check{}, err
	}
	s, err := p.newSecret(ctx, ticket)
	if err != nil {
		return auth.Check{}, err
	}
	if len(accounts) == 0 {
		// As one mail would be counted, under a key that no account has.
		err := p.cfg.Store.Rise(ctx, []auth.Counter{resendCounter("nobody " + r.Username + " " + r.Email)})
		return auth.Good(), p.quietly(ctx, 0, err)
	}
	return auth.Good(), p.sendAll(ctx, c, s, accounts)
}

// checkReset holds the request to what needs no look at any account but the asker's.
func (p *Provider) checkReset(ctx context.Context, c auth.Creator, r auth.PasswordResetRequest) (auth.Check, error) {
	switch {
	case !p.cfg.MailEnabled:
		return auth.Refused(message.New(keyResetMailOff)), nil
	case r.Username == "" && r.Email == "":
		return auth.Refused(message.New(keyResetNoData)), nil
	case r.Email != "" && !p.cfg.ValidAddress(r.Email):
		return auth.Refused(message.New(keyResetBadEmail)), nil
	}
	blocks, err := p.cfg.Store.BlocksOn(ctx, c)
	if err != nil {
		return auth.Check{}, fmt.Errorf("look up blocks: %w", err)
	}
	if slices.ContainsFunc(blocks, func(b auth.Block) bool { return b.PreventCreate }) {
		return auth.Refused(message.New(keyResetBlocked)), nil
	}
	if p.cfg.Allows(c.Account, auth.RightNoRateLimit) {
		return auth.Good(), nil
	}
	full, err := throttle.Rise(ctx, p.cfg.Store, p.cfg.Resets.OfNetwork(actReset, c.Addr))
	if err != nil {
		return auth.Check{}, fmt.Errorf("count the request: %w", err)
	}
	if full != nil {
		return auth.Refused(message.New(keyTooOften)), nil
	}
	return auth.Good(), nil
}

// meant finds the accounts that the request is about and that have an address to send mail to. It is one read in any case.
func (p *Provider) meant(ctx context.Context, r auth.PasswordResetRequest) ([]auth.Account, error) {
	var found []auth.Account
	var err error
	if r.Username != "" {
		var a auth.Account
		name, _ := p.cfg.Names.Canonical(r.Username, username.Usable)
		a, err = p.cfg.Store.AccountByName(ctx, name)
		found = []auth.Account{a}
	} else {
		found, err = p.cfg.Store.AccountsByEmail(ctx, r.Email, maxAccounts)
	}
	if err != nil && !errors.Is(err, auth.ErrNotFound) {
		return nil, fmt.Errorf("look up whose password was forgotten: %w", err)
	}
	return slices.DeleteFunc(found, func(a auth.Account) bool {
		return a.ID == 0 || a.Email == "" || len(a.Email) > maxAddress || r.Email != "" && !auth.SameAddress(a.Email, r.Email)
	}), nil
}

// sendAll mails one secret to one address, once for each of its accounts, at the same time: an address with many accounts
// answers no later than one without any.
func (p *Provider) sendAll(ctx context.Context, c auth.Client, s secret, accounts []auth.Account) error {
	errs := make([]error, len(accounts))
	var wg sync.WaitGroup
	for i, a := range accounts {
		wg.Go(func() { errs[i] = p.quietly(ctx, a.ID, p.send(ctx, c, s, a)) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (p *Provider) send(ctx context.Context, c auth.Client, s secret, a auth.Account) error {
	value, err := p.credential(s, a.Email)
	if err != nil {
		return err
	}
	item, err := p.compose(s, auth.Mail{
		Kind: auth.MailPasswordReset, To: a.Email, Account: a.ID, Name: a.Name, Language: a.Language,
		Values: map[string]string{"address": c.Creator.Addr.String()},
	})
	if err != nil {
		return err
	}
	change := auth.Change{
		Account:     a.ID,
		Credentials: []auth.CredentialChange{{Kind: s.kind, Any: true, New: value}},
		Outbox:      []auth.OutboxItem{item},
		Counters:    append(p.mailCounters(c.Creator, a.Email), resendCounter(string(a.Name))),
	}
	change.Erase(auth.CredentialTemporaryPassword)
	change.Erase(auth.CredentialPasswordLink)
	return p.cfg.Store.ChangeAccount(ctx, change)
}

// quietly keeps from the client what a limit refused: it would tell that there is somebody to send mail to.
func (p *Provider) quietly(ctx context.Context, account auth.AccountID, err error) error {
	var limit *auth.LimitError
	if !errors.As(err, &limit) {
		return err
	}
	p.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "no password mailed",
		slog.Int64("account", int64(account)), slog.String("refusal", limit.Counter.Refusal))
	return nil
}

// resendCounter lets one mail a day through for what it is about. Its key shows nobody what was typed.
func resendCounter(about string) auth.Counter {
	sum := sha256.Sum256([]byte(about))
	return auth.Counter{
		Key: "mailpassword " + hex.EncodeToString(sum[:16]), Limit: 1, Window: resendAfter, Refusal: "throttled-mailpassword",
	}
}

// LinkHolds implements auth.PasswordResetter.
func (p *Provider) LinkHolds(ctx context.Context, l auth.MailedLink) (bool, error) {
	_, raw, err := p.byLink(ctx, l)
	return raw != "", err
}

// byLink gives the account whose link it is, and the link's stored form; "" where it is good for nothing.
func (p *Provider) byLink(ctx context.Context, l auth.MailedLink) (auth.Account, string, error) {
	a, err := p.cfg.Store.AccountByName(ctx, l.Name)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Account{}, "", nil
	}
	if err != nil {
		return auth.Account{}, "", fmt.Errorf("look up the account of a link: %w", err)
	}
	raw, s, err := p.mailed(ctx, a.ID, auth.CredentialPasswordLink)
	if err != nil {
		return auth.Account{}, "", fmt.Errorf("look up a link: %w", err)
	}
	same := subtle.ConstantTimeCompare([]byte(s.Hash), []byte(digest(l.Token))) == 1
	if !same || !s.good(a, p.cfg.Clock()) {
		return auth.Account{}, "", nil
	}
	return a, raw, nil
}

// RedeemLink implements auth.PasswordResetter.
func (p *Provider) RedeemLink(
	ctx context.Context, c auth.Client, l auth.MailedLink, answers auth.Answers,
) (auth.Check, error) {
	a, raw, err := p.byLink(ctx, l)
	if err != nil {
		return auth.Check{}, err
	}
	gone := auth.Refused(message.New(keyLinkGone))
	if raw == "" {
		return gone, nil
	}
	change := auth.Change{
		Account:     a.ID,
		Credentials: []auth.CredentialChange{{Kind: auth.CredentialPasswordLink, Old: raw}},
	}
	if p.cfg.ConfirmedOnly && a.EmailConfirmed.IsZero() {
		change.Email = &auth.EmailChange{Old: a.Email, New: a.Email, Confirmed: p.cfg.Clock()}
	}
	e := &auth.CredentialEdit{Action: auth.ActionChange, Account: a, Addr: c.Creator.Addr, Answers: answers}
	check, err := auth.CollectChange(ctx, p.cfg.Changers, e, &change)
	if err != nil || !check.OK() {
		return check, err
	}
	if !change.Puts(auth.CredentialPassword) {
		return auth.Check{}, errors.New("redeem a link: no new password came with it")
	}
	err = p.cfg.Store.ChangeAccount(ctx, change)
	if errors.Is(err, auth.ErrChanged) {
		return gone, nil
	}
	return auth.Good(), err
}
