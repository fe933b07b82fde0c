package totp

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// maxApps is how many apps an account may have. Every one is one more code that a guess may hit.
const maxApps = 5

// ticketLife is how long a secret that was offered can be set up.
const ticketLife = 15 * time.Minute

func defaultName(number int) string { return "App " + strconv.Itoa(number) }

// ticket is a secret on its way through a person's browser.
type ticket struct {
	Secret  string `json:"secret"`
	Expires int64  `json:"expires"`
}

// ticketBinding is what a ticket is sealed for. The session is in it: what one browser was offered another cannot set up.
func ticketBinding(c auth.Client) []byte {
	return []byte("set-up\x00" + string(c.Creator.Account.Name) + "\x00" + string(c.SessionID))
}

// OfferApp implements auth.AppKeeper.
func (p *Provider) OfferApp(c auth.Client) (auth.AppOffer, error) {
	secret, err := newSecret(p.cfg.Random)
	if err != nil {
		return auth.AppOffer{}, err
	}
	plain, err := json.Marshal(ticket{Secret: secret, Expires: p.cfg.Clock().Add(ticketLife).Unix()})
	if err != nil {
		return auth.AppOffer{}, err
	}
	sealed, err := p.cfg.Sealer.Seal(plain, ticketBinding(c))
	if err != nil {
		return auth.AppOffer{}, err
	}
	return p.appOffer(c, secret, base64.RawURLEncoding.EncodeToString(sealed)), nil
}

func (p *Provider) appOffer(c auth.Client, secret, sealed string) auth.AppOffer {
	return auth.AppOffer{
		Secret: grouped(secret), URI: keyURI(p.cfg.Issuer, string(c.Creator.Account.Name), secret), Ticket: sealed,
	}
}

// ReopenApp implements auth.AppKeeper.
func (p *Provider) ReopenApp(c auth.Client, sealed string) (auth.AppOffer, bool) {
	secret, ok := p.open(c, sealed)
	if !ok {
		return auth.AppOffer{}, false
	}
	return p.appOffer(c, secret, sealed), true
}

func (p *Provider) open(c auth.Client, sealed string) (secret string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", false
	}
	plain, err := p.cfg.Sealer.Open(b, ticketBinding(c))
	var t ticket
	if err != nil || json.Unmarshal(plain, &t) != nil {
		return "", false
	}
	return t.Secret, p.cfg.Clock().Before(time.Unix(t.Expires, 0))
}

// AddApp implements auth.AppKeeper.
func (p *Provider) AddApp(ctx context.Context, c auth.Client, n auth.NewApp) ([]string, auth.Check, error) {
	secret, ok := p.open(c, n.Ticket)
	if !ok {
		return nil, auth.Refused(message.New(keyTicketOver)), nil
	}
	a := c.Creator.Account
	if limit, err := p.guess(ctx, a); err != nil || limit != nil {
		return nil, refused(limit), err
	}
	all, apps, err := p.held(ctx, a)
	if err != nil {
		return nil, auth.Check{}, err
	}
	step := matchingStep(secret, compact(n.Code), p.cfg.Clock(), 0)
	if step == 0 {
		return nil, auth.Refused(message.New(keySetupFailed)), nil
	}
	one := app{Name: n.Name, Step: step}
	if strings.TrimSpace(n.Name) == "" {
		one.Name = defaultName(len(apps) + 1)
	}
	name, check := auth.FactorName(one.Name)
	if !check.OK() {
		return nil, check, nil
	}
	one.Name = name
	if check := p.room(a, apps, secret); !check.OK() {
		return nil, check, nil
	}
	return p.add(ctx, c, addition{app: one, secret: secret, all: all})
}

// room refuses an app too many, and one that the account has: the same form, sent again.
func (p *Provider) room(a auth.Account, apps []app, secret string) auth.Check {
	if len(apps) >= maxApps {
		return auth.Refused(message.New(keyTooMany, message.Int(maxApps)))
	}
	for _, one := range apps {
		if have, err := p.secret(a.Name, one); err == nil && have == secret {
			return auth.Refused(message.New(keyTicketOver))
		}
	}
	return auth.Good()
}

// addition is an app to be added beside all that the account has.
type addition struct {
	app    app
	secret string
	all    []auth.Credential
}

func (p *Provider) add(ctx context.Context, c auth.Client, n addition) ([]string, auth.Check, error) {
	a := c.Creator.Account
	one, err := p.credential(a.Name, n.app, n.secret)
	if err != nil {
		return nil, auth.Check{}, err
	}
	changes := []auth.CredentialChange{{Kind: one.Kind, New: one.Value}}
	codes, fresh, err := Recovery{p.cfg.Random}.FirstRecoveryCodes(n.all)
	if err != nil {
		return nil, auth.Check{}, err
	}
	check, err := p.change(ctx, c, "added", append(changes, fresh...))
	if err != nil || !check.OK() {
		return nil, check, err
	}
	return codes, check, p.cfg.Store.Clear(ctx, p.guessKeys(a))
}

// change commits what the owner does to their factors: other sessions end, and they are told.
func (p *Provider) change(ctx context.Context, c auth.Client, what string, changes []auth.CredentialChange) (auth.Check, error) {
	a := c.Creator.Account
	e := &auth.CredentialEdit{Action: auth.ActionChange, Account: a, Addr: c.Creator.Addr}
	check, err := auth.CommitEdit(ctx, p.cfg.Store, e, p.cfg.Notices, auth.Change{
		Credentials: changes, EndSessions: true, KeepSession: c.SessionID,
	})
	if err == nil && check.OK() {
		p.log(ctx, what, a, slog.String("addr", c.Creator.Addr.String()))
	}
	return check, err
}

// Factors implements auth.FactorKeeper.
func (p *Provider) Factors(ctx context.Context, a auth.Account) ([]auth.Factor, error) {
	_, apps, err := p.held(ctx, a)
	out := make([]auth.Factor, len(apps))
	for i, one := range apps {
		out[i] = one.factor()
	}
	return out, err
}

// RenameFactor implements auth.FactorKeeper. A name proves nothing, so that no session ends.
func (p *Provider) RenameFactor(ctx context.Context, c auth.Client, which auth.CredentialKind, name string) (auth.Check, error) {
	name, check := auth.FactorName(name)
	if !check.OK() {
		return check, nil
	}
	for range spendTries {
		_, one, err := p.find(ctx, c.Creator.Account, which)
		if err != nil || one.kind == "" {
			return gone(), err
		}
		one.Name = name
		value, err := one.encode()
		if err == nil {
			err = p.cfg.Store.ReplaceCredential(ctx, c.Creator.Account.ID, which, one.raw, value)
		}
		if !errors.Is(err, auth.ErrNotFound) {
			return auth.Good(), err
		}
	}
	return auth.Refused(message.New(keyChanged)), nil
}

func gone() auth.Check { return auth.Refused(message.New(keyGone)) }

// find gives an app by its id, and all credentials beside it; a zero app if there is none.
func (p *Provider) find(ctx context.Context, a auth.Account, which auth.CredentialKind) ([]auth.Credential, app, error) {
	all, apps, err := p.held(ctx, a)
	for _, one := range apps {
		if one.kind == which {
			return all, one, err
		}
	}
	return all, app{}, err
}

// RemoveFactor implements auth.FactorKeeper.
func (p *Provider) RemoveFactor(ctx context.Context, c auth.Client, which auth.CredentialKind) (auth.Check, error) {
	all, one, err := p.find(ctx, c.Creator.Account, which)
	if err != nil || one.kind == "" {
		return gone(), err
	}
	return p.change(ctx, c, "removed", auth.RemoveFactors(all, func(k auth.CredentialKind) bool { return k == which }))
}

// CodesLeft implements auth.RecoveryKeeper.
func (p *Provider) CodesLeft(ctx context.Context, a auth.Account) (int, error) {
	all, err := p.cfg.Store.Credentials(ctx, a.ID)
	return codesLeft(all), err
}

func codesLeft(all []auth.Credential) int {
	n := 0
	for _, c := range all {
		if c.Kind.Family() == auth.CredentialRecoveryCode && c.Value != usedRecovery {
			n++
		}
	}
	return n
}

// NewCodes implements auth.RecoveryKeeper.
func (p *Provider) NewCodes(ctx context.Context, c auth.Client) ([]string, auth.Check, error) {
	all, err := p.cfg.Store.Credentials(ctx, c.Creator.Account.ID)
	if err != nil || !hasFactor(all) {
		return nil, gone(), err
	}
	codes, err := newRecoveryCodes(p.cfg.Random)
	if err != nil {
		return nil, auth.Check{}, err
	}
	changes, err := recoveryChanges(p.cfg.Random, all, codes)
	if err != nil {
		return nil, auth.Check{}, err
	}
	check, err := p.change(ctx, c, "new recovery codes", changes)
	return codes, check, err
}

// refused is the check of a limit on guesses that was reached, if it was.
func refused(limit *auth.LimitError) auth.Check {
	if limit == nil {
		return auth.Check{}
	}
	return auth.Refused(throttled(limit))
}
