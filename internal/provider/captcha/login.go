package captcha

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	limits "gatehouse/internal/throttle"
)

// What is counted: failed sign-ins from an address and for a name, and who was asked because of a name. A list of fields is
// made for an address: it could not know the name.
var (
	actFailed       = limits.Act{Name: "badlogin"}
	actFailedOfName = limits.Act{Name: "badloginname"}
	actAsked        = limits.Act{Name: "badloginasked"}
)

// asked is how long an address is asked that tried a name which needs an answer.
func asked() limits.Rules { return limits.Rules{{Count: 1, Per: 5 * time.Minute}} }

// TestForLogin implements auth.LoginTester. What is wrong about the answer is not told apart from a wrong password.
func (p *Provider) TestForLogin(ctx context.Context, l *auth.Login) (auth.Check, error) {
	if !p.asksLogins(l.Creator.Addr) {
		return auth.Good(), nil
	}
	byAddress, err := p.asksAddress(ctx, l.Creator.Addr)
	if err != nil {
		return auth.Check{}, err
	}
	if !byAddress {
		byName, err := p.anyFull(ctx, p.failedOfName(limits.TypedName(l.Answers)))
		if err != nil || !byName {
			return auth.Good(), err
		}
		if _, err := limits.Rise(ctx, p.cfg.Store, asked().Counters(actAsked, limits.Network(l.Creator.Addr))); err != nil {
			return auth.Check{}, fmt.Errorf("ask the address: %w", err)
		}
	}
	who := captcha.Asker{Purpose: captcha.Login, Creator: l.Creator, Visitor: l.Visitor, Wish: l.CaptchaKind}
	v, err := p.judge(ctx, attempt(who, l.Answers), p.cfg.Desk.Judge)
	if err != nil {
		return auth.Check{}, err
	}
	return check(v, keyWrongPassword), nil
}

func (p *Provider) asksLogins(addr netip.Addr) bool { return p.cfg.Logins && !p.exempt(addr) }

// asksAddress tells whether every sign-in from addr needs an answer now.
func (p *Provider) asksAddress(ctx context.Context, addr netip.Addr) (bool, error) {
	if !p.asksLogins(addr) {
		return false, nil
	}
	counters := p.cfg.FailedLogins.OfNetwork(actFailed, addr)
	return p.anyFull(ctx, append(counters, asked().Counters(actAsked, limits.Network(addr))...))
}

func (p *Provider) anyFull(ctx context.Context, counters []auth.Counter) (bool, error) {
	full, err := limits.Test(ctx, p.cfg.Store, counters)
	if err != nil {
		return false, fmt.Errorf("look at failed sign-ins: %w", err)
	}
	return full != nil, nil
}

// failedOfName are the counters of one name at all addresses.
func (p *Provider) failedOfName(typed string) []auth.Counter {
	if typed == "" {
		return nil
	}
	return p.cfg.FailedLoginsOfName.Counters(actFailedOfName, limits.NameKey(p.cfg.Names, typed))
}

// LoginEnded implements auth.LoginObserver: it counts what failed, and forgets what was counted for the name of who signed in.
func (p *Provider) LoginEnded(ctx context.Context, l *auth.Login, r auth.Response) {
	if !p.asksLogins(l.Creator.Addr) || p.cfg.ReadOnly {
		return
	}
	var err error
	switch r.Status {
	case auth.Fail:
		counters := p.cfg.FailedLogins.OfNetwork(actFailed, l.Creator.Addr)
		counters = append(counters, p.failedOfName(limits.TypedName(l.Answers))...)
		for i := range counters {
			counters[i].Limit = math.MaxInt64 // one that is full must not keep the others from rising
		}
		_, err = limits.Rise(ctx, p.cfg.Store, counters)
	case auth.Pass:
		err = p.forget(ctx, p.failedOfName(string(r.Account.Name)))
	}
	if err != nil {
		p.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "count sign-ins for the captcha", slog.Any("error", err))
	}
}

// forget clears what was counted; nothing is written where nothing was.
func (p *Provider) forget(ctx context.Context, counters []auth.Counter) error {
	states, err := p.cfg.Store.Read(ctx, counters)
	if err != nil {
		return err
	}
	var keys []string
	for i, s := range states {
		if s.Count > 0 {
			keys = append(keys, counters[i].Key)
		}
	}
	return p.cfg.Store.Clear(ctx, keys)
}
