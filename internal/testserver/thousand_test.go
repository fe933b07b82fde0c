package testserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/client"
)

// TestThousandSignUps runs a client suite twice over the network: a thousand sign-ups each, in every scenario that asks
// nobody else. Both runs are alike in every byte of every answer. How long they took is told and not judged.
func TestThousandSignUps(t *testing.T) {
	members := 1000
	if testing.Short() {
		members = 50
	}
	for _, scenario := range built(t) {
		t.Run(string(scenario), func(t *testing.T) {
			first := suite(t, scenario, members)
			if second := suite(t, scenario, members); second != first {
				t.Errorf("two runs with one seed differ: %x and %x", first, second)
			}
		})
	}
}

// built are the scenarios that this version has.
func built(t *testing.T) []Scenario {
	t.Helper()
	var out []Scenario
	for _, s := range Scenarios() {
		cfg, err := Settings(Options{Scenario: s})
		if err != nil {
			t.Fatal(err)
		}
		if len(cfg.Unbuilt()) == 0 {
			out = append(out, s)
		}
	}
	return out
}

// suite signs members up, one after the other, each as a visitor of its own, and gives the digest of all that was answered.
func suite(t *testing.T, scenario Scenario, members int) [sha256.Size]byte {
	t.Helper()
	s := start(t, Options{Scenario: scenario, Seed: seed(1)}, "server.public_url="+testBase)
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	wire := &transcript{seen: sha256.New(), next: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, web.Listener.Addr().String())
		},
	}}
	began := time.Now()
	for i := range members {
		if scenario == Full {
			newVisitor(t, s, testBase).must("POST", "openid", fmt.Sprintf(`{"subject": "member-%d"}`, i))
		}
		if err := join(t.Context(), wire, fmt.Sprint("Member ", i)); err != nil {
			t.Fatalf("member %d: %v", i, err)
		}
	}
	t.Logf("%d sign-ups in %v", members, time.Since(began).Round(time.Millisecond))
	return [sha256.Size]byte(wire.seen.Sum(nil))
}

// transcript keeps the digest of every answer, its status line and headers and body.
type transcript struct {
	seen hash.Hash
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w *transcript) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w.seen, "%s %s\n%s\n", r.Method, r.URL, answer.Status)
	if err := answer.Header.Write(w.seen); err != nil {
		return nil, err
	}
	w.seen.Write(body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// someone is somebody at a client program and a browser, which have their cookies together.
type someone struct {
	web  *http.Client
	name string
}

func newSomeone(wire http.RoundTripper, name string) (someone, error) {
	jar, err := cookiejar.New(nil)
	return someone{name: name, web: &http.Client{
		Transport: wire, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, err
}

// home is where third parties send the browser in the end.
const home = testBase + "/back"

// join signs one member up, in any scenario: by the provider where there is one, else with a password.
func join(ctx context.Context, wire http.RoundTripper, name string) error {
	who, err := newSomeone(wire, name)
	if err != nil {
		return err
	}
	last, err := who.walk(ctx, client.Answers{"skip2FASetup": "1"})
	if err == nil && last.Status != client.Pass {
		err = fmt.Errorf("%s %s", last.Status, last.JSON)
	}
	return err
}

// walk creates the account; second answers the step of the second factor.
func (p someone) walk(ctx context.Context, second client.Answers) (client.Step, error) {
	wiki, err := client.Open(ctx, testBase+"/w/api.php", client.Options{UserAgent: "test", HTTP: p.web, Jar: p.web.Jar})
	if err != nil {
		return client.Step{}, err
	}
	creation, err := wiki.Begin(ctx, client.CreationOptions{ReturnURL: home})
	if err != nil {
		return client.Step{}, err
	}
	return creation.Walk(ctx, func(ctx context.Context, step client.Step) (client.Answers, error) {
		if step.Status == client.Redirect {
			return p.visit(ctx, step.RedirectTarget)
		}
		if _, offered := step.Field("skip2FASetup"); offered {
			return second, nil
		}
		answers := fillIn(step, p.name)
		if _, offered := step.Field(openidName); offered {
			answers[openidName] = "1"
			delete(answers, "password")
			delete(answers, "retype")
		}
		if captcha, asked := step.Captcha(); asked {
			var told struct{ Answer string }
			err := p.ask(ctx, "captcha?id="+url.QueryEscape(captcha.ID), &told)
			answers[captcha.Word] = told.Answer
			return answers, err
		}
		return answers, nil
	})
}

// visit is the browser's way through third parties and back.
func (p someone) visit(ctx context.Context, address string) (client.Answers, error) {
	for range 5 {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		answer, err := p.web.Do(r)
		if err != nil {
			return nil, err
		}
		answer.Body.Close()
		next, err := answer.Location()
		if err != nil {
			return nil, fmt.Errorf("%s answers %s: %w", address, answer.Status, err)
		}
		if address = next.String(); strings.HasPrefix(address, home) {
			return client.AnswersFrom(next.Query()), nil
		}
	}
	return nil, errors.New("the way has no end")
}

// ask makes a call of the control API.
func (p someone) ask(ctx context.Context, call string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, testBase+"/_test/"+call, nil)
	if err != nil {
		return err
	}
	r.Header.Set(header, "1")
	answer, err := p.web.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return json.NewDecoder(answer.Body).Decode(into)
}
