package auth

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gatehouse/internal/message"
)

// The kinds of which an account may have several: behind the kind stand a colon and what tells one from the others.
const (
	// CredentialTOTP is an authenticator app: a secret that it shares with the site, encrypted.
	CredentialTOTP CredentialKind = "totp"
	// CredentialPasskey is a passkey: the public half of a key pair whose other half never leaves its owner's device.
	CredentialPasskey CredentialKind = "passkey"
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
func factorFamilies() []CredentialKind { return []CredentialKind{CredentialTOTP, CredentialPasskey} }

// IsFactor reports whether a credential of this kind is a second factor.
func (k CredentialKind) IsFactor() bool { return slices.Contains(factorFamilies(), k.Family()) }

// Factors reports whether the change gives, takes or replaces a second factor or recovery codes.
func (c *Change) Factors() bool {
	return slices.ContainsFunc(c.Credentials, func(cr CredentialChange) bool {
		return cr.Kind.IsFactor() || cr.Kind.Family() == CredentialRecoveryCode
	})
}

// RemoveFactors takes the factors away that drop names, and with the last one of any kind the recovery codes.
func RemoveFactors(all []Credential, drop func(CredentialKind) bool) []CredentialChange {
	var out, codes []CredentialChange
	left := 0
	for _, c := range all {
		removal := CredentialChange{Kind: c.Kind, Any: true}
		switch {
		case c.Kind.Family() == CredentialRecoveryCode:
			codes = append(codes, removal)
		case c.Kind.IsFactor() && drop(c.Kind):
			out = append(out, removal)
		case c.Kind.IsFactor():
			left++
		}
	}
	if left == 0 {
		out = append(out, codes...)
	}
	return out
}

// StepFactor is a kind of second factor that can be proven in the step in which a sign-in asks for a code: either is enough.
// Safe for concurrent use.
type StepFactor interface {
	// AskFactor gives the request to prove a factor of the account with; none = it has none of this kind. What is asked is good
	// for the next submission alone.
	AskFactor(ctx context.Context, l *Login) ([]Request, error)
	// ProveFactor looks at what was posted. tried = the request of AskFactor was answered.
	ProveFactor(ctx context.Context, l *Login) (tried, proven bool, err error)
	// FactorProven reports whether the sign-in proved a factor of this kind before its second step.
	FactorProven(l *Login) (bool, error)
	// FactorMade reports whether a creation gives its account a factor of this kind already.
	FactorMade(c *Creation) (bool, error)
}

// RecoveryMaker makes the codes that stand in for a lost factor.
type RecoveryMaker interface {
	// NewRecoveryCodes gives fresh codes, as people write them.
	NewRecoveryCodes() ([]string, error)
	// RecoveryCredentials is their stored form.
	RecoveryCredentials(codes []string) ([]Credential, error)
	// FirstRecoveryCodes gives codes and what puts them into the store, for an account whose credentials are all; none if it
	// has codes already.
	FirstRecoveryCodes(all []Credential) ([]string, []CredentialChange, error)
}

// MaxFactorName is how long a factor's name may be, in code points.
const MaxFactorName = 60

// FactorName brings what somebody calls a factor into the form that is stored. Findings: it can be none's name.
func FactorName(typed string) (string, Check) {
	name := strings.Join(strings.Fields(typed), " ")
	bad := strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) })
	if name == "" || bad || utf8.RuneCountInString(name) > MaxFactorName {
		return "", Refused(message.New(keyBadFactorName, message.Int(MaxFactorName)))
	}
	return name, Good()
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

// PasskeyOffer is what a browser needs to make a passkey.
type PasskeyOffer struct {
	// Request has the options as JSON, and the field that takes the browser's answer.
	Request Request
	// Ticket brings the challenge back, sealed, for the account and session it was made for and a quarter of an hour.
	Ticket string
}

// PasskeyKeeper adds passkeys to the account that is signed in.
type PasskeyKeeper interface {
	// OfferPasskey makes a challenge. Nothing is stored.
	OfferPasskey(ctx context.Context, c Client) (PasskeyOffer, error)
	// AddPasskey takes the passkey that a browser made. The recovery codes are those that come with the account's first
	// factor; none otherwise. Findings: the ticket is over, the answer is not right, there are too many.
	AddPasskey(ctx context.Context, c Client, n NewPasskey) (codes []string, check Check, err error)
}

// NewPasskey is what a browser, and the person before it, say of a passkey that was made.
type NewPasskey struct {
	Ticket string
	// Name may be empty: the passkey gets a number then.
	Name string
	// Answer is the browser's, as JSON.
	Answer string
}

// PasskeyIssuer stands for this site in the identities of passkeys.
const PasskeyIssuer = "passkey"

// PasskeyIdentity is by what the account of a passkey is found: the passkey of this kind of credential is nobody else's.
func (k CredentialKind) PasskeyIdentity() Identity {
	_, id, _ := strings.Cut(string(k), ":")
	return Identity{Issuer: PasskeyIssuer, Subject: id}
}

// Passkey reports whether the identity is that of a passkey.
func (i Identity) Passkey() bool { return i.Issuer == PasskeyIssuer }

// PasskeysRemoved gives the identities that go with the passkeys that changes take away.
func PasskeysRemoved(changes []CredentialChange) []Identity {
	var out []Identity
	for _, c := range changes {
		if c.Kind.Family() == CredentialPasskey && c.New == "" {
			out = append(out, c.Kind.PasskeyIdentity())
		}
	}
	return out
}
