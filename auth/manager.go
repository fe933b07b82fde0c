package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"gatehouse/internal/message"
	"gatehouse/internal/username"
)

// Names gives the canonical form of a name at a level. *username.Rules implements it.
type Names interface {
	Canonical(raw string, r username.Rigor) (Name, bool)
}

// Config is what a Manager is made of. Accounts, Flows, Sealer, Names and at least one primary provider are required.
type Config struct {
	Pre       []PreProvider
	Primary   []PrimaryProvider
	Secondary []SecondaryProvider
	// Subject providers describe the new account; their requests come last.
	Subject []SubjectProvider

	Accounts AccountStore
	// Changes changes accounts that exist; nil = they cannot be changed.
	Changes ChangeStore
	// Moderation keeps blocks and groups that accounts set for others; nil = the operator's tool alone does that.
	Moderation ModerationStore
	Flows      FlowStore
	Sealer     Sealer
	Names      Names
	Groups     GroupPolicy
	// NameChecks limits how often strangers find out whether names are free; nil = as often as they like.
	NameChecks NameChecks
	// ReadOnly is the reason why nothing is written; empty = the site is open.
	ReadOnly string
	// ConfirmedOnly holds accounts back whose address waits to be confirmed: nobody signs in to them.
	ConfirmedOnly bool
	// ReauthenticateAfter is how long a sign-in is good for what is sensitive; 0 = DefaultReauthenticateAfter, negative = as
	// long as the session.
	ReauthenticateAfter time.Duration

	Clock  func() time.Time // nil = time.Now
	Random io.Reader        // nil = crypto/rand
	// Logger gets one line an attempt; nil = silent.
	Logger *slog.Logger
	// Observe is told every outcome, for counting; nil = nobody is told.
	Observe func(Outcome)
	// Trace is told when a phase begins, and the function it gives, when the phase ended: with the status that it answered, if
	// it did. What the phase does has the context. nil = nobody is told.
	Trace func(context.Context, Phase) (context.Context, func(Status, error))
}

// Phase is a row of a flow's table that one submission runs.
type Phase struct {
	Flow string // "create", "login" or "link"
	Name string
	// Client is the same for all submissions of a flow, and for the flows of a client that come one after the other. It is a
	// digest; empty where the client has no session.
	Client string
}

// outcomeFault is a Status of outcomes alone.
const outcomeFault Status = "FAULT"

// Outcome is how one submission of a flow ended.
type Outcome struct {
	// Flow is "create", "login", "link", or what was done to credentials: "change", "remove", "unlink".
	Flow string
	// Phase names the row of the phase table that decided.
	Phase string
	// Status is "FAULT" where an error of ours ended it; overload is a refusal.
	Status Status
	// Reason is the key of the first message; empty without one.
	Reason message.Key
	// Begins says that the submission is the first of its flow, From whose it is, and Reached how far a creation came with it.
	Begins  bool
	From    Audience
	Reached Milestones
}

// Client is the program at the other end of a flow.
type Client struct {
	Creator Creator
	Session Session
	// SessionID names the signed-in session, which outlives a change of its account's password; empty = nobody is signed in.
	SessionID SessionID
	// Authenticated is when the person proved who they are; zero = nobody did.
	Authenticated time.Time
	// Language is the code of the language the request is read in; a new account of an anonymous creator gets it.
	Language string
	// Via is the way by which the submission came.
	Via Via
	// CaptchaKind names the kind of captcha that the client asks for instead of the first; empty = none. It may be anything.
	CaptchaKind string
}

// Audience is what is counted of the client.
func (c Client) Audience() Audience {
	return Audience{Via: c.Via, SignedIn: !c.Creator.Anonymous(), Language: c.Language}
}

// Begin is the first submission of a flow.
type Begin struct {
	Answers Answers
	// ReturnURL is where a third party sends the browser back to.
	ReturnURL string
	// Alone says that the caller can show no further step: what would wait is answered, and not kept.
	Alone bool
	// Preserve takes along what an earlier submission of this client left (Response.CanPreserve).
	Preserve bool
}

// Manager runs the providers. Build it with NewManager; it is safe for concurrent use.
type Manager struct {
	cfg       Config
	providers []Provider // pre, primary, secondary, in this order
	testers   []Provider // the same, those last whose tests use something up
	ids       []ProviderID
	asked     map[Action][]askedProvider // who is asked for an action's requests
	canCreate bool
	canLink   bool
}

// NewManager checks the wiring: a missing part or two providers with one id are faults.
func NewManager(cfg Config) (*Manager, error) {
	if cfg.Accounts == nil || cfg.Flows == nil || cfg.Sealer == nil || cfg.Names == nil {
		return nil, errors.New("auth: Accounts, Flows, Sealer and Names are required")
	}
	if len(cfg.Primary) == 0 {
		return nil, errors.New("auth: no primary provider")
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Changes == nil {
		cfg.Changes = noChanges{}
	}
	if cfg.NameChecks == nil {
		cfg.NameChecks = noNameLimit{}
	}
	if cfg.ReauthenticateAfter == 0 {
		cfg.ReauthenticateAfter = DefaultReauthenticateAfter
	}
	if cfg.Observe == nil {
		cfg.Observe = func(Outcome) {}
	}
	m := &Manager{cfg: cfg}
	return m, m.index()
}

func (m *Manager) index() error {
	for _, p := range m.cfg.Pre {
		m.providers = append(m.providers, p)
	}
	for _, p := range m.cfg.Primary {
		m.providers = append(m.providers, p)
		m.canCreate = m.canCreate || p.CreationType() != CreationNone
		m.canLink = m.canLink || p.CreationType() == CreationLink
	}
	for _, p := range m.cfg.Secondary {
		m.providers = append(m.providers, p)
	}
	for _, p := range m.providers {
		if _, spends := p.(Spender); !spends {
			m.testers = append(m.testers, p)
		}
	}
	for _, p := range m.providers {
		if _, spends := p.(Spender); spends {
			m.testers = append(m.testers, p)
		}
	}
	m.asked = m.asking()
	for _, p := range m.asked[ActionCreate] {
		if slices.Contains(m.ids, p.ID()) {
			return fmt.Errorf("auth: two providers are called %q", p.ID())
		}
		m.ids = append(m.ids, p.ID())
	}
	return nil
}

// CanCreateAccounts reports whether some primary provider makes accounts. It says nothing of rights.
func (m *Manager) CanCreateAccounts() bool { return m.canCreate }

// CanLinkAccounts reports whether some primary provider binds outside identities.
func (m *Manager) CanLinkAccounts() bool { return m.canLink }

// Allows reports whether the account has the right.
func (m *Manager) Allows(a Account, r Right) bool { return m.cfg.Groups.Allows(a, r) }

// Rights are the rights of the account, sorted.
func (m *Manager) Rights(a Account) []Right { return m.cfg.Groups.Rights(a) }

// Requests lists what may be submitted for action, in the order the providers are configured. For the continue actions
// it is what the client's flow waits for; nothing without a flow. Nothing is stored.
func (m *Manager) Requests(ctx context.Context, action Action, c Client) ([]Request, error) {
	switch action {
	case ActionCreateContinue, ActionLoginContinue, ActionLinkContinue:
		r, err := m.Pending(ctx, action, c)
		return r.Requests, err
	}
	o := Options{Action: action, Creator: c.Creator, CaptchaKind: c.CaptchaKind}
	if c.Session != nil {
		o.Visitor = c.Session.Establish
	}
	return m.collect(ctx, m.asked[action], o)
}

// Pending gives the response that the client's flow waits behind, status UI or Redirect, for the continue actions; the
// zero Response without a flow. A page shows it again when it is reloaded. Nothing is stored.
func (m *Manager) Pending(ctx context.Context, action Action, c Client) (Response, error) {
	switch action {
	case ActionCreateContinue:
		return m.pending(ctx, c, flowCreate)
	case ActionLoginContinue:
		return m.pending(ctx, c, flowLogin)
	case ActionLinkContinue:
		return m.pending(ctx, c, flowLink)
	}
	return Response{}, nil
}

// askedProvider is one that is asked for its requests. primary goes by the list it stands in: its methods may fit other kinds
// as well.
type askedProvider struct {
	Provider
	primary bool
}

// asking lists the providers that are asked for each action's requests.
func (m *Manager) asking() map[Action][]askedProvider {
	primary := map[ProviderID]bool{}
	for _, p := range m.cfg.Primary {
		primary[p.ID()] = true
	}
	var all, keeping, linking []askedProvider
	for _, p := range m.providers {
		all = append(all, askedProvider{p, primary[p.ID()]})
	}
	for _, p := range m.cfg.Subject {
		all = append(all, askedProvider{p, primary[p.ID()]})
	}
	for _, p := range m.cfg.Primary {
		keeping = append(keeping, askedProvider{p, true})
		if p.CreationType() == CreationLink {
			linking = append(linking, askedProvider{p, true})
		}
	}
	for _, p := range m.cfg.Secondary {
		keeping = append(keeping, askedProvider{p, primary[p.ID()]})
	}
	return map[Action][]askedProvider{
		ActionLogin: all, ActionCreate: all, ActionChange: keeping, ActionRemove: keeping,
		ActionLink: linking, ActionUnlink: linking,
	}
}

func (m *Manager) collect(ctx context.Context, providers []askedProvider, o Options) ([]Request, error) {
	out := make([]Request, 0, 4) // a password, a name, an address and one thing more
	for _, p := range providers {
		requests, err := p.Requests(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("list requests of %s: %w", p.ID(), err)
		}
		for i := range requests {
			if offers(out, requests[i].ID) {
				continue
			}
			out = append(out, requests[i])
			if last := &out[len(out)-1]; p.primary && last.Required != Optional {
				last.Required = PrimaryRequired
			}
		}
	}
	return out, nil
}

func offers(requests []Request, id RequestID) bool {
	for i := range requests {
		if requests[i].ID == id {
			return true
		}
	}
	return false
}
