package auth

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Change is all that becomes durable together on an account that exists. A store commits the whole or nothing.
type Change struct {
	Account AccountID
	// Proven is the account's stamp as whoever asks for the change proved who they are. Where it is another by now nothing of
	// the whole Change happens (ErrChanged). Nil = they proved it otherwise, by what Credentials compare.
	Proven *Stamp
	// Credentials are put in, replaced and removed; at most one entry for each kind.
	Credentials []CredentialChange
	// Identities are linked and unlinked.
	Identities IdentityChange
	// Email gives the account another address, or tells that its address was confirmed; nil leaves both as they are.
	Email *EmailChange
	// EndSessions ends every session of the account but KeepSession, which may be empty.
	EndSessions bool
	KeepSession SessionID
	// Log is the entry to write; one with no Action writes none.
	Log    LogEntry
	Outbox []OutboxItem
	// Counters rise in the same transaction, last, in the order of their keys.
	Counters []Counter
}

// Erase removes whatever there is of kind, unless the change has something to say of it already.
func (c *Change) Erase(kind CredentialKind) {
	if !slices.ContainsFunc(c.Credentials, func(cr CredentialChange) bool { return cr.Kind == kind }) {
		c.Credentials = append(c.Credentials, CredentialChange{Kind: kind, Any: true})
	}
}

// Puts reports whether the change stores a credential of kind.
func (c *Change) Puts(kind CredentialKind) bool {
	return slices.ContainsFunc(c.Credentials, func(cr CredentialChange) bool { return cr.Kind == kind && cr.New != "" })
}

// CredentialChange puts New in the place of Old, in their stored form. If Old is not what is stored, nothing of the whole
// Change happens (ErrChanged).
type CredentialChange struct {
	Kind CredentialKind `json:"kind"`
	// Old is what is stored; empty = nothing of this kind is.
	Old string `json:"old,omitempty"`
	// Any takes the place of Old: whatever is stored, also nothing.
	Any bool `json:"any,omitempty"`
	// New is empty where the credential is removed.
	New string `json:"new,omitempty"`
}

// EmailChange puts the address New in the place of Old, which may be the same. If Old is not the account's address,
// nothing of the whole Change happens (ErrChanged).
type EmailChange struct {
	Old, New string
	// Confirmed is when New was confirmed; zero if it was not.
	Confirmed time.Time
}

// ErrChanged: what was to be changed is not what it was when it was looked at. Nothing was written.
var ErrChanged = errors.New("changed meanwhile")

// ChangeStore changes accounts that exist.
type ChangeStore interface {
	// ChangeAccount commits c whole or not at all. Once it has begun, the end of ctx does not cut it short. Its errors are
	// ErrNotFound (no such account), ErrChanged, ErrIdentityTaken, *LimitError, or a fault.
	ChangeAccount(ctx context.Context, c Change) error
}

// The further kinds of credential. Any change of a password erases both.
const (
	// CredentialTemporaryPassword is a mailed password that waits to be replaced.
	CredentialTemporaryPassword CredentialKind = "temporary-password"
	// CredentialPasswordLink is a mailed link that lets its reader choose a password.
	CredentialPasswordLink CredentialKind = "password-link"
	// CredentialEmailLink is a mailed link that confirms an address. It proves the address and lets nobody in.
	CredentialEmailLink CredentialKind = "email-link"
)
