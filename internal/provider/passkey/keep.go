package passkey

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

const (
	maxPasskeys = 10
	// maxIDs bounds the ids of an account's passkeys together, in bytes: a sign-in that asks for them keeps them in its state.
	maxIDs = 3000
	// ticketLife is how long a challenge that was offered is good.
	ticketLife = 15 * time.Minute
	// renameTries bounds how often a passkey is read again that a sign-in changed meanwhile.
	renameTries = 5
)

func defaultName(number int) string { return "Passkey " + strconv.Itoa(number) }

// ticket is a ceremony on its way through a person's browser.
type ticket struct {
	ceremony
	Expires int64 `json:"expires"`
}

// ticketBinding is what a ticket is sealed for. The stamp is in it: adding a passkey raises it, so that a ticket works once.
func ticketBinding(c auth.Client) []byte {
	a := c.Creator.Account
	return []byte("passkey\x00" + string(a.Name) + "\x00" + string(c.SessionID) + "\x00" + strconv.FormatInt(int64(a.Stamp), 10))
}

// OfferPasskey implements auth.PasskeyKeeper.
func (p *Provider) OfferPasskey(ctx context.Context, c auth.Client) (auth.PasskeyOffer, error) {
	_, o, err := p.held(ctx, c.Creator.Account)
	if err != nil {
		return auth.PasskeyOffer{}, err
	}
	asked, r, err := p.askToMake(o, false)
	if err != nil {
		return auth.PasskeyOffer{}, err
	}
	plain, err := json.Marshal(ticket{ceremony: asked, Expires: p.cfg.Clock().Add(ticketLife).Unix()})
	if err != nil {
		return auth.PasskeyOffer{}, err
	}
	sealed, err := p.cfg.Sealer.Seal(plain, ticketBinding(c))
	return auth.PasskeyOffer{Request: r, Ticket: base64.RawURLEncoding.EncodeToString(sealed)}, err
}

func (p *Provider) reopen(c auth.Client, sealed string) (ceremony, bool) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return ceremony{}, false
	}
	plain, err := p.cfg.Sealer.Open(b, ticketBinding(c))
	var t ticket
	if err != nil || json.Unmarshal(plain, &t) != nil {
		return ceremony{}, false
	}
	return t.ceremony, p.cfg.Clock().Before(time.Unix(t.Expires, 0))
}

func no(key message.Key, params ...message.Param) auth.Check {
	return auth.Refused(message.New(key, params...))
}

// AddPasskey implements auth.PasskeyKeeper.
func (p *Provider) AddPasskey(ctx context.Context, c auth.Client, n auth.NewPasskey) ([]string, auth.Check, error) {
	asked, ok := p.reopen(c, n.Ticket)
	if !ok {
		return nil, no(keyTicketOver), nil
	}
	all, o, err := p.held(ctx, c.Creator.Account)
	if err != nil {
		return nil, auth.Check{}, err
	}
	if len(o.passkeys) >= maxPasskeys {
		return nil, no(keyTooMany, message.Int(maxPasskeys)), nil
	}
	name := n.Name
	if strings.TrimSpace(name) == "" {
		name = defaultName(len(o.passkeys) + 1)
	}
	name, check := auth.FactorName(name)
	if !check.OK() {
		return nil, check, nil
	}
	k, err := p.made(asked, n.Answer)
	if err == nil {
		err = p.unknown(ctx, k)
	}
	if ok, err := p.settle(ctx, c.Creator.Account.Name, err); err != nil || !ok {
		return nil, no(keyNotMade), err
	}
	if o.idBytes()+len(k.ID) > maxIDs {
		return nil, no(keyTooMany, message.Int(int64(len(o.passkeys)))), nil
	}
	k.Name = name
	return p.add(ctx, c, k, all)
}

// add puts the passkey beside all that the account has.
func (p *Provider) add(ctx context.Context, c auth.Client, k passkey, all []auth.Credential) ([]string, auth.Check, error) {
	value, err := k.encode()
	if err != nil {
		return nil, auth.Check{}, err
	}
	codes, fresh, err := p.cfg.Recovery.FirstRecoveryCodes(all)
	if err != nil {
		return nil, auth.Check{}, err
	}
	check, err := p.change(ctx, c, "added", auth.Change{
		Credentials: append([]auth.CredentialChange{{Kind: k.kind, New: value}}, fresh...),
		Identities:  auth.IdentityChange{Add: []auth.Identity{k.kind.PasskeyIdentity()}},
	})
	if err != nil || !check.OK() {
		return nil, check, err
	}
	return codes, check, nil
}

// change commits what the owner does to their passkeys: other sessions end, and they are told.
func (p *Provider) change(ctx context.Context, c auth.Client, what string, change auth.Change) (auth.Check, error) {
	a := c.Creator.Account
	e := &auth.CredentialEdit{Action: auth.ActionChange, Account: a, Addr: c.Creator.Addr}
	change.EndSessions, change.KeepSession = true, c.SessionID
	check, err := auth.CommitEdit(ctx, p.cfg.Store, e, p.cfg.Notices, change)
	if errors.Is(err, auth.ErrIdentityTaken) {
		return no(keyNotMade), nil
	}
	if err == nil && check.OK() {
		p.log(ctx, what, a.Name, slog.String("addr", c.Creator.Addr.String()))
	}
	return check, err
}

// Factors implements auth.FactorKeeper.
func (p *Provider) Factors(ctx context.Context, a auth.Account) ([]auth.Factor, error) {
	_, o, err := p.held(ctx, a)
	out := make([]auth.Factor, len(o.passkeys))
	for i, k := range o.passkeys {
		out[i] = k.factor()
	}
	return out, err
}

// find gives a passkey by its id, and all credentials beside it; one without a kind if there is none.
func (p *Provider) find(ctx context.Context, a auth.Account, which auth.CredentialKind) ([]auth.Credential, passkey, error) {
	all, o, err := p.held(ctx, a)
	for _, k := range o.passkeys {
		if k.kind == which {
			return all, k, err
		}
	}
	return all, passkey{}, err
}

// RenameFactor implements auth.FactorKeeper. A name proves nothing, so that no session ends.
func (p *Provider) RenameFactor(ctx context.Context, c auth.Client, which auth.CredentialKind, name string) (auth.Check, error) {
	name, check := auth.FactorName(name)
	if !check.OK() {
		return check, nil
	}
	for range renameTries {
		_, k, err := p.find(ctx, c.Creator.Account, which)
		if err != nil || k.kind == "" {
			return no(keyGone), err
		}
		k.Name = name
		value, err := k.encode()
		if err == nil {
			err = p.cfg.Store.ReplaceCredential(ctx, c.Creator.Account.ID, which, k.raw, value)
		}
		if !errors.Is(err, auth.ErrNotFound) {
			return auth.Good(), err
		}
	}
	return no(keyChanged), nil
}

// RemoveFactor implements auth.FactorKeeper. The last way to sign in stays.
func (p *Provider) RemoveFactor(ctx context.Context, c auth.Client, which auth.CredentialKind) (auth.Check, error) {
	a := c.Creator.Account
	all, k, err := p.find(ctx, a, which)
	if err != nil || k.kind == "" {
		return no(keyGone), err
	}
	open, err := p.opensOtherwise(ctx, a, all, which)
	if err != nil || !open {
		return no(keyLast), err
	}
	removals := auth.RemoveFactors(all, func(k auth.CredentialKind) bool { return k == which })
	return p.change(ctx, c, "removed", auth.Change{
		Credentials: removals, Identities: auth.IdentityChange{Remove: auth.PasskeysRemoved(removals)},
	})
}

// opensOtherwise reports whether the account has a way in without this passkey: a password, another passkey where that is
// enough, or an account elsewhere.
func (p *Provider) opensOtherwise(
	ctx context.Context, a auth.Account, all []auth.Credential, without auth.CredentialKind,
) (bool, error) {
	for _, c := range all {
		if c.Kind == auth.CredentialPassword || p.cfg.SignIn && c.Kind.Family() == auth.CredentialPasskey && c.Kind != without {
			return true, nil
		}
	}
	others, err := p.cfg.Store.IdentitiesOf(ctx, a.ID)
	return slices.ContainsFunc(others, func(i auth.Identity) bool { return !i.Passkey() }), err
}
