package auth

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"gatehouse/internal/message"
)

// BeginCreation starts a creation with its first submission and takes it as far as it goes. Pass carries the account;
// UI and Redirect mean that the client's session got a fresh flow secret and the creation waits. An *OverloadError is the
// only error a client can mend, by coming back later.
func (m *Manager) BeginCreation(ctx context.Context, c Client, b Begin) (Response, error) {
	run := newCreationRun(m, c, first)
	run.preserve = b.Preserve
	run.creation.Answers, run.creation.ReturnURL = b.Answers, b.ReturnURL
	run.state.Answers, run.state.ReturnURL = b.Answers.withoutSecrets(), b.ReturnURL
	defer run.creation.release()
	return execute(ctx, run, creationPhases)
}

// ContinueCreation goes on with the client's creation. Of several submissions at once exactly one continues it; the
// others are told that no creation is in progress.
func (m *Manager) ContinueCreation(ctx context.Context, c Client, a Answers) (Response, error) {
	run := newCreationRun(m, c, later)
	run.creation.Answers = a
	return execute(ctx, run, creationPhases)
}

// creationPhases is the flow. The order is the reference's, with the cheap before the dear.
var creationPhases = []phase[*creationRun]{
	{"preserved", first, (*creationRun).preserved},
	{"subject", first, (*creationRun).nameSubject},
	{"site", every, (*creationRun).siteOpen}, // before the claim, which writes
	{"resume", later, (*creationRun).resumeFlow},
	{"creator", every, (*creationRun).creatorAllowed},
	{"reserve", first, (*creationRun).reserve},
	{"question", first, (*creationRun).mayAsk},
	{"name", first, (*creationRun).nameFree},
	{"describe", first, (*creationRun).describe},
	{"older flow", first, (*creationRun).forgetOlder},
	{"cheap tests", first, (*creationRun).testCheaply},
	{"tests", first, (*creationRun).test},
	{"primary", every, (*creationRun).primary},
	{"name", later, (*creationRun).nameFree}, // after the primary: what was proven is kept where the name was taken meanwhile
	{"required steps", every, (*creationRun).requiredSteps},
	{"commit", every, (*creationRun).commit},
	{"optional steps", every, (*creationRun).optionalSteps},
	{"done", every, (*creationRun).pass},
}

// creationRun is one submission of a creation.
type creationRun struct {
	flowRun
	creation Creation
	account  Account // set by commit
	asked    bool    // the answer will tell a stranger whether the name is free
	taken    bool    // an account has the name already
	tested   bool    // the tests have begun: the providers are told how it ends
}

func newCreationRun(m *Manager, c Client, in submission) *creationRun {
	r := &creationRun{flowRun: flowRun{m: m, client: c, kind: flowCreate, submission: in}}
	r.creation.Creator, r.creation.Visitor, r.creation.CaptchaKind = c.Creator, c.Session.FlowID(), c.CaptchaKind
	r.answers, r.memory, r.reached = &r.creation.Answers, &r.creation.memory, &r.creation.reached
	return r
}

// named is the account's name if there is one: what people type into the field of names may be anything, a password too.
func (r *creationRun) named() Name {
	if r.creation.AccountID == 0 && !r.taken {
		return ""
	}
	return r.creation.Subject.Name
}

func (r *creationRun) ended(ctx context.Context, resp Response) {
	r.countQuestion(resp)
	if !r.tested {
		return
	}
	for _, p := range r.m.providers {
		if o, ok := p.(CreationObserver); ok {
			o.CreationEnded(ctx, &r.creation, resp)
		}
	}
}

func (r *creationRun) nameSubject(context.Context) (*Response, error) {
	if typed := r.creation.Answers.username(); typed != "" {
		r.creation.Subject.Name = Name(typed) // the name phase makes it canonical
	}
	if r.creation.Subject.Name == "" {
		return refuse(message.New(keyNoName)), nil
	}
	return nil, nil
}

func (r *creationRun) resumeFlow(ctx context.Context) (*Response, error) {
	found, err := r.resume(ctx)
	if err != nil {
		return nil, err
	}
	r.tested = r.claimed
	if !found {
		return refuse(message.New(keyCreateNotInProgress)), nil
	}
	r.creation.Subject, r.creation.ReturnURL = r.state.Subject, r.state.ReturnURL
	r.creation.AccountID, r.creation.Stamp, r.creation.Withheld = r.state.AccountID, r.state.Stamp, r.state.Withheld
	if r.state.Target != "" {
		r.creation.Reach(ReachedReturn)
	}
	return nil, nil
}

func (r *creationRun) creatorAllowed(ctx context.Context) (*Response, error) {
	check, blocks, err := r.m.creatorCheck(ctx, r.client.Creator)
	if err == nil {
		err = r.m.follow(ctx, r.client.Creator, blocks)
	}
	if err != nil || check.OK() {
		return nil, err
	}
	return refuse(check.Findings...), nil
}

func (r *creationRun) reserve(ctx context.Context) (*Response, error) {
	for _, p := range r.m.providers {
		reserver, ok := p.(Reserver)
		if !ok {
			continue
		}
		place, err := reserver.ReserveForCreation(ctx, &r.creation)
		if err != nil {
			return nil, err
		}
		if place != nil {
			r.creation.Hold(p.ID(), place)
		}
	}
	return nil, nil
}

// accountStillThere guards the optional steps: the account of this flow was committed by an earlier submission. Where its
// credentials are others by now its owner has been here, and whoever made it does nothing more to it.
func (r *creationRun) accountStillThere(ctx context.Context) (*Response, error) {
	account, err := r.m.cfg.Accounts.AccountByID(ctx, r.creation.AccountID)
	if err != nil {
		return nil, fmt.Errorf("look up the account of this flow: %w", err)
	}
	r.account = account
	if account.Stamp != r.creation.Stamp {
		return r.pass(ctx) // at the old stamp, so that nobody is signed in either
	}
	return nil, nil
}

func (r *creationRun) describe(ctx context.Context) (*Response, error) {
	if r.creation.Creator.Anonymous() {
		r.creation.Subject.Language = r.client.Language
	}
	for _, p := range r.m.cfg.Subject {
		if check := p.Describe(&r.creation); !check.OK() {
			if _, err := r.endOlderFlow(ctx); err != nil {
				return nil, err
			}
			return refuse(check.Findings...), nil
		}
	}
	return nil, nil
}

func (r *creationRun) forgetOlder(ctx context.Context) (*Response, error) { return r.endOlderFlow(ctx) }

func (r *creationRun) primary(ctx context.Context) (*Response, error) {
	if r.state.PrimaryDone {
		return nil, nil
	}
	for _, p := range r.m.cfg.Primary {
		if p.CreationType() == CreationNone || (r.state.Primary != "" && r.state.Primary != p.ID()) {
			continue
		}
		resp, err := r.step(ctx, p, p.BeginCreation)
		if err != nil {
			return nil, err
		}
		if resp.Status == Abstain {
			continue
		}
		r.state.Primary = p.ID()
		r.state.PrimaryDone = resp.Status == Pass
		return r.settle(ctx, p.ID(), resp)
	}
	return refuse(message.New(keyCreateNoPrimary)), nil
}

func (r *creationRun) requiredSteps(ctx context.Context) (*Response, error) {
	return r.steps(ctx, true)
}

func (r *creationRun) optionalSteps(ctx context.Context) (*Response, error) {
	return r.steps(ctx, false)
}

// steps runs the secondary providers before or after the commit, each once a flow.
func (r *creationRun) steps(ctx context.Context, beforeCommit bool) (*Response, error) {
	for _, p := range r.m.cfg.Secondary {
		if p.BeforeCommit() != beforeCommit || slices.Contains(r.state.Done, p.ID()) {
			continue
		}
		resp, err := r.step(ctx, p, p.BeginCreation)
		if err != nil {
			return nil, err
		}
		switch resp.Status {
		case Pass, Abstain:
			r.state.Done = append(r.state.Done, p.ID())
			continue
		case Fail:
			if !beforeCommit {
				return nil, fmt.Errorf("%s refused an account that is already made", p.ID())
			}
		}
		return r.settle(ctx, p.ID(), resp)
	}
	return nil, nil
}

func (r *creationRun) step(
	ctx context.Context, p Provider, begin func(context.Context, *Creation) (Response, error),
) (Response, error) {
	var goOn func() (Response, error)
	if c, ok := p.(CreationContinuer); ok {
		goOn = func() (Response, error) { return c.ContinueCreation(ctx, &r.creation) }
	}
	return r.call(p.ID(), func() (Response, error) { return begin(ctx, &r.creation) }, goOn)
}

// settle turns a provider's response into what the table goes on with: nil after Pass, the response otherwise, its flow
// stored if it waits.
func (r *creationRun) settle(ctx context.Context, id ProviderID, resp Response) (*Response, error) {
	switch resp.Status {
	case Pass:
		return nil, nil
	case Fail:
		return &resp, nil
	case UI, Redirect:
		return r.wait(ctx, id, resp)
	}
	return nil, fmt.Errorf("%s answered %q to a creation", id, resp.Status)
}

// wait stores the flow. The network's limit on open flows refuses a flow that has made nothing yet; an account that is
// made stays whole without its optional steps.
func (r *creationRun) wait(ctx context.Context, id ProviderID, resp Response) (*Response, error) {
	r.state.Subject, r.state.AccountID, r.state.Withheld = r.creation.Subject, r.creation.AccountID, r.creation.Withheld
	r.state.Stamp = r.creation.Stamp
	err := r.dropDescription(ctx)
	if err == nil {
		err = r.store(ctx, id, resp)
	}
	if err == nil && resp.Status == Redirect {
		r.creation.Reach(ReachedAway)
	}
	switch {
	case !errors.Is(err, ErrTooManyFlows):
		return &resp, err
	case r.creation.AccountID != 0:
		return r.pass(ctx)
	}
	return refuse(message.New(keyTooMuch)), nil
}

// dropDescription leaves out of the stored answers what the subject holds already: a long reason would fill the row.
func (r *creationRun) dropDescription(ctx context.Context) error {
	if r.submission != first {
		return nil
	}
	for _, p := range r.m.cfg.Subject {
		requests, err := p.Requests(ctx, Options{Action: ActionCreate, Creator: r.creation.Creator, CaptchaKind: r.creation.CaptchaKind})
		if err != nil {
			return fmt.Errorf("list requests of %s: %w", p.ID(), err)
		}
		r.state.Answers = slices.DeleteFunc(r.state.Answers, func(a Answer) bool {
			return slices.ContainsFunc(requests, func(req Request) bool { return req.ID == a.ID })
		})
	}
	return nil
}

func (r *creationRun) commit(ctx context.Context) (*Response, error) {
	if r.creation.AccountID != 0 {
		return nil, nil
	}
	draft, err := r.draft(ctx)
	if err != nil {
		return nil, err
	}
	account, err := r.m.cfg.Accounts.CreateAccount(ctx, draft)
	var limit *LimitError
	switch {
	case errors.Is(err, ErrNameTaken):
		r.taken = true
		return refuse(message.New(keyUserExists)), nil
	case errors.Is(err, ErrIdentityTaken):
		return r.identityTaken(), nil
	case errors.As(err, &limit):
		return refuse(limit.Refusal()), nil
	case err != nil:
		return nil, err
	}
	r.account = account
	r.creation.AccountID, r.creation.Stamp = account.ID, account.Stamp
	r.creation.Reach(ReachedAccount)
	r.creation.forgetProof()
	return nil, nil
}

// draft gathers all that becomes durable with the account.
func (r *creationRun) draft(ctx context.Context) (Draft, error) {
	nonce, err := r.nonce()
	if err != nil {
		return Draft{}, err
	}
	s, creator := r.creation.Subject, r.creation.Creator
	d := Draft{
		Nonce:   nonce,
		Account: Account{Name: s.Name, RealName: s.RealName, Email: s.Email, Language: s.Language},
		Log: LogEntry{
			Type: LogNewUsers, Action: LogCreate2, Target: s.Name, Comment: s.Reason,
			PerformerID: creator.Account.ID, Performer: creator.Account.Name, Tag: s.Pass.Tag(),
		},
	}
	if creator.Anonymous() {
		d.Log.Action, d.Log.Performer = LogCreate, s.Name
	}
	for _, p := range r.contributors() {
		if err := p.ContributeToDraft(ctx, &r.creation, &d); err != nil {
			return Draft{}, fmt.Errorf("%s: %w", p.(Provider).ID(), err)
		}
	}
	return d, nil
}

// contributors lists who may have rows in the transaction: the other primaries and the later steps have none.
func (r *creationRun) contributors() []DraftContributor {
	var out []DraftContributor
	add := func(p Provider) {
		if d, ok := p.(DraftContributor); ok {
			out = append(out, d)
		}
	}
	for _, p := range r.m.cfg.Pre {
		add(p)
	}
	for _, p := range r.m.cfg.Primary {
		if p.ID() == r.state.Primary {
			add(p)
		}
	}
	for _, p := range r.m.cfg.Secondary {
		if p.BeforeCommit() {
			add(p)
		}
	}
	return out
}

func (r *creationRun) nonce() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(r.m.cfg.Random, b[:]); err != nil {
		return "", fmt.Errorf("make the creation's id: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

func (r *creationRun) pass(context.Context) (*Response, error) {
	withheld := r.creation.Withheld || r.m.held(r.account)
	r.account.Stamp = r.creation.Stamp
	return &Response{Status: Pass, Username: r.account.Name, Account: r.account, Withheld: withheld}, nil
}
