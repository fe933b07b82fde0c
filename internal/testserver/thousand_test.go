package testserver

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	fmt.Fprintf(w.seen, "%s %s\n%s\n", r.Method, r.URL, answer.Status)
	if err := answer.Header.Write(w.seen); err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(answer.Body, w.seen), answer.Body}
	return answer, nil
}

// join signs one member up, in any scenario.
func join(ctx context.Context, wire http.RoundTripper, name string) error {
	web := &http.Client{Transport: wire, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	wiki, err := client.Open(ctx, testBase+"/w/api.php", client.Options{UserAgent: "test", HTTP: web})
	if err != nil {
		return err
	}
	creation, err := wiki.Begin(ctx, client.CreationOptions{ReturnURL: testBase + "/back"})
	if err != nil {
		return err
	}
	last, err := creation.Walk(ctx, func(ctx context.Context, step client.Step) (client.Answers, error) {
		answers := fillIn(step, name)
		if captcha, asked := step.Captcha(); asked {
			return answers, solve(ctx, web, captcha, answers)
		}
		return answers, nil
	})
	if err == nil && last.Status != client.Pass {
		err = fmt.Errorf("%s %s", last.Status, last.JSON)
	}
	return err
}

// solve asks the control API for the word of a captcha.
func solve(ctx context.Context, web *http.Client, captcha client.Captcha, answers client.Answers) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, testBase+"/_test/captcha?id="+url.QueryEscape(captcha.ID), nil)
	if err != nil {
		return err
	}
	r.Header.Set(header, "1")
	answer, err := web.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var told struct{ Answer string }
	err = json.NewDecoder(answer.Body).Decode(&told)
	answers[captcha.Word] = told.Answer
	return err
}
