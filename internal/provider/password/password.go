// Package password is the primary provider of accounts that prove themselves with a password kept here.
//
// It asks for name and password, holds new passwords to the policy, and hashes within the hash budget: everything cheap
// comes before, only the hash itself takes a turn. How passwords are hashed, judged and rationed is internal/password's
// business; limits on attempts are provider/throttle's; mailed passwords have a provider of their own.
package password

import (
	"context"
	"errors"
	"log/slog"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/password"
	"gatehouse/internal/username"
)

// RequestID identifies the request for a password.
const RequestID auth.RequestID = `MediaWiki\Auth\PasswordAuthenticationRequest`

const id auth.ProviderID = "password"

const (
	fieldPassword = "password"
	fieldRetype   = "retype"
)

// The keys of the refusals that are not the policy's.
const (
	keyBadRetype     message.Key = "badretype"
	keyWrongPassword message.Key = "wrongpassword"
	// keyFatal tells the finding that refuses even the right password.
	keyFatal message.Key = "fatalpassworderror"
)

// Store is what the provider reads and renews.
type Store interface {
	// AccountByName gives the account with this canonical name, or auth.ErrNotFound.
	AccountByName(ctx context.Context, name auth.Name) (auth.Account, error)
	// Credential gives the stored form of a credential, or auth.ErrNotFound.
	Credential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind) (string, error)
	// ReplaceCredential puts new in the place of old, or answers auth.ErrNotFound if old is not there any more.
	ReplaceCredential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind, old, new string) error
}

// Names makes names canonical. *username.Rules does.
type Names interface {
	Canonical(raw string, rigor username.Rigor) (username.Name, bool)
}

// Config is what the provider works with. Store, Names, Hasher and Budget are needed.
type Config struct {
	Store  Store
	Names  Names
	Hasher *password.Hasher
	Budget *password.Budget
	Policy password.Policy
	// DummyHash makes a name without an account cost as much as one with: for sites where names are secret.
	DummyHash bool
	// Logger is told what goes wrong behind a good sign-in; nil = nobody is.
	Logger *slog.Logger
}

// Provider is the auth.PrimaryProvider of passwords. Build it with New; it is safe for concurrent use.
type Provider struct {
	cfg      Config
	requests map[auth.Action][]auth.Request
}

var (
	_ auth.PrimaryProvider     = (*Provider)(nil)
	_ auth.CheapCreationTester = (*Provider)(nil)
	_ auth.Reserver            = (*Provider)(nil)
	_ auth.LoginReserver       = (*Provider)(nil)
	_ auth.DraftContributor    = (*Provider)(nil)
)

// New builds the provider, or names the part that is missing.
func New(c Config) (*Provider, error) {
	if c.Store == nil || c.Names == nil || c.Hasher == nil || c.Budget == nil {
		return nil, errors.New("password provider: store, names, hasher and budget are needed")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Provider{cfg: c, requests: requestsByAction()}, nil
}

// ID is "password".
func (*Provider) ID() auth.ProviderID { return id }

// CreationType says that the provider makes credentials.
func (*Provider) CreationType() auth.CreationType { return auth.CreationCreate }

// Requests asks for name and password to sign in, for the password twice to make an account, and for the new one twice to
// change it. There is nothing to choose where a password is removed.
func (p *Provider) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	r := p.requests[o.Action]
	if o.Action == auth.ActionChange && !o.Creator.Anonymous() {
		own := r[0]
		own.Account = message.Literal(string(o.Creator.Account.Name))
		return []auth.Request{own}, nil
	}
	return r, nil
}

// requestsByAction are made once: they are asked for at every visit.
func requestsByAction() map[auth.Action][]auth.Request {
	request := func(fields ...auth.Field) []auth.Request {
		return []auth.Request{{
			ID:       RequestID,
			Required: auth.PrimaryRequired,
			Provider: message.New("authmanager-provider-password"),
			Account:  message.Blank(),
			Fields:   fields,
		}}
	}
	return map[auth.Action][]auth.Request{
		auth.ActionLogin:  request(usernameField(), passwordField("userlogin-yourpassword")),
		auth.ActionCreate: request(usernameField(), passwordField("userlogin-yourpassword"), retypeField("yourpasswordagain")),
		auth.ActionChange: request(passwordField("newpassword"), retypeField("retypenew")),
	}
}

func usernameField() auth.Field {
	return auth.Field{
		Name: auth.FieldUsername, Type: auth.FieldString,
		Label: message.New("userlogin-yourname"), Help: message.New("authmanager-username-help"),
	}
}

func passwordField(label message.Key) auth.Field {
	return auth.Field{
		Name: fieldPassword, Type: auth.FieldPassword, Sensitive: true,
		Label: message.New(label), Help: message.New("authmanager-password-help"),
	}
}

func retypeField(label message.Key) auth.Field {
	return auth.Field{
		Name: fieldRetype, Type: auth.FieldPassword, Sensitive: true,
		Label: message.New(label), Help: message.New("authmanager-retype-help"),
	}
}
