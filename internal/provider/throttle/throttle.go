// Package throttle is the pre-authentication provider that limits how often accounts are made, how often that is tried,
// and how often passwords are guessed.
//
// Attempts to create an account rise, and are durable, before anything dear is done for them, and are never given back.
// Accounts made are counted in the transaction that makes them: what was not made was not counted. Both are counted for
// the IPv4 address, the IPv6 /64 and the /48 around it; accounts made also for the signed-in creator, so that changing
// addresses does not help, and for all together. Sign-ins are counted for the name at an address, and for the address over all names.
//
// What is counted for an address is internal/throttle's; counting is the store's.
package throttle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"

	"gatehouse/auth"
	"gatehouse/internal/message"
	limits "gatehouse/internal/throttle"
)

// Config is what the provider is built from. Store, Names and Allows are required.
type Config struct {
	Store limits.Store
	// Creations limits accounts made, Attempts what was tried; no rule = no limit. A rule's network factor makes the limit of
	// the IPv6 /48.
	Creations, Attempts limits.Rules
	// Total limits accounts made from everywhere together.
	Total limits.Rules
	// Logins limits sign-ins tried for one name at one address. A rule's network factor makes the limit of the address over
	// all names, and once more that of the /48.
	Logins limits.Rules
	// Names makes one name of all its spellings.
	Names auth.Names
	// Allows tells whether an account has a right; creators with noratelimit are not limited.
	Allows func(auth.Account, auth.Right) bool
	// Exempt are the addresses from which creations are not limited.
	Exempt []netip.Prefix
	Logger *slog.Logger // nil = silent
}

// What is counted, and what is said. A limit on attempts has no message in the reference, so it is ours, with the code of
// its general "too often".
var (
	actCreation = limits.Act{Name: "create", Refusal: "acct_creation_throttle_hit"}
	actAttempt  = limits.Act{Name: "attempt"}
	actLogin    = limits.Act{Name: "login"}
	actLogins   = limits.Act{Name: "logins"}
)

const (
	keyAttempts message.Key = "gatehouse-attempts"
	keyLogins   message.Key = "login-throttled"
)

// Provider is safe for concurrent use.
type Provider struct{ cfg Config }

var (
	_ auth.PreProvider      = (*Provider)(nil)
	_ auth.CreationTester   = (*Provider)(nil)
	_ auth.DraftContributor = (*Provider)(nil)
	_ auth.LoginTester      = (*Provider)(nil)
	_ auth.LoginObserver    = (*Provider)(nil)
)

// New builds the provider.
func New(c Config) (*Provider, error) {
	if c.Store == nil || c.Names == nil || c.Allows == nil {
		return nil, errors.New("throttle provider: a store, names and rights are required")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Provider{cfg: c}, nil
}

// ID implements auth.Provider.
func (p *Provider) ID() auth.ProviderID { return "throttle" }

// Requests implements auth.Provider: the throttle asks nothing.
func (p *Provider) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

// TestForCreation implements auth.CreationTester. It reads the counters of accounts made and raises those of attempts.
func (p *Provider) TestForCreation(ctx context.Context, c *auth.Creation) (auth.Check, error) {
	if p.exempt(c) {
		return auth.Good(), nil
	}
	full, err := limits.Test(ctx, p.cfg.Store, p.creations(c.Creator))
	if err != nil {
		return auth.Check{}, fmt.Errorf("look at the accounts made: %w", err)
	}
	if full != nil {
		return auth.Refused(full.Refusal()), nil
	}
	full, err = limits.Rise(ctx, p.cfg.Store, p.cfg.Attempts.OfNetwork(actAttempt, c.Creator.Addr))
	if err != nil {
		return auth.Check{}, fmt.Errorf("count the attempt: %w", err)
	}
	if full != nil {
		return auth.Refused(message.New(keyAttempts, message.Duration(full.Wait))), nil
	}
	return auth.Good(), nil
}

// ContributeToDraft implements auth.DraftContributor: the account is counted when it is made, or not made.
func (p *Provider) ContributeToDraft(_ context.Context, c *auth.Creation, d *auth.Draft) error {
	if !p.exempt(c) {
		d.Counters = append(d.Counters, p.creations(c.Creator)...)
	}
	return nil
}

// creations are the counters that an account made by creator raises.
func (p *Provider) creations(creator auth.Creator) []auth.Counter {
	out := append(p.cfg.Creations.OfNetwork(actCreation, creator.Addr), p.cfg.Total.Counters(actCreation, "everybody")...)
	if creator.Anonymous() {
		return out
	}
	who := "account " + strconv.FormatInt(int64(creator.Account.ID), 10)
	return append(out, p.cfg.Creations.Counters(actCreation, who)...)
}

// exempt tells whom the limits on creations are not for: who has the right, the address, or an event pass.
func (p *Provider) exempt(c *auth.Creation) bool {
	if c.Subject.Pass != 0 || p.cfg.Allows(c.Creator.Account, auth.RightNoRateLimit) {
		return true
	}
	addr := c.Creator.Addr.Unmap()
	return slices.ContainsFunc(p.cfg.Exempt, func(net netip.Prefix) bool { return net.Contains(addr) })
}
