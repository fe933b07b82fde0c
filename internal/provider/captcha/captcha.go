// Package captcha is the pre-authentication provider that asks visitors for the answer to a captcha: whoever creates an
// account, and whoever signs in where passwords have been guessed.
//
// It decides who is asked, when, and what a refusal says. What is asked, and whether an answer is right, is
// internal/captcha's business. Its test runs after those of all other providers, because an answer counts once.
package captcha

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"

	"gatehouse/auth"
	"gatehouse/internal/captcha"
	"gatehouse/internal/message"
	limits "gatehouse/internal/throttle"
)

// Desk hands out challenges and takes answers. *captcha.Desk implements it.
type Desk interface {
	Ask(ctx context.Context, who captcha.Asker) (auth.Request, error)
	// KindOf names the kind that Judge would find; empty if none.
	KindOf(ctx context.Context, a captcha.Attempt) (string, error)
	Judge(ctx context.Context, a captcha.Attempt) (captcha.Verdict, error)
	Probe(ctx context.Context, a captcha.Attempt) (captcha.Verdict, error)
}

// Config is what the provider is built from. Desk, Store, Names and Allows are required.
type Config struct {
	Desk  Desk
	Store limits.Store
	// Creations and Logins tell when somebody is asked: at every creation; at sign-ins after failed ones.
	Creations, Logins bool
	// FailedLogins is how many failed sign-ins from an address make it be asked, FailedLoginsOfName how many for a name; of
	// several rules one is enough.
	FailedLogins, FailedLoginsOfName limits.Rules
	// WrongAnswers limits wrong answers; signed-in creators may give twice as many.
	WrongAnswers limits.Rules
	// Pass is the request of event passes; empty = there are none. A pass that holds needs no answer beside it.
	Pass auth.RequestID
	// Kinds limits the accounts that are made with some kinds.
	Kinds []KindLimit
	// Exempt are the addresses that are never asked.
	Exempt []netip.Prefix
	// SkipConfirmed does not ask creators whose address is confirmed.
	SkipConfirmed bool
	// ReadOnly sites write nothing: failed sign-ins are not counted.
	ReadOnly bool
	// Names makes one name of all its spellings.
	Names auth.Names
	// Allows tells whether an account has a right; creators with skipcaptcha are not asked.
	Allows func(auth.Account, auth.Right) bool
	Logger *slog.Logger // nil = silent
}

const id auth.ProviderID = "captcha"

const (
	keyFailed        message.Key = "captcha-createaccount-fail"
	keyError         message.Key = "captcha-error"
	keyWrongPassword message.Key = "wrongpassword"
)

var actWrong = limits.Act{Name: "badcaptcha"}

// Provider is safe for concurrent use.
type Provider struct{ cfg Config }

var (
	_ auth.PreProvider      = (*Provider)(nil)
	_ auth.CreationTester   = (*Provider)(nil)
	_ auth.DraftContributor = (*Provider)(nil)
	_ auth.LoginTester      = (*Provider)(nil)
	_ auth.LoginObserver    = (*Provider)(nil)
	_ auth.Spender          = (*Provider)(nil)
)

// New builds the provider.
func New(c Config) (*Provider, error) {
	if c.Desk == nil || c.Store == nil || c.Names == nil || c.Allows == nil {
		return nil, errors.New("captcha provider: a desk, a store, names and rights are required")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Provider{cfg: c}, nil
}

// ID implements auth.Provider.
func (*Provider) ID() auth.ProviderID { return id }

// Requests asks for an answer where one is needed. It stores nothing.
func (p *Provider) Requests(ctx context.Context, o auth.Options) ([]auth.Request, error) {
	who := captcha.Asker{Creator: o.Creator, Wish: o.CaptchaKind}
	switch {
	case o.Action == auth.ActionCreate && p.asksCreator(o.Creator):
		who.Purpose = captcha.Creation
	case o.Action == auth.ActionLogin:
		asks, err := p.asksAddress(ctx, o.Creator.Addr)
		if err != nil || !asks {
			return nil, err
		}
		who.Purpose = captcha.Login
	default:
		return nil, nil
	}
	if o.Visitor != nil {
		who.Visitor = o.Visitor()
	}
	r, err := p.cfg.Desk.Ask(ctx, who)
	if err != nil {
		return nil, err
	}
	return []auth.Request{r}, nil
}

// TestForCreation implements auth.CreationTester. Who brings an event pass has shown enough.
func (p *Provider) TestForCreation(ctx context.Context, c *auth.Creation) (auth.Check, error) {
	if !p.asksCreator(c.Creator) || c.Subject.Pass != 0 {
		return auth.Good(), nil
	}
	a := creation(c)
	if full, err := p.kindFull(ctx, a); err != nil || full != nil {
		return refusedBy(full), err
	}
	v, err := p.judge(ctx, a, p.cfg.Desk.Judge)
	switch {
	case err != nil:
		return auth.Check{}, err
	case v.Later && c.Subject.Email == "":
		return auth.Refused(message.New(keyMailWhere)), nil
	case v.Right || v.Later:
		return p.passed(c, v)
	}
	return check(v, keyFailed), nil
}

// TestRefused implements auth.Spender. Whether an event pass is good was not looked at yet: who brings one without an answer
// hears first what else is wrong.
func (p *Provider) TestRefused(ctx context.Context, c *auth.Creation) (auth.Check, error) {
	a := creation(c)
	if !p.asksCreator(c.Creator) || a.Word == "" && p.bringsPass(c.Answers) {
		return auth.Good(), nil
	}
	v, err := p.judge(ctx, a, p.cfg.Desk.Probe)
	if err != nil || v.Later {
		return auth.Check{}, err
	}
	return check(v, keyFailed), nil
}

func (p *Provider) bringsPass(as auth.Answers) bool {
	a, _ := as.Get(p.cfg.Pass)
	for _, v := range a.Values {
		if v != "" {
			return true
		}
	}
	return false
}

func creation(c *auth.Creation) captcha.Attempt {
	a := attempt(captcha.Asker{Purpose: captcha.Creation, Creator: c.Creator, Visitor: c.Visitor, Wish: c.CaptchaKind}, c.Answers)
	a.Subject = c.Subject
	return a
}

// attempt is what of a submission is an answer.
func attempt(who captcha.Asker, as auth.Answers) captcha.Attempt {
	a, _ := as.Get(captcha.RequestID)
	return captcha.Attempt{
		Asker: who, ID: a.Values[captcha.FieldID], Word: a.Values[captcha.FieldWord], Answers: as,
	}
}

// judge takes an answer, unless too many were wrong lately: then none counts, and none is spent.
func (p *Provider) judge(
	ctx context.Context, a captcha.Attempt, judge func(context.Context, captcha.Attempt) (captcha.Verdict, error),
) (captcha.Verdict, error) {
	counters := p.wrongAnswers(a.Creator)
	full, err := limits.Test(ctx, p.cfg.Store, counters)
	if err != nil {
		return captcha.Verdict{}, fmt.Errorf("look at wrong answers: %w", err)
	}
	if full != nil {
		return captcha.Verdict{}, nil
	}
	v, err := judge(ctx, a)
	if err != nil || v.Right || v.Later || v.Fault != "" || a.Word == "" {
		return v, err
	}
	if _, err := limits.Rise(ctx, p.cfg.Store, counters); err != nil {
		return captcha.Verdict{}, fmt.Errorf("count the wrong answer: %w", err)
	}
	return v, nil
}

// wrongAnswers are the counters that a wrong answer raises.
func (p *Provider) wrongAnswers(who auth.Creator) []auth.Counter {
	if who.Anonymous() {
		return p.cfg.WrongAnswers.OfNetwork(actWrong, who.Addr)
	}
	twice := slices.Clone(p.cfg.WrongAnswers)
	for i := range twice {
		twice[i].Count *= 2
	}
	return twice.Counters(actWrong, "account "+strconv.FormatInt(int64(who.Account.ID), 10))
}

func check(v captcha.Verdict, failed message.Key) auth.Check {
	switch {
	case v.Right:
		return auth.Good()
	case v.Fault != "":
		return auth.Refused(message.New(keyError, message.Text(v.Fault)))
	case !v.Reason.IsZero():
		return auth.Refused(v.Reason)
	}
	return auth.Refused(message.New(failed))
}

// asksCreator tells whether a creation by who needs an answer.
func (p *Provider) asksCreator(who auth.Creator) bool {
	switch {
	case !p.cfg.Creations || p.exempt(who.Addr):
		return false
	case who.Anonymous():
		return true
	case p.cfg.SkipConfirmed && !who.Account.EmailConfirmed.IsZero():
		return false
	}
	return !p.cfg.Allows(who.Account, auth.RightSkipCaptcha)
}

func (p *Provider) exempt(addr netip.Addr) bool {
	addr = addr.Unmap()
	return slices.ContainsFunc(p.cfg.Exempt, func(net netip.Prefix) bool { return net.Contains(addr) })
}
