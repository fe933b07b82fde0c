package captcha

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// Rung is what some visitors are asked, and what they may ask for instead. Everything in it is good enough for them.
type Rung struct {
	First  Choice
	Others []Choice
}

// NetworkRung is the rung of creations from some networks.
type NetworkRung struct {
	Networks []netip.Prefix
	Rung
}

// Policy picks the kind by what is being done and by where it comes from. A Policy is plain data; NewLadder makes a Ladder
// of it.
type Policy struct {
	// Creation is for whoever makes an account, unless a network's rung is: the first that has the address.
	Creation Rung
	Networks []NetworkRung
	// Login is for whoever signs in where passwords were guessed; the zero Rung where nobody is asked.
	Login Rung
}

// NewLadder checks that there is a kind wherever somebody can be asked, and each of them once. A deferred kind cannot be
// asked at a sign-in.
func NewLadder(p Policy) (Ladder, error) {
	rungs := []Rung{p.Creation}
	if p.Login.First.Kind != nil {
		rungs = append(rungs, p.Login)
	}
	for _, n := range p.Networks {
		if len(n.Networks) == 0 {
			return nil, errors.New("captcha: a rung is for no network")
		}
		rungs = append(rungs, n.Rung)
	}
	for _, r := range rungs {
		if err := r.check(); err != nil {
			return nil, err
		}
	}
	for _, c := range p.Login.all() {
		if c.Kind == nil {
			continue
		}
		if _, deferred := c.Kind.(Deferred); deferred {
			return nil, fmt.Errorf("captcha: %s cannot be asked at a sign-in", c.Kind.Name())
		}
	}
	return p, nil
}

func (r Rung) check() error {
	seen := map[Code]bool{}
	for _, c := range r.all() {
		if c.Kind == nil {
			return errors.New("captcha: a rung has no kind")
		}
		if seen[c.Kind.Code()] {
			return fmt.Errorf("captcha: a rung has %s twice", c.Kind.Name())
		}
		seen[c.Kind.Code()] = true
	}
	return nil
}

func (r Rung) all() []Choice { return append([]Choice{r.First}, r.Others...) }

// Choose implements Ladder. A wish that cannot be granted is none.
func (p Policy) Choose(_ context.Context, who Asker) (Choice, []string, error) {
	all := p.rung(who).all()
	ways := make([]string, len(all))
	chosen := all[0]
	for i, c := range all {
		if ways[i] = c.Kind.Name(); ways[i] == who.Wish {
			chosen = c
		}
	}
	return chosen, ways, nil
}

// Accepts implements Ladder. A challenge without a difficulty of its own has the kind's.
func (p Policy) Accepts(_ context.Context, who Asker, answered Choice) (bool, error) {
	return slices.ContainsFunc(p.rung(who).all(), func(c Choice) bool {
		return c.Kind.Code() == answered.Kind.Code() && (answered.Difficulty == 0 || answered.Difficulty >= c.Difficulty)
	}), nil
}

func (p Policy) rung(who Asker) Rung {
	if who.Purpose == Login {
		return p.Login
	}
	addr := who.Creator.Addr.Unmap()
	for _, n := range p.Networks {
		if slices.ContainsFunc(n.Networks, func(net netip.Prefix) bool { return net.Contains(addr) }) {
			return n.Rung
		}
	}
	return p.Creation
}
