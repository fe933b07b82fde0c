package awkward

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// stepPlan is one step of a creation that nobody expects: none, a further form, or a redirect.
type stepPlan struct {
	name   string
	status auth.Status // Abstain = there is none
	ask    auth.Request
}

func newStepPlan(r *rand.Rand, name string, must bool) stepPlan {
	kinds := []auth.Status{auth.UI, auth.Redirect, auth.Abstain, auth.Abstain}
	if must {
		kinds = kinds[:2]
	}
	p := stepPlan{name: name, status: kinds[r.IntN(len(kinds))]}
	id := auth.RequestID(fmt.Sprintf("Step%03xRequest", r.IntN(1<<12)))
	field := stepField(r)
	if p.status == auth.Redirect {
		field = labelled(auth.Field{Type: auth.FieldString}, "Code from elsewhere")
	}
	field.Name = fmt.Sprintf("step%s%02x", name, r.IntN(1<<8))
	p.ask = auth.Request{ID: id, Required: auth.RequiredAlways, Fields: []auth.Field{field}}
	return p
}

// stepField is one that has to be answered, and that every answer of its type answers.
func stepField(r *rand.Rand) auth.Field {
	back := "send me back"
	shapes := []auth.Field{
		labelled(auth.Field{Type: auth.FieldString}, "Say anything"),
		labelled(auth.Field{Type: auth.FieldCheckbox}, "I have read this"),
		labelled(auth.Field{Type: auth.FieldSelect, Options: []auth.Option{option("one"), option("two")}}, "One of two"),
		labelled(auth.Field{Type: auth.FieldButton}, "Go on"),
		labelled(auth.Field{Type: auth.FieldHidden, Value: &back}, "Not to be shown"),
	}
	return shapes[r.IntN(len(shapes))]
}

// step is the provider of one step. It is an auth.SecondaryProvider, before the commit or after it.
type step struct {
	mode   *Mode
	plan   stepPlan
	before bool
}

var (
	_ auth.SecondaryProvider = step{}
	_ auth.CreationContinuer = step{}
)

// ID is "awkwardbefore" or "awkwardafter".
func (s step) ID() auth.ProviderID { return auth.ProviderID("awkward" + s.plan.name) }

// Requests lists nothing: the step is not announced.
func (step) Requests(context.Context, auth.Options) ([]auth.Request, error) { return nil, nil }

// BeforeCommit says when the step is.
func (s step) BeforeCommit() bool { return s.before }

// BeginCreation asks.
func (s step) BeginCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	if s.plan.status == auth.Abstain {
		return auth.Abstained(), nil
	}
	return s.asked(c), nil
}

// ContinueCreation takes the answer, and asks again for another.
func (s step) ContinueCreation(_ context.Context, c *auth.Creation) (auth.Response, error) {
	if s.isRight(c) {
		return auth.Passed(), nil
	}
	return s.asked(c), nil
}

// BeginLogin asks nothing.
func (step) BeginLogin(context.Context, *auth.Login) (auth.Response, error) {
	return auth.Abstained(), nil
}

func (s step) asked(c *auth.Creation) auth.Response {
	if s.plan.status == auth.UI {
		return auth.Asked(message.Literal("One thing more, which no other site asks for."), s.plan.ask)
	}
	q := url.Values{"to": {c.ReturnURL}, "as": {s.plan.ask.Fields[0].Name}, "code": {s.code(c)}}
	return auth.Redirected(s.mode.elsewhere+"?"+q.Encode(), s.plan.ask)
}

func (s step) isRight(c *auth.Creation) bool {
	a, ok := c.Answers.Get(s.plan.ask.ID)
	if !ok {
		return false
	}
	field := s.plan.ask.Fields[0]
	switch {
	case s.plan.status == auth.Redirect:
		return a.Values[field.Name] == s.code(c)
	case field.Value != nil:
		return a.Values[field.Name] == *field.Value
	}
	return true
}

// code is what the third party sends back with; only who was sent there has it.
func (s step) code(c *auth.Creation) string {
	return s.mode.code("code", c.ReturnURL, s.plan.ask.Fields[0].Name)
}

// withParam is an address with one parameter more in its query.
func withParam(address, name, value string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", false
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String(), true
}
