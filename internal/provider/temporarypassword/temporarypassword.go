// Package temporarypassword is the primary provider of accounts whose way in was mailed: at their creation, or because the
// password was forgotten.
//
// What is mailed is a random password that has to be replaced at the first sign-in or, by configuration, a link that lets
// its reader choose a password. Both are stored hashed, are good once and for a limited time, and end with any change of
// the password. The provider composes mail and sends none (auth.Mailer). The step in which a mailed password is replaced is
// provider/resetpassword's; chosen passwords are provider/password's.
package temporarypassword

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
	"gatehouse/internal/throttle"
	"gatehouse/internal/username"
)

// RequestID identifies the request for a mailed password.
const RequestID auth.RequestID = `MediaWiki\Auth\TemporaryPasswordAuthenticationRequest`

// passwordRequest is where people type a mailed password: where they type any other.
const passwordRequest auth.RequestID = `MediaWiki\Auth\PasswordAuthenticationRequest`

const id auth.ProviderID = "temporarypassword"

const (
	fieldMail     = "mailpassword"
	fieldPassword = "password"
)

// The keys of what is said.
const (
	keyMailOff        message.Key = "emaildisabled"
	keyNoAddress      message.Key = "noemailcreate"
	keyInvalidAddress message.Key = "invalidemailaddress"
	keyReplace        message.Key = "resetpass-temp-emailed"
	keyResetMailOff   message.Key = "passwordreset-emaildisabled"
	keyResetNoData    message.Key = "passwordreset-nodata"
	keyResetBadEmail  message.Key = "passwordreset-invalidemail"
	keyResetBlocked   message.Key = "blocked-mailpassword"
	keyTooOften       message.Key = "actionthrottledtext"
	keyLinkGone       message.Key = "gatehouse-link-gone"
)

// Offer tells which creators may have the password mailed.
type Offer string

// The offers, as the configuration spells them.
const (
	OfferOff        Offer = "off"
	OfferRegistered Offer = "registered"
	OfferEveryone   Offer = "everyone"
)

// Store is what the provider reads and writes.
type Store interface {
	throttle.Store
	auth.ChangeStore
	// AccountByName gives the account with this canonical name, or auth.ErrNotFound.
	AccountByName(ctx context.Context, name auth.Name) (auth.Account, error)
	// AccountsByEmail gives at most limit accounts whose address is this one, letter case aside.
	AccountsByEmail(ctx context.Context, address string, limit int) ([]auth.Account, error)
	// Credential gives the stored form of a credential, or auth.ErrNotFound.
	Credential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind) (string, error)
	// BlocksOn gives the blocks that hit c now.
	BlocksOn(ctx context.Context, c auth.Creator) ([]auth.Block, error)
}

// Names makes names canonical. *username.Rules does.
type Names interface {
	Canonical(raw string, rigor username.Rigor) (username.Name, bool)
}

// Config is what the provider works with. Everything is needed that is not said to be optional.
type Config struct {
	Store   Store
	Names   Names
	Hasher  *password.Hasher
	Budget  *password.Budget
	Mailer  auth.Mailer
	Limiter auth.MailLimiter
	// Changers take the new password that comes with a link.
	Changers []auth.CredentialChanger
	// Allows tells whether an account has a right; noratelimit is exempt from the limits of a network.
	Allows func(auth.Account, auth.Right) bool
	// ValidAddress judges what is typed as an address.
	ValidAddress func(string) bool

	// MailEnabled is off where the site sends no mail: nothing is offered then.
	MailEnabled bool
	Offer       Offer
	// Link makes the address of a link; nil = passwords are mailed and not links.
	Link func(auth.MailedLink) string
	// Lifetime is how long what was mailed is good.
	Lifetime time.Duration
	// MinimumLength is that of passwords; a mailed one is no shorter.
	MinimumLength int
	// Resets limits how often one address or /64 asks for a new password; optional.
	Resets throttle.Rules
	// ConfirmedOnly: who uses what was mailed has proven that the address is theirs, on a site that asks for it.
	ConfirmedOnly bool
	// DummyHash makes a name without an account cost as much as one with: for sites where names are secret.
	DummyHash bool

	Clock  func() time.Time
	Random io.Reader    // safe for concurrent use
	Logger *slog.Logger // optional
}

// Provider is the auth.PrimaryProvider of mailed passwords. Build it with New; it is safe for concurrent use.
type Provider struct {
	cfg   Config
	asked []auth.Request
}

var (
	_ auth.PrimaryProvider     = (*Provider)(nil)
	_ auth.CheapCreationTester = (*Provider)(nil)
	_ auth.Reserver            = (*Provider)(nil)
	_ auth.DraftContributor    = (*Provider)(nil)
	_ auth.CredentialChanger   = (*Provider)(nil)
	_ auth.PasswordResetter    = (*Provider)(nil)
)

// New builds the provider, or says that a part is missing.
func New(c Config) (*Provider, error) {
	switch {
	case c.Store == nil || c.Names == nil || c.Hasher == nil || c.Budget == nil || c.Mailer == nil || c.Limiter == nil:
		return nil, errors.New("temporary password provider: store, names, hasher, budget, mailer and limiter are needed")
	case c.Allows == nil || c.ValidAddress == nil || c.Clock == nil || c.Random == nil || c.Lifetime <= 0:
		return nil, errors.New("temporary password provider: rights, address rule, clock, randomness and lifetime are needed")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Provider{cfg: c, asked: requests()}, nil
}

func requests() []auth.Request {
	return []auth.Request{{
		ID:       RequestID,
		Required: auth.PrimaryRequired,
		Provider: message.New("authmanager-provider-temporarypassword"),
		Account:  message.Blank(),
		Fields: []auth.Field{{
			Name: fieldMail, Type: auth.FieldCheckbox,
			Label: message.New("createaccountmail"), Help: message.New("createaccountmail-help"),
		}},
	}}
}

// ID is "temporarypassword".
func (*Provider) ID() auth.ProviderID { return id }

// CreationType says that the provider makes credentials.
func (*Provider) CreationType() auth.CreationType { return auth.CreationCreate }

// Requests offers creators to have the password mailed, and everybody to do away with one that was.
func (p *Provider) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	switch o.Action {
	case auth.ActionCreate:
		if p.offeredTo(o.Creator) {
			return p.asked, nil
		}
	case auth.ActionRemove:
		if o.Creator.Anonymous() {
			return p.asked, nil
		}
		own := p.asked[0]
		own.Account = message.Literal(string(o.Creator.Account.Name))
		return []auth.Request{own}, nil
	}
	return nil, nil
}

func (p *Provider) offeredTo(c auth.Creator) bool {
	if !p.cfg.MailEnabled {
		return false
	}
	return p.cfg.Offer == OfferEveryone || p.cfg.Offer == OfferRegistered && !c.Anonymous()
}

// CheckChange has nothing to object to.
func (*Provider) CheckChange(*auth.CredentialEdit) auth.Check { return auth.Good() }

// ContributeToChange removes what was mailed, if that is what was asked for. Changed passwords remove it by themselves.
func (*Provider) ContributeToChange(_ context.Context, e *auth.CredentialEdit, c *auth.Change) error {
	if _, chosen := e.Answers.Get(RequestID); chosen && e.Action == auth.ActionRemove {
		c.Erase(auth.CredentialTemporaryPassword)
		c.Erase(auth.CredentialPasswordLink)
	}
	return nil
}
