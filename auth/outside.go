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

// Return is what a third party sent a browser back with.
type Return struct {
	State, Code string
	// Issuer is who the third party says it is; empty where it does not say.
	Issuer string
	// Refusal is the third party's word for what went wrong; empty with a Code.
	Refusal string
	// Place is which of this site's places the browser came back to; empty = the one for all.
	Place string
}

// Departure is what a browser was sent to a third party for.
type Departure struct {
	// Action is ActionCreate, ActionLogin or ActionLink.
	Action Action
	// Name is the account to be made or linked; empty for a sign-in.
	Name Name
	// At names the third party to people.
	At Message
	// ReturnURL is where whoever began wants the browser back.
	ReturnURL string
}

// Arrivals meets browsers that come back from third parties. The edge that they come back to calls it.
type Arrivals interface {
	// Expected tells what the browser was sent away for, or ErrNotFound: nothing that was begun here, or it was long ago, or
	// the browser was here before.
	Expected(ctx context.Context, r Return) (Departure, error)
	// Arrive settles with the third party and gives the code by which the flow learns the outcome, good or bad: it works once,
	// for CodeLifetime, and only in the flow that sent the browser away. ErrNotFound as above.
	Arrive(ctx context.Context, r Return) (code string, err error)
}

// CodeLifetime is how long the code of an arrival is good.
const CodeLifetime = 5 * time.Minute
