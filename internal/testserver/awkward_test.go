package testserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/client"
)

// direct reaches a test server without a network.
type direct struct{ server *Server }

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	in := r.Clone(r.Context())
	in.RemoteAddr = "127.0.0.1:40000"
	in.RequestURI = r.URL.RequestURI()
	in.Host = r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if err := dropped(func() { d.server.Handler().ServeHTTP(w, in) }); err != nil {
		return nil, err
	}
	got := w.Result()
	got.Request = r
	return got, nil
}

func dropped(serve func()) (err error) {
	defer func() {
		if fault := recover(); fault == http.ErrAbortHandler {
			err = errors.New("the connection ended")
		} else if fault != nil {
			panic(fault)
		}
	}()
	serve()
	return nil
}

// signUp creates an account as a client that reads what it is asked, and reports the steps on the way.
func signUp(t *testing.T, s *Server, space toldSpace, name string) (steps []client.Status, err error) {
	t.Helper()
	wiki, err := client.Open(t.Context(), space.API, client.Options{
		UserAgent: "test", HTTP: &http.Client{Transport: direct{s}}, Wait: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		return nil, err
	}
	const home = "http://127.0.0.1:9/back?kept=1"
	creation, err := wiki.Begin(t.Context(), client.CreationOptions{ReturnURL: home})
	if err != nil {
		return nil, err
	}
	last, err := creation.Walk(t.Context(), func(ctx context.Context, step client.Step) (client.Answers, error) {
		steps = append(steps, step.Status)
		if step.Status == client.Redirect {
			return comeBack(s, step.RedirectTarget, home)
		}
		return fillIn(step, name), nil
	})
	if err == nil && (last.Status != client.Pass || last.Username != name) {
		err = fmt.Errorf("it ends with %s %s %s", last.Status, last.Code, last.JSON)
	}
	return steps, err
}

// fillIn answers every field that has to be answered, going by its type.
func fillIn(step client.Step, name string) client.Answers {
	answers := client.Answers{}
	for _, f := range step.Fields() {
		switch {
		case f.Name == "username":
			answers[f.Name] = name
		case f.Type == client.Password:
			answers[f.Name] = goodPassword
		case f.HasValue && f.TakesAnswer():
			answers[f.Name] = f.Value
		case f.Optional || !f.TakesAnswer():
		case f.Type == client.Select:
			answers[f.Name] = f.Options[0].Value
		case f.Type == client.Button && len(step.Fields()) > 1: // one of several ways
		case f.Type == client.Checkbox || f.Type == client.Button:
			answers[f.Name] = "1"
		default:
			answers[f.Name] = "anything"
		}
	}
	return answers
}

// comeBack is the browser's part of a redirect.
func comeBack(s *Server, target, home string) (client.Answers, error) {
	r, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	answer, err := direct{s}.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	back, err := answer.Location()
	if err != nil || !strings.HasPrefix(back.String(), home) {
		return nil, fmt.Errorf("%d leads to %v: %w", answer.StatusCode, back, err)
	}
	return client.AnswersFrom(back.Query()), nil
}

// TestAwkward: of 200 seeds the client library passes all, and a client that knows the form by heart none.
func TestAwkward(t *testing.T) {
	seeds := 200
	if testing.Short() {
		seeds = 20
	}
	s := start(t, Options{Seed: seed(1)})
	control := newVisitor(t, s, testBase)
	seen := map[client.Status]int{}
	for n := range seeds {
		var space toldSpace
		if status := control.control("POST", "spaces", fmt.Sprintf(`{"name": "a", "awkward": %d}`, n), &space); status != http.StatusOK {
			t.Fatalf("seed %d: %d", n, status)
		}
		steps, err := signUp(t, s, space, "Zane")
		if err != nil {
			t.Errorf("seed %d, after %v: %v", n, steps, err)
		}
		for _, status := range steps[1:] {
			seen[status]++
		}
		if naive := newVisitor(t, s, testBase+"/s/a").create("Yann"); naive.CreateAccount.Status == "PASS" {
			t.Errorf("seed %d: a naive client passes", n)
		}
		control.must("DELETE", "spaces/a", "")
	}
	if seen[client.UI] < seeds/5 || seen[client.Redirect] < seeds/5 {
		t.Errorf("steps on the way: %v", seen)
	}
}

// An awkward server is so in the same way every time.
func TestAwkwardTwice(t *testing.T) {
	run := func(n uint64) string {
		v := newVisitor(t, start(t, Options{Seed: seed(1), Awkward: seed(n)}), testBase)
		var seen strings.Builder
		v.seen = &seen
		for i := range 60 {
			v.get("action=query&meta=authmanagerinfo&amirequestsfor=create&formatversion=2")
			v.create(fmt.Sprint("Member ", i))
		}
		return seen.String()
	}
	one := run(5)
	if again := run(5); again != one {
		t.Errorf("the second run differs:\n%s", difference(one, again))
	}
	if !strings.Contains(one, "badtoken") || !strings.Contains(one, `Extension\\Moved`) {
		t.Error("tokens and ids are as usual")
	}
	if run(6) == one {
		t.Error("another seed is strange in the same way")
	}
}

// What a request is called can be sent back under that name.
func TestAwkwardNames(t *testing.T) {
	v := newVisitor(t, start(t, Options{Seed: seed(1), Awkward: seed(3)}), testBase)
	_, _, text := v.do("GET", "/w/api.php?action=query&meta=authmanagerinfo&amirequestsfor=login&format=json", nil, "")
	i := strings.Index(text, `MediaWiki\\Extension\\Moved`)
	if i < 0 {
		t.Fatalf("no name is changed: %s", text)
	}
	prefix := strings.ReplaceAll(text[i:i+strings.Index(text[i:], `Auth\\`)+len(`Auth\\`)], `\\`, `\`)
	v.must("POST", "accounts", `{"name": "Ada", "password": "a-long-pass-phrase"}`)
	for range 2 { // the first token may be refused
		_, _, a := v.post(url.Values{
			"action": {"clientlogin"}, "username": {"Ada"}, "password": {goodPassword}, "loginreturnurl": {"http://localhost/"},
			"logintoken": {v.token("login")}, "loginrequests": {prefix + `MediaWiki\Auth\PasswordAuthenticationRequest`},
		})
		if a.ClientLogin.Status == "PASS" {
			return
		}
	}
	t.Error("a sign-in by the changed name fails")
}

func TestElsewhere(t *testing.T) {
	s := start(t, Options{Awkward: seed(3)})
	for _, query := range []string{"", "?to=http://evil.example/&as=a&code=0123456789abcdef", "?to=javascript:1&as=a&code="} {
		if status, h, _ := newVisitor(t, s, testBase).do("GET", "/_elsewhere"+query, nil, ""); status != http.StatusBadRequest || h.Get("Location") != "" {
			t.Errorf("%s is answered with %d", query, status)
		}
	}
}
