package auth

import (
	"context"
	"slices"
	"strings"
	"time"
)

// The kinds of which an account may have several: behind the kind stand a colon and what tells one from the others.
const (
	// CredentialTOTP is an authenticator app: a secret that it shares with the site, encrypted.
	CredentialTOTP CredentialKind = "totp"
	// CredentialRecoveryCode is a code that stands in for a lost factor, once; stored hashed.
	CredentialRecoveryCode CredentialKind = "recovery-code"
)

// One is the kind of the one of several that id tells from the others.
func (k CredentialKind) One(id string) CredentialKind { return k + ":" + CredentialKind(id) }

// Family is the kind without what tells one from the others.
func (k CredentialKind) Family() CredentialKind {
	family, _, _ := strings.Cut(string(k), ":")
	return CredentialKind(family)
}

// factorFamilies are the kinds that count as a second factor. Recovery codes are none: they go when the last factor goes.
func factorFamilies() []CredentialKind { return []CredentialKind{CredentialTOTP} }

// IsFactor reports whether a credential of this kind is a second factor.
func (k CredentialKind) IsFactor() bool { return slices.Contains(factorFamilies(), k.Family()) }

// Factors reports whether the change gives, takes or replaces a second factor or recovery codes.
func (c *Change) Factors() bool {
	return slices.ContainsFunc(c.Credentials, func(cr CredentialChange) bool {
		return cr.Kind.IsFactor() || cr.Kind.Family() == CredentialRecoveryCode
	})
}

// Factor is a second factor of an account as people see it in a list.
type Factor struct {
	// ID tells it from the account's other factors. It is its kind of credential in the store.
	ID CredentialKind
	// Name is what its owner calls it; never empty.
	Name  string
	Added time.Time
	// Used is when it was last used to sign in; zero = never.
	Used time.Time
}

// FactorKeeper lists and changes the second factors of one kind. What changes an account wants a client who may do what is
// sensitive (Manager.Sensitive); it ends the account's other sessions and tells its owner. Safe for concurrent use.
type FactorKeeper interface {
	// Factors lists those of the account, oldest first.
	Factors(ctx context.Context, a Account) ([]Factor, error)
	// RenameFactor gives the factor another name. Findings: it is gone, or the name is none.
	RenameFactor(ctx context.Context, c Client, id CredentialKind, name string) (Check, error)
	// RemoveFactor takes the factor away, and with the last one of any kind the recovery codes.
	RemoveFactor(ctx context.Context, c Client, id CredentialKind) (Check, error)
}

// RecoveryKeeper looks after the codes that stand in for a lost factor.
type RecoveryKeeper interface {
	// CodesLeft counts the codes that were not used.
	CodesLeft(ctx context.Context, a Account) (int, error)
	// NewCodes replaces all codes; the account needs a factor. They are told this once.
	NewCodes(ctx context.Context, c Client) ([]string, Check, error)
}

// AppOffer is what a person needs to set up an authenticator app.
type AppOffer struct {
	// Secret is in Base32, in groups of four letters.
	Secret string
	// URI is what apps read from a QR code.
	URI string
	// Ticket brings the secret back, sealed, for the account it was made for and a quarter of an hour.
	Ticket string
}

// AppKeeper sets up authenticator apps for the account that is signed in.
type AppKeeper interface {
	// OfferApp makes a new secret. Nothing is stored.
	OfferApp(c Client) (AppOffer, error)
	// ReopenApp gives the offer of a ticket again; ok = it still holds.
	ReopenApp(c Client, ticket string) (offer AppOffer, ok bool)
	// AddApp takes the app, once it showed the right code. The recovery codes are those that come with the account's first
	// factor; none otherwise. Findings: the ticket is over, the code is wrong, there are too many.
	AddApp(ctx context.Context, c Client, n NewApp) (codes []string, check Check, err error)
}

// NewApp is what a person says of an authenticator app that they set up.
type NewApp struct {
	Ticket string
	// Name may be empty: the app gets a number then.
	Name string
	// Code is what the app shows.
	Code string
}
