package captcha

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	limits "gatehouse/internal/throttle"
)

// KindLimit limits the accounts made from one network with some kinds, all of them together. It comes on top of the limit
// for all accounts: a kind that stops less may be used less.
type KindLimit struct {
	Kinds []string
	Rules limits.Rules
}

// passage is what is kept of the captcha until the account is made.
type passage struct {
	Kind string `json:"kind"`
	// Later says that the kind's own step has yet to let the creation pass.
	Later bool `json:"later,omitempty"`
}

// passed keeps how the creation got past, for ContributeToDraft and for the step of a kind that asks later.
func (p *Provider) passed(c *auth.Creation, v captcha.Verdict) (auth.Check, error) {
	if !v.Later {
		c.Reach(auth.ReachedCaptcha)
	}
	return auth.Good(), c.Remember(id, passage{Kind: v.Kind, Later: v.Later})
}

// kindFull gives the limit of the kind that is about to be answered, if it is full: nobody should solve what then is of no
// use, and nothing is spent.
func (p *Provider) kindFull(ctx context.Context, a captcha.Attempt) (*auth.LimitError, error) {
	if len(p.cfg.Kinds) == 0 || p.unlimited(a.Creator) {
		return nil, nil
	}
	kind, err := p.cfg.Desk.KindOf(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("look at the captcha: %w", err)
	}
	full, err := limits.Test(ctx, p.cfg.Store, p.ofKind(kind, a.Creator))
	if err != nil {
		return nil, fmt.Errorf("look at accounts made by %s: %w", kind, err)
	}
	return full, nil
}

func refusedBy(full *auth.LimitError) auth.Check {
	if full == nil {
		return auth.Good()
	}
	return auth.Refused(full.Refusal())
}

// ofKind are the counters that an account made with the kind raises.
func (p *Provider) ofKind(kind string, who auth.Creator) []auth.Counter {
	var out []auth.Counter
	for i, l := range p.cfg.Kinds {
		if slices.Contains(l.Kinds, kind) {
			act := limits.Act{Name: "captchakind" + strconv.Itoa(i), Refusal: "gatehouse-captcha-full"}
			out = append(out, l.Rules.OfNetwork(act, who.Addr)...)
		}
	}
	return out
}

// unlimited tells who is not counted, as for all other accounts that are made.
func (p *Provider) unlimited(who auth.Creator) bool {
	return p.cfg.Allows(who.Account, auth.RightNoRateLimit)
}

// ContributeToDraft implements auth.DraftContributor: the account is counted for the kind when it is made, or not made.
func (p *Provider) ContributeToDraft(_ context.Context, c *auth.Creation, d *auth.Draft) error {
	var how passage
	found, err := c.Recall(id, &how)
	if err != nil || !found || p.unlimited(c.Creator) {
		return err
	}
	d.Counters = append(d.Counters, p.ofKind(how.Kind, c.Creator)...)
	return nil
}
