package auth

import (
	"context"
	"errors"
	"time"
)

// Identity is who somebody is to a third party. The pair of issuer and subject is the whole of it: nothing else that the
// third party tells, an e-mail address least of all, makes two identities one.
type Identity struct {
	Issuer, Subject string
	// Label is what people know the identity by there, for them to read; it may be empty and proves nothing.
	Label string
	// Linked is when it became the account's; the store's to give.
	Linked time.Time
}

// IdentityChange adds identities to an account and takes others from it. An identity that is to be taken and is not there
// is fine; one that is to be added and has an account already undoes the whole Change (ErrIdentityTaken).
type IdentityChange struct {
	Add, Remove []Identity
}

// ErrIdentityTaken: the outside identity has an account already.
var ErrIdentityTaken = errors.New("identity taken")

// IdentityStore keeps which account outside identities belong to.
type IdentityStore interface {
	// AccountByIdentity gives the account that the identity belongs to, or ErrNotFound.
	AccountByIdentity(ctx context.Context, issuer, subject string) (Account, error)
	// IdentitiesOf gives the account's, the first linked first.
	IdentitiesOf(ctx context.Context, id AccountID) ([]Identity, error)
}

// Handover is a browser on its way to a third party and back, as the store keeps it. It is begun, claimed by whoever meets
// the browser when it comes back, finished with what the third party said, and taken by the flow that it is for; each of
// these happens once.
type Handover struct {
	// ID is a digest of what the browser brings back.
	ID string
	// Network is where the flow was begun. Of the handovers that a network began only the last MaxHandovers stay.
	Network string
	// Sealed is encrypted with what the browser brings, at most MaxFlowState bytes.
	Sealed  []byte
	Expires time.Time
}

// MaxHandovers bounds the handovers that one network may have open: more than it may have flows, because who begins again
// leaves one behind.
const MaxHandovers = 40

// HandoverStore keeps handovers. Every method gives ErrNotFound for one that is not there, not at that stage, or expired.
type HandoverStore interface {
	// BeginHandover stores a new one.
	BeginHandover(ctx context.Context, h Handover) error
	// PeekHandover reads one that was begun and not claimed.
	PeekHandover(ctx context.Context, id string) (Handover, error)
	// ClaimHandover gives one that was begun to exactly one caller.
	ClaimHandover(ctx context.Context, id string) (Handover, error)
	// FinishHandover puts the sealed answer and the new end into one that was claimed.
	FinishHandover(ctx context.Context, h Handover) error
	// TakeHandover gives one that was finished to exactly one caller and removes it.
	TakeHandover(ctx context.Context, id string) (Handover, error)
}
