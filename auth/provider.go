package auth

import (
	"context"
	"time"
)

// ProviderID identifies a provider; two providers with one id are a configuration fault that stops the server.
type ProviderID string

// Options is what a provider knows when it is asked for its requests.
type Options struct {
	Action  Action
	Creator Creator
	// Visitor names the client, as Creation.Visitor does, and gives a session to one that has none. nil: the requests are for
	// nobody in particular.
	Visitor func() FlowID
	// CaptchaKind is Client.CaptchaKind.
	CaptchaKind string
}

// Provider is a unit that takes part in flows. Providers are built once and used by many goroutines; what belongs to one
// flow lives in its Creation or Login.
//
// A provider answers with values, never with words or codes of the wire. A refusal is a Check with findings or a
// Response with status Fail. An error means that the server could not do its work: it is logged, and the client sees a
// reference.
//
// What a provider can do beyond listing requests it shows by implementing the interfaces below.
type Provider interface {
	ID() ProviderID
	// Requests lists what the provider wants for an action. An empty list is a fine answer. It is asked at every visit, so
	// what does not change is best made once; callers change nothing in it.
	Requests(ctx context.Context, o Options) ([]Request, error)
}

// PreProvider may refuse before any primary provider acts: throttle, captcha, name filter. It implements CreationTester,
// LoginTester or both.
type PreProvider interface{ Provider }

// CreationType tells what a primary provider does in a creation.
type CreationType int

// The creation types: takes no part, makes credentials, binds an outside identity.
const (
	CreationNone CreationType = iota
	CreationCreate
	CreationLink
)

// PrimaryProvider ties the submitted data to an account. The first that does not abstain is the flow's provider.
type PrimaryProvider interface {
	Provider
	CreationType() CreationType
	// BeginCreation answers Pass, Fail, Abstain, UI or Redirect. It is called after every test has passed. Expensive work
	// belongs here and not into a test.
	BeginCreation(ctx context.Context, c *Creation) (Response, error)
	// BeginLogin answers Pass with Response.Account, Fail, Abstain, UI, Redirect or Restart.
	BeginLogin(ctx context.Context, l *Login) (Response, error)
}

// SecondaryProvider acts once a primary provider has passed.
type SecondaryProvider interface {
	Provider
	// BeforeCommit tells when the provider takes part in a creation. A step that policy requires comes before the commit: it
	// may answer Fail, and a flow left there leaves no account. Any other step comes after it, may not answer Fail, and a
	// flow left there leaves a usable account.
	BeforeCommit() bool
	// BeginCreation answers Pass or Abstain (both: done), UI or Redirect; Fail only before the commit.
	BeginCreation(ctx context.Context, c *Creation) (Response, error)
	// BeginLogin answers Pass or Abstain (both: done), Fail, UI or Redirect.
	BeginLogin(ctx context.Context, l *Login) (Response, error)
}

// SubjectProvider asks for what describes the new account: its name, address, real name, why it is made. Its requests
// come after those of all other providers.
type SubjectProvider interface {
	Provider
	// Describe fills c.Subject from c.Answers. Findings end the creation before any flow is stored and any test is run.
	Describe(c *Creation) Check
}

// CreationContinuer is a primary or secondary provider whose creation step may need further submissions. It answers as
// BeginCreation does, but never Abstain. A provider that answers UI or Redirect must implement it.
type CreationContinuer interface {
	ContinueCreation(ctx context.Context, c *Creation) (Response, error)
}

// LoginContinuer is the same for sign-ins.
type LoginContinuer interface {
	ContinueLogin(ctx context.Context, l *Login) (Response, error)
}

// CreationTester is a provider of any kind that may refuse a creation. Every tester runs once a flow, in the order pre,
// primary, secondary, whichever primary will act in the end; the first with findings decides. What costs nothing (form,
// policy) implements CheapCreationTester instead, so that it runs before what is spent by a test.
type CreationTester interface {
	TestForCreation(ctx context.Context, c *Creation) (Check, error)
}

// Spender is a provider whose tests use up what was brought, such as the answer to a captcha. Its tests run after those of
// all other providers, wherever it stands among them: what they refuse has spent nothing.
type Spender interface {
	// TestRefused is asked about a creation that a cheap test refuses. Its own findings are told in place of the others, as the
	// reference tells them first; what was brought and is good stays good for another try.
	TestRefused(ctx context.Context, c *Creation) (Check, error)
}

// CheapCreationTester is a provider that can refuse a creation by looking at the submission alone. Cheap tests run before
// every CreationTester.
type CheapCreationTester interface {
	CheckCreation(c *Creation) Check
}

// NameTester is a provider that may refuse a name that is otherwise free, both in a creation (creating) and in a
// look-ahead.
type NameTester interface {
	TestName(ctx context.Context, name Name, creating bool) (Check, error)
}

// PasswordTester is a provider that judges new passwords, so that people hear of a bad one before they submit it.
type PasswordTester interface {
	// TestPassword gives all findings about a new password for s, and reports whether it could be used to sign in if it were
	// the account's.
	TestPassword(s Subject, password string) (check Check, usable bool)
}

// Reserver is a provider that needs a place in a bounded queue for what it will do in BeginCreation. It is asked before
// the name is looked up and before anything is spent. An *OverloadError ends the flow; otherwise the Manager calls
// Release exactly once, after the last use.
type Reserver interface {
	ReserveForCreation(ctx context.Context, c *Creation) (Reservation, error)
}

// LoginReserver is Reserver for what a provider will do in BeginLogin.
type LoginReserver interface {
	ReserveForLogin(ctx context.Context, l *Login) (Reservation, error)
}

// Reservation is a place taken by a Reserver or LoginReserver, which finds it again with Creation.Reservation or
// Login.Reservation.
type Reservation interface{ Release() }

// DraftContributor is a provider that has rows of its own in the account's transaction: credentials, counters, mail. Pre
// providers, the flow's primary and the secondaries before the commit are asked, in this order, right before it.
type DraftContributor interface {
	ContributeToDraft(ctx context.Context, c *Creation, d *Draft) error
}

// CreationObserver is told how a creation ended, whether by Pass or by a refusal after the tests began. It cannot change
// the answer.
type CreationObserver interface {
	CreationEnded(ctx context.Context, c *Creation, r Response)
}

// LoginTester is a provider that may refuse a sign-in before any primary provider acts.
type LoginTester interface {
	TestForLogin(ctx context.Context, l *Login) (Check, error)
}

// LoginObserver is told how a sign-in ended.
type LoginObserver interface {
	LoginEnded(ctx context.Context, l *Login, r Response)
}

// AccountStore is what the Manager keeps accounts in.
type AccountStore interface {
	// AccountByName gives the account with this canonical name, or ErrNotFound.
	AccountByName(ctx context.Context, name Name) (Account, error)
	// AccountsByName gives those of the names that exist, in any order.
	AccountsByName(ctx context.Context, names []Name) ([]Account, error)
	// AccountByID gives the account, or ErrNotFound.
	AccountByID(ctx context.Context, id AccountID) (Account, error)
	// CreateAccount commits d whole or not at all. Once it has begun, the end of ctx does not cut it short. Its errors are
	// ErrNameTaken, ErrIdentityTaken, *LimitError, or a fault.
	CreateAccount(ctx context.Context, d Draft) (Account, error)
	// BlocksOn gives the blocks that hit c now, its account's (if any) before its address's (if valid), oldest first.
	BlocksOn(ctx context.Context, c Creator) ([]Block, error)
}

// FlowID names the row of one client's flow: a digest, so that the store cannot act for the client.
type FlowID string

// Flow is a flow that waits for its next submission, as the store keeps it.
type Flow struct {
	ID FlowID
	// Network is counted: a network has at most MaxFlowsPerNetwork open flows.
	Network string
	// Sealed is the encrypted state, at most MaxFlowState bytes.
	Sealed []byte
	// Tries counts the submissions so far.
	Tries   int
	Expires time.Time
}

// The bounds of flow rows.
const (
	MaxFlowsPerNetwork = 10
	MaxFlowState       = 8 << 10
	FlowLifetime       = 15 * time.Minute
	MaxFlowTries       = 10
)

// FlowStore keeps flows that need a second submission.
type FlowStore interface {
	// PutFlow stores f unclaimed, in place of any flow of the same id. ErrTooManyFlows if f is new and its network is full.
	PutFlow(ctx context.Context, f Flow) error
	// ClaimFlow takes the flow for one submission: of any number of callers exactly one gets it until it is put again. It
	// gives ErrNotFound if there is none, it is claimed, expired, or out of tries; Tries of the answer counts this one.
	ClaimFlow(ctx context.Context, id FlowID) (Flow, error)
	// PeekFlow reads an unclaimed flow without taking it, or ErrNotFound.
	PeekFlow(ctx context.Context, id FlowID) (Flow, error)
	// EndFlow removes the flow; none is fine.
	EndFlow(ctx context.Context, id FlowID) error
}

// Session is the client's session as the Manager sees it. internal/websession implements it.
type Session interface {
	// FlowID names this client's flow row. It changes when the client signs in or out.
	FlowID() FlowID
	// Establish is FlowID for a client that may have no session yet: it gets one with this answer.
	Establish() FlowID
	// FlowSecret is what the client must bring to continue a flow; nil if it began none.
	FlowSecret() []byte
	// NewFlowSecret makes a fresh one, which the client gets with this answer.
	NewFlowSecret() []byte
}

// Sealer encrypts flow states with a key derived from the server's key and the flow's secret.
type Sealer interface {
	SealFlow(secret, plain []byte) ([]byte, error)
	// OpenFlow fails for another secret, another server's key or a changed byte.
	OpenFlow(secret, sealed []byte) ([]byte, error)
}
