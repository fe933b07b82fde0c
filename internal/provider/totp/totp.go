// Package totp is the secondary provider of the second factor: authenticator apps that show a code for every half minute
// (RFC 6238), and the recovery codes that stand in for a lost one.
//
// It sets a factor up while an account is made, asks for a code at every sign-in of an account that has one, and lets the
// account's owner change what there is. A secret is encrypted before it is stored, and no code is good twice: what was used is
// written down by compare-and-set, so that of any number of servers one alone takes it. The package draws no QR code and
// knows no words; the edges do.
package totp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/throttle"
)

const id auth.ProviderID = "totp"

// The requests, as clients know them.
const (
	setupID auth.RequestID = "TwoFactorAuthenticationRequest"
	skipID  auth.RequestID = `MediaWiki\Auth\ButtonAuthenticationRequest:skip2FASetup`
	loginID auth.RequestID = `MediaWiki\Extension\OATHAuth\Auth\TOTPAuthenticationRequest`

	skipClass = `MediaWiki\Auth\ButtonAuthenticationRequest`

	infoField  = "2FAInfo"
	codeField  = "code"
	skipField  = "skip2FASetup"
	loginField = "OATHToken"
)

// The keys of what is said.
const (
	keySetup       message.Key = "oathauth-create-ui"
	keySetupFailed message.Key = "oathauth-create-failed"
	keyLogin       message.Key = "oathauth-auth-ui"
	keyLoginFailed message.Key = "oathauth-login-failed"
	keyThrottled   message.Key = "oathauth-throttled"
	keyTicketOver  message.Key = "gatehouse-factor-over"
	keyTooMany     message.Key = "gatehouse-factor-too-many"
	keyGone        message.Key = "gatehouse-factor-gone"
	keyOtherFailed message.Key = "gatehouse-passkey-failed"
	keyChanged     message.Key = "gatehouse-changed-meanwhile"
)

// AtCreation says whether a factor is set up while an account is made. Its values are those of the setting.
type AtCreation string

// The values. Optional comes after the account was made and can be skipped; Required comes before, and there is no account
// without it.
const (
	Off      AtCreation = "off"
	Optional AtCreation = "optional"
	Required AtCreation = "required"
)

// Store is what the provider reads and writes.
type Store interface {
	throttle.Store
	auth.ChangeStore
	// Credentials gives all credentials of an account in their stored form, in no order.
	Credentials(ctx context.Context, id auth.AccountID) ([]auth.Credential, error)
	// ReplaceCredential puts new in the place of old. auth.ErrNotFound: the credential is not, or no longer, old.
	ReplaceCredential(ctx context.Context, id auth.AccountID, kind auth.CredentialKind, old, new string) error
}

// Sealer encrypts what lies in the store, and what a person's browser carries back, with the server's keys.
type Sealer interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Config is what the provider works with. Everything is needed that is not said to be optional.
type Config struct {
	Store  Store
	Sealer Sealer
	// Issuer is what apps show beside the account: the site's name.
	Issuer     string
	AtCreation AtCreation
	// Picture is the address of the QR code of a creation that waits for its code, for clients; optional.
	Picture string
	// Beside are other kinds of factors that the step of a sign-in takes in the place of a code; optional.
	Beside []auth.StepFactor
	// Notices have something to say to a change of factors; optional.
	Notices []auth.CredentialChanger
	Clock   func() time.Time
	Random  io.Reader    // safe for concurrent use
	Logger  *slog.Logger // optional
}

// Provider is an auth.SecondaryProvider, and looks after the factors that it asks for. Build it with New; it is safe for concurrent use.
type Provider struct {
	cfg    Config
	limits throttle.Rules
}

var (
	_ auth.SecondaryProvider = (*Provider)(nil)
	_ auth.CreationContinuer = (*Provider)(nil)
	_ auth.LoginContinuer    = (*Provider)(nil)
	_ auth.DraftContributor  = (*Provider)(nil)
	_ auth.FactorKeeper      = (*Provider)(nil)
	_ auth.AppKeeper         = (*Provider)(nil)
	_ auth.RecoveryKeeper    = (*Provider)(nil)
	_ auth.RecoveryMaker     = Recovery{}
)

// New builds the provider, or says that a part is missing.
func New(c Config) (*Provider, error) {
	if c.Store == nil || c.Sealer == nil || c.Clock == nil || c.Random == nil {
		return nil, errors.New("two-factor provider: store, sealer, clock and randomness are needed")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	// Ten a minute is the reference's limit. Alone it would let somebody with the password try for weeks until chance helps.
	limits := throttle.Rules{{Count: 10, Per: time.Minute}, {Count: 100, Per: 24 * time.Hour}}
	return &Provider{cfg: c, limits: limits}, nil
}

// ID is "totp".
func (*Provider) ID() auth.ProviderID { return id }

// Requests lists nothing: the steps ask by themselves.
func (*Provider) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

// BeforeCommit says that a required factor is set up before there is an account, and an optional one after.
func (p *Provider) BeforeCommit() bool { return p.cfg.AtCreation == Required }

func (p *Provider) log(ctx context.Context, what string, a auth.Account, attrs ...slog.Attr) {
	attrs = append([]slog.Attr{slog.String("what", what), slog.String("name", string(a.Name))}, attrs...)
	p.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "second factor", attrs...)
}
