package totp

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/throttle"
)

// BeginLogin asks for a code, or what is as good, if the account has a factor that was not proven yet.
func (p *Provider) BeginLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	for _, other := range p.cfg.Beside {
		if proven, err := other.FactorProven(l); err != nil || proven {
			return auth.Abstained(), err
		}
	}
	enabled, err := p.Enabled(ctx, l.Account)
	if err != nil || !enabled {
		return auth.Abstained(), err
	}
	return p.ask(ctx, l, message.New(keyLogin))
}

// ask asks for a code, and beside it for the other factors that the account has. The field of the code is always there: it
// takes recovery codes too.
func (p *Provider) ask(ctx context.Context, l *auth.Login, why auth.Message) (auth.Response, error) {
	requests := []auth.Request{codeRequest(l.Account)}
	for _, other := range p.cfg.Beside {
		more, err := other.AskFactor(ctx, l)
		if err != nil {
			return auth.Response{}, err
		}
		requests = append(requests, more...)
	}
	if len(requests) > 1 {
		for i := range requests {
			requests[i].Required = auth.Optional // one of them is enough
		}
	}
	return auth.Asked(why, requests...), nil
}

func codeRequest(a auth.Account) auth.Request {
	return auth.Request{
		ID: loginID, Required: auth.RequiredAlways,
		Provider: message.New("oathauth-provider"), Account: message.Literal(string(a.Name)),
		Fields: []auth.Field{{
			Name: loginField, Type: auth.FieldString,
			Label: message.New("oathauth-auth-token-label"), Help: message.New("oathauth-auth-token-help"),
		}},
	}
}

// ContinueLogin takes a code, of an app or for recovery, or another factor. A code that was typed is what counts.
func (p *Provider) ContinueLogin(ctx context.Context, l *auth.Login) (auth.Response, error) {
	answer, _ := l.Answers.Get(loginID)
	typed := answer.Values[loginField]
	if compact(typed) == "" {
		return p.takeOther(ctx, l)
	}
	ok, limit, err := p.Check(ctx, l.Account, typed)
	switch {
	case err != nil:
		return auth.Response{}, err
	case limit != nil:
		return p.ask(ctx, l, throttled(limit))
	case !ok:
		return p.ask(ctx, l, message.New(keyLoginFailed))
	}
	return auth.Passed(), nil
}

func (p *Provider) takeOther(ctx context.Context, l *auth.Login) (auth.Response, error) {
	for _, other := range p.cfg.Beside {
		tried, proven, err := other.ProveFactor(ctx, l)
		switch {
		case err != nil:
			return auth.Response{}, err
		case proven:
			return auth.Passed(), nil
		case tried:
			return p.ask(ctx, l, message.New(keyOtherFailed))
		}
	}
	return p.ask(ctx, l, message.New(keyLoginFailed))
}

// throttled tells how long to wait.
func throttled(limit *auth.LimitError) auth.Message {
	return message.New(keyThrottled, message.Duration(limit.Wait))
}

// Enabled reports whether the account has a factor of any kind.
func (p *Provider) Enabled(ctx context.Context, a auth.Account) (bool, error) {
	all, err := p.cfg.Store.Credentials(ctx, a.ID)
	return hasFactor(all), err
}

func hasFactor(all []auth.Credential) bool {
	return slices.ContainsFunc(all, func(c auth.Credential) bool { return c.Kind.IsFactor() })
}

// Check takes a code of the account, which is spent then. It counts guesses, before it looks at the code; a limit that is
// reached comes back and nothing else happened.
func (p *Provider) Check(ctx context.Context, a auth.Account, typed string) (bool, *auth.LimitError, error) {
	limit, err := p.guess(ctx, a)
	if err != nil || limit != nil {
		return false, limit, err
	}
	ok, err := p.spend(ctx, a, compact(typed))
	if err != nil || !ok {
		return false, nil, err
	}
	return true, nil, p.cfg.Store.Clear(ctx, p.guessKeys(a))
}

// guess counts a try to name a code of the account.
func (p *Provider) guess(ctx context.Context, a auth.Account) (*auth.LimitError, error) {
	limit, err := throttle.Rise(ctx, p.cfg.Store, p.guesses(a))
	if limit != nil {
		p.log(ctx, "too many wrong codes", a)
	}
	return limit, err
}

func (p *Provider) guesses(a auth.Account) []auth.Counter {
	return p.limits.Counters(throttle.Act{Name: "oath", Refusal: string(keyThrottled)}, strconv.FormatInt(int64(a.ID), 10))
}

func (p *Provider) guessKeys(a auth.Account) []string {
	var keys []string
	for _, c := range p.guesses(a) {
		keys = append(keys, c.Key)
	}
	return keys
}

func (p *Provider) spend(ctx context.Context, a auth.Account, code string) (bool, error) {
	if isCode(code) {
		return p.spendStep(ctx, a, code)
	}
	all, err := p.cfg.Store.Credentials(ctx, a.ID)
	if err != nil || !hasFactor(all) {
		return false, err
	}
	ok, err := p.spendRecovery(ctx, a, all, code)
	if ok {
		p.log(ctx, "a recovery code was used", a)
	}
	return ok, err
}

// spendTries bounds how often an app is read again that another sign-in, or its owner, changed meanwhile.
const spendTries = 5

// spendStep writes down that the code's half minute was used. Of several that bring one code at once, one succeeds.
func (p *Provider) spendStep(ctx context.Context, a auth.Account, code string) (bool, error) {
	now := p.cfg.Clock()
	for range spendTries {
		_, apps, err := p.held(ctx, a)
		if err != nil {
			return false, err
		}
		was, step, err := p.match(ctx, a, apps, code, now)
		if err != nil || step == 0 {
			return false, err
		}
		is := was
		is.Step = step
		value, err := is.encode()
		if err == nil {
			err = p.cfg.Store.ReplaceCredential(ctx, a.ID, was.kind, was.raw, value)
		}
		if !errors.Is(err, auth.ErrNotFound) {
			return err == nil, err
		}
	}
	return false, nil
}

// match finds the app that shows the code and the step; step 0 = none does. An app whose secret cannot be read is left
// out, so that it does not stand in the way of the others.
func (p *Provider) match(ctx context.Context, a auth.Account, apps []app, code string, now time.Time) (found app, step int64, err error) {
	for _, one := range apps {
		secret, openErr := p.secret(a.Name, one)
		if openErr != nil {
			p.cfg.Logger.LogAttrs(ctx, slog.LevelError, "second factor", slog.String("error", openErr.Error()))
			err = errors.Join(err, openErr)
			continue
		}
		if s := matchingStep(secret, code, now, one.Step); s != 0 {
			found, step = one, s
		}
	}
	if step != 0 {
		err = nil
	}
	return found, step, err
}
