// Package authtest is the suite that every authentication provider passes, ours and other people's.
//
// It holds what the Manager and the clients build on, whatever the provider does: requests that clients can fill in,
// silence where the provider was not spoken to, no secret in what is stored. What a provider is for, its own tests show.
package authtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"gatehouse/auth"
)

// Case is a provider and what fills it in.
type Case struct {
	// New makes a provider as the server would.
	New func(t *testing.T) auth.Provider
	// Submission fills in every request that the provider shows an anonymous creator, sensitive fields included. Empty for
	// a provider that shows none.
	Submission map[string]string
	// Name is the account the submission is for.
	Name auth.Name
}

// Run holds the provider to what every provider promises.
func Run(t *testing.T, c Case) {
	if c.Name == "" {
		c.Name = "Zane"
	}
	t.Run("id", func(t *testing.T) { testID(t, c) })
	t.Run("requests", func(t *testing.T) { testRequests(t, c) })
	t.Run("concurrent requests", func(t *testing.T) { testConcurrentRequests(t, c) })
	t.Run("silence without answers", func(t *testing.T) { testSilence(t, c) })
	t.Run("secrets are not kept", func(t *testing.T) { testSecrets(t, c) })
	t.Run("ended context", func(t *testing.T) { testEndedContext(t, c) })
}

// Visitor is an anonymous creator.
func Visitor() auth.Creator { return auth.Creator{Addr: netip.MustParseAddr("192.0.2.7")} }

// Member is a signed-in creator without rights beyond everybody's.
func Member() auth.Creator {
	c := Visitor()
	c.Account = auth.Account{ID: 42, Name: "Norm"}
	return c
}

var actions = []auth.Action{
	auth.ActionLogin, auth.ActionCreate, auth.ActionLink, auth.ActionChange, auth.ActionRemove, auth.ActionUnlink,
}

func testID(t *testing.T, c Case) {
	id := c.New(t).ID()
	if id == "" || strings.ContainsAny(string(id), " \n") {
		t.Errorf("the id is %q", id)
	}
	if again := c.New(t).ID(); again != id {
		t.Errorf("the id is %q once and %q another time", id, again)
	}
}

func testRequests(t *testing.T, c Case) {
	p := c.New(t)
	for _, action := range actions {
		for _, creator := range []auth.Creator{Visitor(), Member()} {
			requests, err := p.Requests(t.Context(), auth.Options{Action: action, Creator: creator})
			if err != nil {
				t.Fatalf("%s: %v", action, err)
			}
			seen := map[auth.RequestID]bool{}
			for _, r := range requests {
				if r.ID == "" || seen[r.ID] {
					t.Errorf("%s: request id %q is empty or there twice", action, r.ID)
				}
				seen[r.ID] = true
				testFields(t, fmt.Sprintf("%s %s", action, r.ID), r.Fields)
			}
			if _, err := auth.MergeFields(requests); err != nil {
				t.Errorf("%s: %v", action, err)
			}
		}
	}
}

func testFields(t *testing.T, where string, fields []auth.Field) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range fields {
		if f.Name == "" || seen[f.Name] {
			t.Errorf("%s: field name %q is empty or there twice", where, f.Name)
		}
		seen[f.Name] = true
		if f.Type == "" || f.Label.IsZero() || f.Help.IsZero() {
			t.Errorf("%s: field %s lacks type, label or help", where, f.Name)
		}
		if f.Type == auth.FieldPassword && !f.Sensitive {
			t.Errorf("%s: password field %s is not sensitive", where, f.Name)
		}
		chosen := f.Type == auth.FieldSelect || f.Type == auth.FieldMultiselect
		if chosen != (len(f.Options) > 0) {
			t.Errorf("%s: field %s is a %s with %d options", where, f.Name, f.Type, len(f.Options))
		}
	}
}

func testConcurrentRequests(t *testing.T, c Case) {
	p := c.New(t)
	done := make(chan error)
	const n = 16
	for range n {
		go func() {
			_, err := p.Requests(t.Context(), auth.Options{Action: auth.ActionCreate, Creator: Visitor()})
			done <- err
		}()
	}
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// testSilence speaks to nobody: primaries abstain, and whoever refuses gives a reason.
func testSilence(t *testing.T, c Case) {
	p := c.New(t)
	creation := &auth.Creation{Subject: auth.Subject{Name: c.Name}, Creator: Visitor()}
	login := &auth.Login{Creator: Visitor()}
	testChecks(t, p, creation, login)
	primary, ok := p.(auth.PrimaryProvider)
	if !ok {
		return
	}
	if r, err := primary.BeginCreation(t.Context(), creation); err != nil || r.Status != auth.Abstain {
		t.Errorf("a creation without answers: %s, %v; want %s", r.Status, err, auth.Abstain)
	}
	if r, err := primary.BeginLogin(t.Context(), login); err != nil || r.Status != auth.Abstain {
		t.Errorf("a sign-in without answers: %s, %v; want %s", r.Status, err, auth.Abstain)
	}
}

// testChecks runs whatever tests the provider has.
func testChecks(t *testing.T, p auth.Provider, creation *auth.Creation, login *auth.Login) {
	t.Helper()
	if s, ok := p.(auth.SubjectProvider); ok {
		reasoned(t, "Describe", s.Describe(creation))
	}
	if c, ok := p.(auth.CheapCreationTester); ok {
		reasoned(t, "CheckCreation", c.CheckCreation(creation))
	}
	if c, ok := p.(auth.CreationTester); ok {
		check, err := c.TestForCreation(t.Context(), creation)
		if err != nil {
			t.Errorf("TestForCreation: %v", err)
		}
		reasoned(t, "TestForCreation", check)
	}
	if c, ok := p.(auth.LoginTester); ok && login != nil {
		check, err := c.TestForLogin(t.Context(), login)
		if err != nil {
			t.Errorf("TestForLogin: %v", err)
		}
		reasoned(t, "TestForLogin", check)
	}
}

func reasoned(t *testing.T, what string, c auth.Check) {
	t.Helper()
	for _, m := range c.Findings {
		if m.IsZero() {
			t.Errorf("%s refused without a reason", what)
		}
	}
}

// testSecrets takes a whole submission to the draft and looks for its secrets in all that would be stored.
func testSecrets(t *testing.T, c Case) {
	p := c.New(t)
	offered, err := p.Requests(t.Context(), auth.Options{Action: auth.ActionCreate, Creator: Visitor()})
	if err != nil {
		t.Fatal(err)
	}
	answers := auth.Load(offered, auth.Submission{Texts: c.Submission})
	if len(c.Submission) > 0 && len(answers) == 0 {
		t.Fatal("the submission fills in none of the requests")
	}
	creation := &auth.Creation{Subject: auth.Subject{Name: c.Name}, Creator: Visitor(), Answers: answers}
	draft := auth.Draft{Account: auth.Account{Name: c.Name}, Log: auth.LogEntry{Target: c.Name}}
	release := throughCreation(t, p, creation, &draft)
	defer release()
	if draft.Account.Name != c.Name || draft.Log.Target != c.Name {
		t.Errorf("the draft is for %q and its log for %q now", draft.Account.Name, draft.Log.Target)
	}
	for where, v := range map[string]any{"flow state": creation.Remembered(), "draft": draft} {
		for _, secret := range secrets(offered, c.Submission) {
			if b, err := json.Marshal(v); err != nil || bytes.Contains(b, []byte(secret)) {
				t.Errorf("the %s holds a sensitive value (or cannot be stored: %v)", where, err)
			}
		}
	}
}

// throughCreation calls the provider as the Manager does for a creation of one submission.
func throughCreation(t *testing.T, p auth.Provider, c *auth.Creation, d *auth.Draft) (release func()) {
	t.Helper()
	release = func() {}
	if r, ok := p.(auth.Reserver); ok {
		place, err := r.ReserveForCreation(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if place != nil {
			c.Hold(p.ID(), place)
			release = place.Release
		}
	}
	testChecks(t, p, c, nil)
	if begin := beginner(p); begin != nil {
		r, err := begin(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		testResponse(t, p, r)
	}
	if contributor, ok := p.(auth.DraftContributor); ok {
		if err := contributor.ContributeToDraft(t.Context(), c, d); err != nil {
			t.Fatal(err)
		}
	}
	return release
}

func beginner(p auth.Provider) func(context.Context, *auth.Creation) (auth.Response, error) {
	switch p := p.(type) {
	case auth.PrimaryProvider:
		return p.BeginCreation
	case auth.SecondaryProvider:
		return p.BeginCreation
	}
	return nil
}

func testResponse(t *testing.T, p auth.Provider, r auth.Response) {
	t.Helper()
	switch r.Status {
	case auth.Pass, auth.Abstain:
	case auth.Fail:
		if len(r.Messages) == 0 {
			t.Error("refused without a reason")
		}
	case auth.UI, auth.Redirect:
		if _, ok := p.(auth.CreationContinuer); !ok || len(r.Requests) == 0 {
			t.Errorf("%s with %d requests; can it continue: %v", r.Status, len(r.Requests), ok)
		}
	default:
		t.Errorf("status %q of a creation", r.Status)
	}
}

// secrets are the submitted values of sensitive fields.
func secrets(offered []auth.Request, submission map[string]string) []string {
	var out []string
	for _, r := range offered {
		for _, f := range r.Fields {
			if v := submission[f.Name]; f.Sensitive && v != "" {
				out = append(out, v)
			}
		}
	}
	return out
}

// testEndedContext only asks that the provider comes back: with an answer or an error.
func testEndedContext(t *testing.T, c Case) {
	p := c.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Requests(ctx, auth.Options{Action: auth.ActionCreate, Creator: Visitor()}); err != nil {
		t.Logf("requests: %v", err)
	}
	creation := &auth.Creation{Subject: auth.Subject{Name: c.Name}, Creator: Visitor()}
	if begin := beginner(p); begin != nil {
		if _, err := begin(ctx, creation); err != nil {
			t.Logf("begin: %v", err)
		}
	}
}
