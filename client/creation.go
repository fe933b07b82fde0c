package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
)

// CreationOptions are for a walk that creates an account or signs in.
type CreationOptions struct {
	// ReturnURL is where a third party shall send the browser: Loopback.URL, or a page of the program's own. "" = the wiki's own
	// server, which does for a wiki that redirects nobody.
	ReturnURL string
}

// Creation is one walk through the creation of an account, or through a sign-in. One goroutine at a time may use it.
type Creation struct {
	wiki      *Wiki
	kind      walkKind
	returnURL string
	continues bool
	step      Step
}

// walkKind is which of the two walks it is; both are spelled alike.
type walkKind struct{ module, token, prefix, requestsFor string }

var (
	creating  = walkKind{module: "createaccount", token: "createaccount", prefix: "create", requestsFor: "create"}
	signingIn = walkKind{module: "clientlogin", token: "login", prefix: "login", requestsFor: "login"}
)

// Begin asks what the wiki wants to know of somebody who creates an account. Step has the fields. Nothing is created yet.
func (w *Wiki) Begin(ctx context.Context, o CreationOptions) (*Creation, error) {
	return w.begin(ctx, creating, o)
}

// BeginLogin asks the same of somebody who signs in. The walk goes on as a creation does; Login walks it with a name, a
// password and a second factor.
func (w *Wiki) BeginLogin(ctx context.Context, o CreationOptions) (*Creation, error) {
	return w.begin(ctx, signingIn, o)
}

func (w *Wiki) begin(ctx context.Context, kind walkKind, o CreationOptions) (*Creation, error) {
	c := &Creation{wiki: w, kind: kind, returnURL: o.ReturnURL}
	if c.returnURL == "" {
		c.returnURL = (&url.URL{Scheme: w.api.Scheme, Host: w.api.Host, Path: "/"}).String()
	}
	a, err := w.Get(ctx, url.Values{
		"action": {"query"}, "meta": {"authmanagerinfo|tokens"}, "type": {kind.token},
		"amirequestsfor": {kind.requestsFor}, "amimessageformat": {"html"},
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the fields: %w", err)
	}
	var out struct {
		Query struct {
			AuthManagerInfo *struct {
				CanCreateAccounts flag
				Requests          []Request
			}
		}
	}
	if err := a.Decode(&out); err != nil {
		return nil, fmt.Errorf("ask for the fields: %w", err)
	}
	info := out.Query.AuthManagerInfo
	if info == nil || kind == creating && !bool(info.CanCreateAccounts) {
		return nil, fmt.Errorf("ask for the fields: %w", ErrNoCreation)
	}
	if _, err := w.keepToken(a, kind.token); err != nil {
		return nil, err
	}
	c.step = Step{Status: UI, Requests: info.Requests, Warnings: a.Warnings, JSON: a.JSON}
	return c, nil
}

// Step is where the walk stands.
func (c *Creation) Step() Step { return c.step }

// Submit sends the answers to the step and gives the next one. For a Redirect they are AnswersFrom what came back.
//
// A refusal is a step with Fail, not an error. After an error the walk stands where it stood, and may go on if the error
// allows: an UnknownOutcomeError does not. ErrOver: there is no step to answer.
func (c *Creation) Submit(ctx context.Context, answers Answers) (Step, error) {
	if c.step.Over() {
		return c.step, ErrOver
	}
	form := c.step.form(answers)
	form.Set("action", c.kind.module)
	form.Set(c.kind.prefix+"messageformat", "html")
	if c.continues {
		form.Set(c.kind.prefix+"continue", "1")
	} else {
		form.Set(c.kind.prefix+"returnurl", c.returnURL)
	}
	a, err := c.wiki.doWithToken(ctx, call{post: true, params: form, writes: true, secret: c.secrets()}, c.kind.token, c.kind.prefix+"token")
	if err != nil {
		return c.step, err
	}
	step, err := c.read(a)
	if err != nil {
		return c.step, &UnknownOutcomeError{Err: err}
	}
	c.step, c.continues = step, true
	if step.Status == Pass && c.kind == signingIn {
		c.wiki.forgetTokens()
	}
	return step, nil
}

// secrets are the names of the step's fields that nobody should see.
func (c *Creation) secrets() []string {
	out := []string{"OATHToken", "code"}
	for _, f := range c.step.Fields() {
		if f.Sensitive {
			out = append(out, f.Name)
		}
	}
	return out
}

func (c *Creation) read(a Answer) (Step, error) {
	var modules map[string]json.RawMessage
	if err := a.Decode(&modules); err != nil {
		return Step{}, err
	}
	var in struct {
		Status                                Status
		Username, MessageCode, RedirectTarget text
		Message                               Message
		RedirectData                          json.RawMessage
		Requests                              []Request
	}
	if err := json.Unmarshal(modules[c.kind.module], &in); err != nil {
		return Step{}, &AnswerError{Reason: err.Error()}
	}
	if !slices.Contains([]Status{Pass, Fail, UI, Redirect, Restart}, in.Status) {
		return Step{}, &AnswerError{Reason: fmt.Sprintf("the status is %q", in.Status)}
	}
	return Step{
		Status: in.Status, Username: string(in.Username), Code: string(in.MessageCode), Message: in.Message, Requests: in.Requests,
		RedirectTarget: string(in.RedirectTarget), RedirectData: in.RedirectData, Warnings: a.Warnings, JSON: a.JSON,
	}, nil
}

// mostSteps is more than any wiki has a reason to ask.
const mostSteps = 25

// Walk answers step after step until the walk is over, and gives the last step: Pass, Fail or Restart. answer is asked for
// each, and its error ends the walk. ErrEndless: the wiki asks on and on.
func (c *Creation) Walk(ctx context.Context, answer func(context.Context, Step) (Answers, error)) (Step, error) {
	for range mostSteps {
		answers, err := answer(ctx, c.step)
		if err != nil {
			return c.step, err
		}
		step, err := c.Submit(ctx, answers)
		if err != nil || step.Over() {
			return step, err
		}
	}
	return c.step, ErrEndless
}
