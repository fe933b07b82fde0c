package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"gatehouse/internal/message"
	"gatehouse/internal/username"
)

// NameVerdict is whether an account of some name may be made.
type NameVerdict struct {
	// Name is the canonical name; empty where there is none.
	Name  Name
	Check Check
}

// CheckName is the one verdict whether an account called raw may be made. It gives the canonical name where there is
// one, and findings (userexists, noname, a provider's) where it may not be made. creating is false in look-aheads. It
// looks at no rights, throttles or captchas.
func (m *Manager) CheckName(ctx context.Context, raw string, creating bool) (Name, Check, error) {
	v, err := m.judgeName(ctx, nameQuestion{raw: raw, creating: creating, taken: m.isTaken})
	return v.Name, v.Check, err
}

// LookAhead is the same verdict about several names at once, in their order, for somebody who has not submitted anything
// yet. What strangers may ask is limited: the error is then a *TooOftenError.
func (m *Manager) LookAhead(ctx context.Context, c Creator, raws []string) ([]NameVerdict, error) {
	if m.limitsNames(c) {
		if wait := m.cfg.NameChecks.Spend(c.Addr, len(raws)); wait > 0 {
			return nil, &TooOftenError{RetryAfter: wait}
		}
	}
	taken, err := m.takenAmong(ctx, raws)
	if err != nil {
		return nil, err
	}
	out := make([]NameVerdict, len(raws))
	for i, raw := range raws {
		if out[i], err = m.judgeName(ctx, nameQuestion{raw: raw, taken: taken}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// limitsNames reports whether c is a stranger: those who are signed in can be told to stop.
func (m *Manager) limitsNames(c Creator) bool {
	return c.Anonymous() && !m.Allows(c.Account, RightNoRateLimit)
}

// nameQuestion is what CheckName and LookAhead are asked, and where it is looked up who has a name.
type nameQuestion struct {
	raw      string
	creating bool
	taken    func(context.Context, Name) (bool, error)
}

func (m *Manager) judgeName(ctx context.Context, q nameQuestion) (NameVerdict, error) {
	if !m.canCreate {
		return NameVerdict{Check: Refused(message.New(keyCreateDisabled))}, nil
	}
	name, usable := m.cfg.Names.Canonical(q.raw, username.Usable)
	if !usable {
		return NameVerdict{Check: Refused(message.New(keyNoName))}, nil
	}
	// An existing name is told before a bad one: imported accounts may have names that new ones may not.
	switch taken, err := q.taken(ctx, name); {
	case err != nil:
		return NameVerdict{Name: name}, fmt.Errorf("look up %q: %w", name, err)
	case taken:
		return NameVerdict{name, Refused(message.New(keyUserExists))}, nil
	}
	if _, creatable := m.cfg.Names.Canonical(q.raw, username.Creatable); !creatable {
		return NameVerdict{name, Refused(message.New(keyNoName))}, nil
	}
	check, err := m.testName(ctx, name, q.creating)
	return NameVerdict{name, check}, err
}

// testName asks the providers; the first with findings decides.
func (m *Manager) testName(ctx context.Context, name Name, creating bool) (Check, error) {
	for _, p := range m.providers {
		t, ok := p.(NameTester)
		if !ok {
			continue
		}
		check, err := t.TestName(ctx, name, creating)
		if err != nil {
			return Check{}, fmt.Errorf("test name with %s: %w", p.ID(), err)
		}
		if !check.OK() {
			return check, nil
		}
	}
	return Good(), nil
}

func (m *Manager) isTaken(ctx context.Context, name Name) (bool, error) {
	_, err := m.cfg.Accounts.AccountByName(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// takenAmong looks several names up at once.
func (m *Manager) takenAmong(ctx context.Context, raws []string) (func(context.Context, Name) (bool, error), error) {
	var names []Name
	for _, raw := range raws {
		if name, ok := m.cfg.Names.Canonical(raw, username.Usable); ok {
			names = append(names, name)
		}
	}
	found, err := m.cfg.Accounts.AccountsByName(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("look up names: %w", err)
	}
	taken := make(map[Name]bool, len(found))
	for _, a := range found {
		taken[a.Name] = true
	}
	return func(_ context.Context, n Name) (bool, error) { return taken[n], nil }, nil
}

// NameChecks counts, for each network, how often it was found out whether a name is free.
type NameChecks interface {
	// Spend counts n more for the network of addr and gives 0; or it counts nothing, because as many were counted as may be,
	// and gives how long that lasts. With n = 0 it only looks.
	Spend(addr netip.Addr, n int) (wait time.Duration)
}

// noNameLimit lets everybody ask.
type noNameLimit struct{}

func (noNameLimit) Spend(netip.Addr, int) time.Duration { return 0 }

// mayAsk refuses a stranger who found out about as many names as they may: a creation answers that question too.
func (r *creationRun) mayAsk(context.Context) (*Response, error) {
	if !r.m.limitsNames(r.client.Creator) {
		return nil, nil
	}
	if wait := r.m.cfg.NameChecks.Spend(r.client.Creator.Addr, 0); wait > 0 {
		return refuse(message.New(keyAttempts, message.Duration(wait))), nil
	}
	r.asked = true
	return nil, nil
}

// countQuestion counts a refused creation as a question. What became an account is limited elsewhere.
func (r *creationRun) countQuestion(resp Response) {
	if r.asked && resp.Status == Fail {
		r.m.cfg.NameChecks.Spend(r.client.Creator.Addr, 1)
	}
}

func (r *creationRun) nameFree(ctx context.Context) (*Response, error) {
	if r.creation.AccountID != 0 {
		return r.accountStillThere(ctx)
	}
	name, check, err := r.m.CheckName(ctx, string(r.creation.Subject.Name), true)
	if err != nil {
		return nil, err
	}
	r.creation.Subject.Name = name
	if !check.OK() {
		r.taken = check.Findings[0].Key == keyUserExists
		return refuse(check.Findings...), nil
	}
	return nil, nil
}
