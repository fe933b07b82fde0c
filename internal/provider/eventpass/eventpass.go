// Package eventpass is the pre-authentication provider of event passes: a code that the organisers of an event hand out,
// with which a number of accounts can be made past the throttle.
//
// It finds the pass that a code belongs to and writes it down with the subject; the throttle then lets the creation be,
// and the account's log entry is marked. It makes no passes: operators do, by the root package.
package eventpass

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// RequestID identifies the request for the code.
const RequestID auth.RequestID = "EventPassAuthenticationRequest"

const field = "eventpass"

const keyBad message.Key = "gatehouse-eventpass-bad"

// Store is what the provider reads.
type Store interface {
	// PassByDigest gives the pass whose code has this digest, open or not, or auth.ErrNotFound.
	PassByDigest(ctx context.Context, digest string) (auth.EventPass, error)
	// AnyPassOpen reports whether some pass is neither over nor taken back.
	AnyPassOpen(ctx context.Context) (bool, error)
}

// lookEvery is how old the answer to "is any pass open?" may be. Every visitor's list of fields depends on it.
const lookEvery = time.Second

// Provider is safe for concurrent use. Build it with New.
type Provider struct {
	store Store
	clock func() time.Time
	asked []auth.Request

	last   atomic.Pointer[look]
	asking sync.Mutex
}

var (
	_ auth.PreProvider      = (*Provider)(nil)
	_ auth.CreationTester   = (*Provider)(nil)
	_ auth.DraftContributor = (*Provider)(nil)
)

// New makes the provider; its request is the same for everybody.
func New(store Store, clock func() time.Time) *Provider {
	return &Provider{store: store, clock: clock, asked: []auth.Request{{
		ID:       RequestID,
		Required: auth.Optional,
		Provider: message.New("gatehouse-eventpass-provider"),
		Fields: []auth.Field{{
			Name: field, Type: auth.FieldString, Optional: true, Sensitive: true,
			Label: message.New("gatehouse-eventpass-label"), Help: message.New("gatehouse-eventpass-help"),
		}},
	}}}
}

// ID implements auth.Provider.
func (*Provider) ID() auth.ProviderID { return "eventpass" }

// Requests asks for a code while there is a pass that it could belong to.
func (p *Provider) Requests(ctx context.Context, o auth.Options) ([]auth.Request, error) {
	if o.Action != auth.ActionCreate {
		return nil, nil
	}
	open, err := p.anyOpen(ctx)
	if err != nil || !open {
		return nil, err
	}
	return p.asked, nil
}

// look is what the store said, and when.
type look struct {
	at   time.Time
	open bool
}

// anyOpen asks the store once a second at most. Who comes meanwhile waits for the answer.
func (p *Provider) anyOpen(ctx context.Context) (bool, error) {
	now := p.clock()
	if l := p.last.Load(); l.fresh(now) {
		return l.open, nil
	}
	p.asking.Lock()
	defer p.asking.Unlock()
	if l := p.last.Load(); l.fresh(now) {
		return l.open, nil
	}
	open, err := p.store.AnyPassOpen(ctx)
	if err != nil {
		return false, fmt.Errorf("look for event passes: %w", err)
	}
	p.last.Store(&look{now, open})
	return open, nil
}

func (l *look) fresh(now time.Time) bool { return l != nil && now.Sub(l.at) < lookEvery }

// TestForCreation implements auth.CreationTester. A code that cannot be used ends the creation: whoever was promised a pass
// should hear why it does nothing.
func (p *Provider) TestForCreation(ctx context.Context, c *auth.Creation) (auth.Check, error) {
	a, ok := c.Answers.Get(RequestID)
	typed := strings.TrimSpace(a.Values[field])
	if !ok || typed == "" {
		return auth.Good(), nil
	}
	digest, ok := auth.PassDigest(typed)
	if !ok {
		return auth.Refused(message.New(keyBad)), nil
	}
	pass, err := p.store.PassByDigest(ctx, digest)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Refused(message.New(keyBad)), nil
	}
	if err != nil {
		return auth.Check{}, fmt.Errorf("look up event pass: %w", err)
	}
	if check := pass.Admits(c.Creator.Addr, p.clock()); !check.OK() {
		return check, nil
	}
	if pass.Used >= pass.Count {
		return auth.Refused((&auth.LimitError{Counter: pass.Counter(p.clock())}).Refusal()), nil
	}
	c.Subject.Pass = pass.ID
	return auth.Good(), c.Remember(p.ID(), pass)
}

// ContributeToDraft implements auth.DraftContributor: the pass is used when the account is made, or not used.
func (p *Provider) ContributeToDraft(_ context.Context, c *auth.Creation, d *auth.Draft) error {
	var pass auth.EventPass
	found, err := c.Recall(p.ID(), &pass)
	if err != nil || !found {
		return err
	}
	d.Counters = append(d.Counters, pass.Counter(p.clock()))
	return nil
}
