// Package emailnotification is the secondary provider that looks after the addresses of accounts: it asks by mail whether an
// address is the person's, and tells people what happened to their account.
//
// A link is bound to its account and to both addresses, the one that the account has and the one that it is about; it is
// stored hashed, ends after a week, and the newest one alone is good. The provider composes mail and sends none
// (auth.Mailer). What an address may be is provider/userdata's business.
package emailnotification

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/throttle"
)

// Lifetime is how long a link is good, as in the reference.
const Lifetime = 7 * 24 * time.Hour

const id auth.ProviderID = "emailnotification"

// The keys of what is refused.
const (
	keyMailOff        message.Key = "emaildisabled"
	keyNoAddress      message.Key = "noemailcreate"
	keyInvalidAddress message.Key = "invalidemailaddress"
	keyLinkGone       message.Key = "gatehouse-link-gone"
	keyConfirmed      message.Key = "gatehouse-email-confirmed"
	keySameAddress    message.Key = "gatehouse-email-same"
	keyChanged        message.Key = "gatehouse-changed-meanwhile"
	keyTooOften       message.Key = "actionthrottledtext"
)

// Store is what the provider reads and writes.
type Store interface {
	throttle.Store
	auth.ChangeStore
	// AccountByName gives the account with this canonical name, or auth.ErrNotFound.
	AccountByName(ctx context.Context, name auth.Name) (auth.Account, error)
	// Credential gives the stored form of a credential, or auth.ErrNotFound.
	Credential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind) (string, error)
}

// Config is what the provider works with. Everything is needed that is not said to be optional.
type Config struct {
	Store   Store
	Mailer  auth.Mailer
	Limiter auth.MailLimiter
	// Allows tells whether an account has a right; noratelimit is exempt from the limits of a network.
	Allows func(auth.Account, auth.Right) bool
	// ValidAddress judges what is typed as an address.
	ValidAddress func(string) bool
	// Confirm and Cancel make the addresses of the two links in a mail.
	Confirm, Cancel func(auth.MailedLink) string

	// MailEnabled is off where the site sends no mail: nothing is asked then.
	MailEnabled bool
	// Required: an account may not do without an address.
	Required bool
	// ConfirmedOnly: nobody signs in to an account whose address waits to be confirmed.
	ConfirmedOnly bool

	Clock  func() time.Time
	Random io.Reader    // safe for concurrent use
	Logger *slog.Logger // optional
}

// Provider is an auth.SecondaryProvider and the auth.AddressKeeper. Build it with New; it is safe for concurrent use.
type Provider struct{ cfg Config }

var (
	_ auth.SecondaryProvider = (*Provider)(nil)
	_ auth.DraftContributor  = (*Provider)(nil)
	_ auth.CredentialChanger = (*Provider)(nil)
	_ auth.LoginObserver     = (*Provider)(nil)
	_ auth.AddressKeeper     = (*Provider)(nil)
)

// New builds the provider, or says that a part is missing.
func New(c Config) (*Provider, error) {
	switch {
	case c.Store == nil || c.Mailer == nil || c.Limiter == nil || c.Allows == nil || c.ValidAddress == nil:
		return nil, errors.New("e-mail provider: store, mailer, limiter, rights and address rule are needed")
	case c.Confirm == nil || c.Cancel == nil || c.Clock == nil || c.Random == nil:
		return nil, errors.New("e-mail provider: links, clock and randomness are needed")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Provider{cfg: c}, nil
}

// ID is "emailnotification".
func (*Provider) ID() auth.ProviderID { return id }

// Requests lists nothing.
func (*Provider) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

// BeforeCommit says that the mail is queued together with the account.
func (*Provider) BeforeCommit() bool { return true }

// BeginCreation asks nothing.
func (*Provider) BeginCreation(context.Context, *auth.Creation) (auth.Response, error) {
	return auth.Abstained(), nil
}

// BeginLogin asks nothing.
func (*Provider) BeginLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Abstained(), nil
}

// ContributeToDraft asks the new account's owner whether the address is theirs, unless a password is mailed to it, which
// says as much. Where a limit on mail is full the account is made without the question, which can be asked for later; only
// where nobody gets in without the answer, the limit holds for the account too.
func (p *Provider) ContributeToDraft(ctx context.Context, c *auth.Creation, d *auth.Draft) error {
	mailed := slices.ContainsFunc(d.Outbox, func(o auth.OutboxItem) bool { return o.Kind == auth.MailTemporaryPassword })
	if !p.cfg.MailEnabled || d.Account.Email == "" || mailed || !d.Account.EmailConfirmed.IsZero() {
		return nil
	}
	counters := p.mailCounters(c.Creator, d.Account.Email)
	if !p.cfg.ConfirmedOnly {
		full, err := throttle.Test(ctx, p.cfg.Store, counters)
		if err != nil {
			return fmt.Errorf("look at the mail sent: %w", err)
		}
		if full != nil {
			return nil
		}
	}
	account := d.Account
	link, item, err := p.question(c.Creator, account, account.Email)
	if err != nil {
		p.log(ctx, "no confirmation mailed", err)
		return nil
	}
	d.Credentials = append(d.Credentials, auth.Credential{Kind: auth.CredentialEmailLink, Value: link})
	d.Outbox = append(d.Outbox, item)
	d.Counters = append(d.Counters, counters...)
	return nil
}

// CheckChange has nothing to object to.
func (*Provider) CheckChange(*auth.CredentialEdit) auth.Check { return auth.Good() }

// ContributeToChange tells the owner of a confirmed address that the password or a second factor was changed: it may not
// have been them.
func (p *Provider) ContributeToChange(ctx context.Context, e *auth.CredentialEdit, c *auth.Change) error {
	kind, told := noticeOf(c)
	if !told || !p.cfg.MailEnabled || e.Account.EmailConfirmed.IsZero() || e.Account.Email == "" {
		return nil
	}
	item, err := p.cfg.Mailer.Compose(auth.Mail{
		Kind: kind, To: e.Account.Email, Account: e.Account.ID, Name: e.Account.Name,
		Language: e.Account.Language, Values: map[string]string{"address": e.Addr.String()},
	})
	if err != nil {
		p.log(ctx, "no notice of changed credentials mailed", err)
		return nil
	}
	c.Outbox = append(c.Outbox, item)
	return nil
}

// noticeOf gives the mail that a change is told by, if it is.
func noticeOf(c *auth.Change) (auth.MailKind, bool) {
	switch {
	case c.Puts(auth.CredentialPassword):
		return auth.MailPasswordChanged, true
	case c.Factors():
		return auth.MailFactorsChanged, true
	}
	return "", false
}

// LoginEnded mails another link to whoever had the right password and did not get in for want of a confirmed address.
func (p *Provider) LoginEnded(ctx context.Context, l *auth.Login, r auth.Response) {
	if r.Status != auth.Fail || len(r.Messages) == 0 || r.Messages[0].Key != auth.KeyUnconfirmed {
		return
	}
	check, err := p.ask(ctx, auth.Creator{Account: l.Account, Addr: l.Creator.Addr}, l.Account.Email)
	if err != nil {
		p.log(ctx, "no confirmation mailed", err)
	} else if !check.OK() {
		p.log(ctx, "no confirmation mailed", errors.New(string(check.Findings[0].Key)))
	}
}

func (p *Provider) log(ctx context.Context, what string, err error) {
	p.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, what, slog.String("error", err.Error()))
}
