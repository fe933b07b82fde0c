// Package passkey is the provider of passkeys (Web Authentication): key pairs whose private half stays on a person's device.
//
// A passkey is a second factor beside a password, and by configuration the only credential of an account. The ceremonies are
// checked by go-webauthn; what it leaves to its caller is here: the challenge lives in the encrypted state of one flow and for
// one submission, who signs in with nothing else is verified by the device, a passkey belongs to one account, and a signature
// counter that does not rise is refused. The package knows no HTTP and draws no page; the step in which a sign-in asks for a
// second factor is the two-factor provider's, which takes a passkey through auth.StepFactor.
package passkey

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

const id auth.ProviderID = "passkey"

// The requests and fields. They are this server's own; docs/protocol.md describes them.
const (
	beginID  auth.RequestID = "PasskeyBeginAuthenticationRequest"
	proveID  auth.RequestID = "PasskeyAuthenticationRequest"
	createID auth.RequestID = "PasskeyRegistrationRequest"

	beginField   = "passkey"
	optionsField = "passkeyOptions"
	answerField  = "passkeyResponse"
)

// The keys of what is said.
const (
	keyProve      message.Key = "gatehouse-passkey-prove"
	keyCreate     message.Key = "gatehouse-passkey-create"
	keyFailed     message.Key = "gatehouse-passkey-failed"
	keyNotMade    message.Key = "gatehouse-passkey-not-made"
	keyLast       message.Key = "gatehouse-passkey-last"
	keyTicketOver message.Key = "gatehouse-passkey-over"
	keyTooMany    message.Key = "gatehouse-passkey-too-many"
	keyGone       message.Key = "gatehouse-factor-gone"
	keyChanged    message.Key = "gatehouse-changed-meanwhile"
)

// Store is what the provider reads and writes.
type Store interface {
	auth.ChangeStore
	auth.IdentityStore
	// Credentials gives all credentials of an account in their stored form, in no order.
	Credentials(ctx context.Context, id auth.AccountID) ([]auth.Credential, error)
	// ReplaceCredential puts new in the place of old. auth.ErrNotFound: the credential is not, or no longer, old.
	ReplaceCredential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind, old, new string) error
}

// Sealer encrypts what a person's browser carries back, with the server's keys.
type Sealer interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Config is what the provider works with. Everything is needed that is not said to be optional.
type Config struct {
	Store    Store
	Sealer   Sealer
	Recovery auth.RecoveryMaker
	// SiteName is what devices show. Host is what passkeys are bound to, and Origin scheme, host and port as browsers see them.
	SiteName, Host, Origin string
	// SignIn lets people sign in with a passkey alone, AtCreation makes accounts with one alone, which needs SignIn.
	SignIn, AtCreation bool
	// Notices have something to say to a change of factors; optional.
	Notices []auth.CredentialChanger
	Clock   func() time.Time
	Random  io.Reader    // safe for concurrent use
	Logger  *slog.Logger // optional
}

// Provider is a primary provider where a passkey alone is enough, and looks after those that are second factors. Build it with
// New; it is safe for concurrent use.
type Provider struct {
	cfg   Config
	rules *webauthn.WebAuthn
	begin []auth.Request
}

var (
	_ auth.PrimaryProvider   = (*Provider)(nil)
	_ auth.CreationContinuer = (*Provider)(nil)
	_ auth.LoginContinuer    = (*Provider)(nil)
	_ auth.DraftContributor  = (*Provider)(nil)
	_ auth.StepFactor        = (*Provider)(nil)
	_ auth.FactorKeeper      = (*Provider)(nil)
	_ auth.PasskeyKeeper     = (*Provider)(nil)
)

// New builds the provider, or says what is missing.
func New(c Config) (*Provider, error) {
	if c.Store == nil || c.Sealer == nil || c.Recovery == nil || c.Clock == nil || c.Random == nil || c.Host == "" || c.Origin == "" {
		return nil, errors.New("passkeys: store, sealer, recovery codes, host, origin, clock and randomness are needed")
	}
	if c.AtCreation && !c.SignIn {
		return nil, errors.New("passkeys: who makes an account with a passkey alone must be able to sign in with it")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	rules, err := webauthn.New(&webauthn.Config{
		RPID: c.Host, RPDisplayName: c.SiteName, RPOrigins: []string{c.Origin}, AttestationPreference: protocol.PreferNoAttestation,
		// Some managers of passwords answer more than they were asked.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, err
	}
	return &Provider{cfg: c, rules: rules, begin: []auth.Request{{
		ID: beginID, Provider: message.New("gatehouse-passkey-provider"), Account: message.Blank(),
		Fields: []auth.Field{{
			Name: beginField, Type: auth.FieldButton,
			Label: message.New("gatehouse-passkey-button"), Help: message.New("gatehouse-passkey-button-help"),
		}},
	}}}, nil
}

// ID is "passkey".
func (*Provider) ID() auth.ProviderID { return id }

// CreationType implements auth.PrimaryProvider.
func (*Provider) CreationType() auth.CreationType { return auth.CreationCreate }

// Requests offers the button. Whoever makes an account for somebody else is not offered one: the passkey would be theirs.
func (p *Provider) Requests(_ context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action == auth.ActionLogin && p.cfg.SignIn || o.Action == auth.ActionCreate && p.cfg.AtCreation && o.Creator.Anonymous() {
		return p.begin, nil
	}
	return nil, nil
}

func (p *Provider) log(ctx context.Context, what string, name auth.Name, attrs ...slog.Attr) {
	attrs = append([]slog.Attr{slog.String("what", what), slog.String("name", string(name))}, attrs...)
	p.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "passkey", attrs...)
}
