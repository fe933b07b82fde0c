package throttle

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"

	"gatehouse/auth"
	"gatehouse/internal/message"
	limits "gatehouse/internal/throttle"
)

// TestForLogin implements auth.LoginTester. The attempt is counted before the password is looked at, so that no number of
// guesses at once exceeds the limit.
func (p *Provider) TestForLogin(ctx context.Context, l *auth.Login) (auth.Check, error) {
	var counters []auth.Counter
	if name := limits.TypedName(l.Answers); name != "" { // who names nobody, and signs in elsewhere, guesses at nobody's password
		counters = p.ofName(l.Creator.Addr, name)
	}
	counters = append(counters, p.cfg.Logins.Widened().OfNetwork(actLogins, l.Creator.Addr)...)
	full, err := limits.Rise(ctx, p.cfg.Store, counters)
	if err != nil {
		return auth.Check{}, fmt.Errorf("count the sign-in: %w", err)
	}
	if full != nil {
		return auth.Refused(message.New(keyLogins, message.Duration(full.Wait))), nil
	}
	return auth.Good(), nil
}

// LoginEnded implements auth.LoginObserver: who signed in has not guessed. The count over all names stays, or an account
// of one's own would pay for guessing at others.
func (p *Provider) LoginEnded(ctx context.Context, l *auth.Login, r auth.Response) {
	if r.Status != auth.Pass || len(p.cfg.Logins) == 0 {
		return
	}
	var keys []string
	for _, c := range p.ofName(l.Creator.Addr, string(r.Account.Name)) {
		keys = append(keys, c.Key)
	}
	if err := p.cfg.Store.Clear(ctx, keys); err != nil {
		p.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "forget failed sign-ins", slog.Any("error", err))
	}
}

// ofName are the counters of one name at one address.
func (p *Provider) ofName(addr netip.Addr, name string) []auth.Counter {
	return p.cfg.Logins.Counters(actLogin, limits.Network(addr)+" "+limits.NameKey(p.cfg.Names, name))
}
