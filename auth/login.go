package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gatehouse/internal/message"
)

// BeginLogin starts a sign-in. On Pass the caller signs Response.Account in, which gives the client a new session unless
// the credentials changed meanwhile (LoginOver); the Manager keeps no sessions.
func (m *Manager) BeginLogin(ctx context.Context, c Client, b Begin) (Response, error) {
	run := newLoginRun(m, c, first)
	run.preserve = b.Preserve
	run.login.Answers, run.login.ReturnURL, run.alone = b.Answers, b.ReturnURL, b.Alone
	run.state.Answers, run.state.ReturnURL = b.Answers.withoutSecrets(), b.ReturnURL
	defer run.login.release()
	return execute(ctx, run, loginPhases)
}

// LoginOver is what the caller answers, in the place of the Pass r, when the session of r could not be started because the
// account's credentials changed meanwhile (ErrChanged).
func (m *Manager) LoginOver(ctx context.Context, c Client, r Response) Response {
	run := newLoginRun(m, c, every)
	over := Failed(message.New(keyLoginNotInProgress))
	run.report(ctx, "session", r.Account.Name, over)
	return over
}

// ContinueLogin goes on with the client's sign-in, as ContinueCreation does with a creation.
func (m *Manager) ContinueLogin(ctx context.Context, c Client, a Answers) (Response, error) {
	run := newLoginRun(m, c, later)
	run.login.Answers = a
	return execute(ctx, run, loginPhases)
}

// loginPhases is the flow of a sign-in.
var loginPhases = []phase[*loginRun]{
	{"site", every, (*loginRun).siteOpen},
	{"resume", later, (*loginRun).resumeFlow},
	{"preserved", first, (*loginRun).preserved},
	{"older flow", first, (*loginRun).forgetOlder},
	{"reserve", first, (*loginRun).reserve},
	{"tests", first, (*loginRun).test},
	{"primary", every, (*loginRun).primary},
	{"steps", every, (*loginRun).steps},
	{"confirmed", every, (*loginRun).confirmed},
	{"blocks", every, (*loginRun).follow},
	{"done", every, (*loginRun).pass},
}

// loginRun is one submission of a sign-in.
type loginRun struct {
	flowRun
	login Login
	alone bool // no step can follow
}

func newLoginRun(m *Manager, c Client, in submission) *loginRun {
	r := &loginRun{flowRun: flowRun{m: m, client: c, kind: flowLogin, submission: in}}
	r.login.Creator, r.login.Visitor, r.login.CaptchaKind = c.Creator, c.Session.FlowID(), c.CaptchaKind
	r.answers, r.memory = &r.login.Answers, &r.login.memory
	return r
}

func (r *loginRun) named() Name {
	if r.login.Account.ID != 0 {
		return r.login.Account.Name
	}
	return r.login.Claimed
}

func (r *loginRun) ended(ctx context.Context, resp Response) {
	for _, p := range r.m.providers {
		if o, ok := p.(LoginObserver); ok {
			o.LoginEnded(ctx, &r.login, resp)
		}
	}
}

func (r *loginRun) resumeFlow(ctx context.Context) (*Response, error) {
	found, err := r.resume(ctx)
	if err != nil {
		return nil, err
	}
	if !found {
		return refuse(message.New(keyLoginNotInProgress)), nil
	}
	r.login.ReturnURL = r.state.ReturnURL
	if r.state.AccountID == 0 {
		return nil, nil
	}
	// Read afresh: the account may have changed since the first submission.
	r.login.Account, err = r.m.cfg.Accounts.AccountByID(ctx, r.state.AccountID)
	if err != nil {
		return nil, fmt.Errorf("look up the account of this flow: %w", err)
	}
	if r.login.Account.Stamp != r.state.Stamp {
		return refuse(message.New(keyLoginNotInProgress)), nil
	}
	return nil, nil
}

func (r *loginRun) forgetOlder(ctx context.Context) (*Response, error) { return r.endOlderFlow(ctx) }

func (r *loginRun) reserve(ctx context.Context) (*Response, error) {
	for _, p := range r.m.providers {
		reserver, ok := p.(LoginReserver)
		if !ok {
			continue
		}
		place, err := reserver.ReserveForLogin(ctx, &r.login)
		if err != nil {
			return nil, err
		}
		if place != nil {
			r.login.Hold(p.ID(), place)
		}
	}
	return nil, nil
}

func (r *loginRun) test(ctx context.Context) (*Response, error) {
	for _, p := range r.m.testers {
		t, ok := p.(LoginTester)
		if !ok {
			continue
		}
		check, err := t.TestForLogin(ctx, &r.login)
		if err != nil {
			return nil, fmt.Errorf("test with %s: %w", p.ID(), err)
		}
		if !check.OK() {
			return refuse(check.Findings...), nil
		}
	}
	return nil, nil
}

func (r *loginRun) primary(ctx context.Context) (*Response, error) {
	if r.state.PrimaryDone {
		return nil, nil
	}
	for _, p := range r.m.cfg.Primary {
		if r.state.Primary != "" && r.state.Primary != p.ID() {
			continue
		}
		resp, err := r.step(ctx, p, p.BeginLogin)
		if err != nil {
			return nil, err
		}
		if resp.Status == Abstain {
			continue
		}
		r.state.Primary = p.ID()
		if resp.Status == Pass {
			if resp.Account.ID == 0 {
				return nil, fmt.Errorf("%s passed a sign-in without an account", p.ID())
			}
			r.state.PrimaryDone, r.login.Account = true, resp.Account
		}
		return r.settle(ctx, p.ID(), resp)
	}
	return refuse(message.New(keyLoginNoPrimary)), nil
}

func (r *loginRun) steps(ctx context.Context) (*Response, error) {
	for _, p := range r.m.cfg.Secondary {
		if slices.Contains(r.state.Done, p.ID()) {
			continue
		}
		resp, err := r.step(ctx, p, p.BeginLogin)
		if err != nil {
			return nil, err
		}
		if resp.Status == Pass || resp.Status == Abstain {
			r.state.Done = append(r.state.Done, p.ID())
			continue
		}
		return r.settle(ctx, p.ID(), resp)
	}
	return nil, nil
}

func (r *loginRun) step(
	ctx context.Context, p Provider, begin func(context.Context, *Login) (Response, error),
) (Response, error) {
	var goOn func() (Response, error)
	if c, ok := p.(LoginContinuer); ok {
		goOn = func() (Response, error) { return c.ContinueLogin(ctx, &r.login) }
	}
	return r.call(p.ID(), func() (Response, error) { return begin(ctx, &r.login) }, goOn)
}

func (r *loginRun) settle(ctx context.Context, id ProviderID, resp Response) (*Response, error) {
	switch resp.Status {
	case Pass:
		return nil, nil
	case Fail, Restart:
		return &resp, nil
	case UI, Redirect:
		return r.wait(ctx, id, resp)
	}
	return nil, fmt.Errorf("%s answered %q to a sign-in", id, resp.Status)
}

func (r *loginRun) wait(ctx context.Context, id ProviderID, resp Response) (*Response, error) {
	if r.alone {
		return &resp, nil
	}
	r.state.AccountID, r.state.Stamp = r.login.Account.ID, r.login.Account.Stamp
	err := r.store(ctx, id, resp)
	if errors.Is(err, ErrTooManyFlows) {
		return refuse(message.New(keyTooMuch)), nil
	}
	return &resp, err
}

// confirmed comes last: a step before it may prove that the address is the person's.
func (r *loginRun) confirmed(context.Context) (*Response, error) {
	if r.m.held(r.login.Account) {
		return refuse(message.New(KeyUnconfirmed)), nil
	}
	return nil, nil
}

// follow lets blocks of the account follow it to where it was signed in from: by then it is proven that it is the account.
func (r *loginRun) follow(ctx context.Context) (*Response, error) {
	who := Creator{Account: r.login.Account, Addr: r.client.Creator.Addr}
	blocks, err := r.m.cfg.Accounts.BlocksOn(ctx, who)
	if err != nil {
		return nil, fmt.Errorf("look up blocks: %w", err)
	}
	return nil, r.m.follow(ctx, who, blocks)
}

func (r *loginRun) pass(context.Context) (*Response, error) {
	a := r.login.Account
	remember := r.state.Answers.on(FieldRememberMe) || r.login.Answers.on(FieldRememberMe)
	return &Response{Status: Pass, Username: a.Name, Account: a, Remember: remember}, nil
}
