package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/client"
	"gatehouse/internal/scriptedwiki"
)

// waits notes what a client waits for, and waits for nothing.
type waits []time.Duration

func (w *waits) wait(ctx context.Context, d time.Duration) error {
	*w = append(*w, d)
	return ctx.Err()
}

// trouble answers the first calls of one action with something else.
type trouble struct {
	action, header, value string
	status, times         int
	body                  string
}

func (tr *trouble) before(w http.ResponseWriter, r *http.Request) bool {
	if r.Form.Get("action") != tr.action || tr.times == 0 {
		return false
	}
	tr.times--
	if tr.header != "" {
		w.Header().Set(tr.header, tr.value)
	}
	w.WriteHeader(tr.status)
	fmt.Fprint(w, tr.body)
	return true
}

func apiError(code string) string { return fmt.Sprintf(`{"error":{"code":%q,"info":"no"}}`, code) }

// TestPatience is a table of what is repeated, after how long, and what is told otherwise. A creation is never repeated where
// it may have happened.
func TestPatience(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		trouble
		waits   waits
		made    bool
		unknown bool // whether the account was made cannot be told
	}{
		{trouble{"createaccount", "", "", 200, 1, apiError("badtoken")}, nil, true, false},
		{trouble{"createaccount", "", "", 200, 2, apiError("badtoken")}, nil, false, false},
		{trouble{"createaccount", "Retry-After", "7", 200, 2, apiError("maxlag")}, waits{7 * s, 7 * s}, true, false},
		{trouble{"createaccount", "Retry-After", "1", 200, 1, apiError("maxlag")}, waits{5 * s}, true, false},
		{trouble{"createaccount", "", "", 200, 1, apiError("maxlag")}, waits{5 * s}, true, false},
		{trouble{"createaccount", "", "", 200, 100, apiError("maxlag")}, slices.Repeat(waits{5 * s}, 12), false, false},
		{trouble{"createaccount", "Retry-After", "3", 200, 1, apiError("ratelimited")}, waits{3 * s}, true, false},
		{trouble{"createaccount", "", "", 200, 1, apiError("ratelimited")}, nil, false, false},
		{trouble{"createaccount", "Retry-After", "61", 200, 1, apiError("ratelimited")}, nil, false, false},
		{trouble{"createaccount", "Retry-After", "3", 200, 1, apiError("internal_api_error_X")}, nil, false, false},
		{trouble{"createaccount", "Retry-After", "2", 429, 1, "slow down"}, waits{2 * s}, true, false},
		{trouble{"createaccount", "Retry-After", "2", 503, 1, "busy"}, waits{2 * s}, true, false},
		{trouble{"createaccount", "", "", 503, 1, "busy"}, nil, false, true},
		{trouble{"createaccount", "", "", 502, 1, "bad gateway"}, nil, false, true},
		{trouble{"createaccount", "", "", 403, 1, "<p>You shall not pass</p>"}, nil, false, false},
		{trouble{"createaccount", "Location", "http://example.invalid/", 302, 1, ""}, nil, false, false},
		{trouble{"query", "Retry-After", "2", 503, 1, "busy"}, waits{2 * s}, true, false},
		{trouble{"query", "", "", 502, 3, "bad gateway"}, waits{1 * s, 2 * s, 4 * s}, true, false},
		{trouble{"query", "", "", 502, 4, "bad gateway"}, waits{1 * s, 2 * s, 4 * s}, false, false},
		{trouble{"query", "Retry-After", "4", 200, 1, apiError("readonly")}, waits{4 * s}, true, false},
		{trouble{"query", "", "", 404, 1, "nothing here"}, nil, false, false},
	} {
		tr := trouble{}
		wiki := scriptedwiki.Start(t, scriptedwiki.Script{Steps: []func(url.Values) string{pass}, Before: func(w http.ResponseWriter, r *http.Request) bool { return tr.before(w, r) }})
		var got waits
		w := open(t, wiki.URL+"/api.php", client.Options{Wait: got.wait})
		tr = c.trouble
		var step client.Step
		creation, err := w.Begin(t.Context(), client.CreationOptions{})
		if err == nil {
			step, err = creation.Submit(t.Context(), client.Answers{"username": "Zane"})
		}
		_, unknown := errors.AsType[*client.UnknownOutcomeError](err)
		if (step.Status == client.Pass) != c.made || (err == nil) != c.made || unknown != c.unknown || !slices.Equal(got, c.waits) {
			t.Errorf("%+v: %s, %v after %v", c.trouble, step.Status, err, got)
		}
		if c.made && len(wiki.Posts()) != 1 {
			t.Errorf("%+v: posted %d times", c.trouble, len(wiki.Posts()))
		}
	}
}

// TestBrokenConnections: a question is asked again, a creation is not.
func TestBrokenConnections(t *testing.T) {
	for action, made := range map[string]bool{"query": true, "createaccount": false} {
		broken := 0
		wiki := scriptedwiki.Start(t, scriptedwiki.Script{Steps: []func(url.Values) string{pass}, Before: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Form.Get("action") != action || broken > 0 || r.Form.Get("meta") == "siteinfo" {
				return false
			}
			broken++
			panic(http.ErrAbortHandler)
		}})
		var got waits
		step, err := begin(t, open(t, wiki.URL+"/api.php", client.Options{Wait: got.wait})).Submit(t.Context(), client.Answers{"username": "Zane"})
		_, unknown := errors.AsType[*client.UnknownOutcomeError](err)
		if (step.Status == client.Pass) != made || unknown == made {
			t.Errorf("%s: %s, %v", action, step.Status, err)
		}
	}
}

func TestCallsEndWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	wiki := scriptedwiki.Start(t, scriptedwiki.Script{Before: func(w http.ResponseWriter, r *http.Request) bool {
		cancel()
		fmt.Fprint(w, apiError("maxlag"))
		return true
	}})
	if _, err := client.Open(ctx, wiki.URL+"/api.php", client.Options{}); err == nil {
		t.Error("it went on")
	}
}

// TestBounds: answers larger than any sensible one are not read to their end.
func TestBounds(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		chunk := []byte(strings.Repeat("x", 1<<16))
		for range 1 << 10 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	if _, err := client.Open(t.Context(), endless.URL+"/api.php", client.Options{}); !errors.Is(err, client.ErrTooLarge) {
		t.Errorf("an endless answer: %v", err)
	}
}

// TestWhatIsSent: who the client is, what it asks besides, and what an observer sees of it.
func TestWhatIsSent(t *testing.T) {
	var agents []string
	var seen []client.Exchange
	wiki := scriptedwiki.Start(t, scriptedwiki.Script{Steps: []func(url.Values) string{pass}, Before: func(_ http.ResponseWriter, r *http.Request) bool {
		agents = append(agents, r.UserAgent())
		return false
	}})
	w := open(t, wiki.URL+"/api.php", client.Options{UserAgent: "Greeter/1.0 (ada@example.org)", Language: "de", MaxLag: 5, Observe: func(e client.Exchange) { seen = append(seen, e) }})
	submit(t, begin(t, w), client.Answers{"username": "Zane", "password": "hush", "retype": "hush"})
	for _, a := range agents {
		if a != "Greeter/1.0 (ada@example.org) gatehouse-client/"+client.Version {
			t.Errorf("it calls itself %q", a)
		}
	}
	form := wiki.Posts()[0]
	if form.Get("uselang") != "de" || form.Get("maxlag") != "5" || form.Get("password") != "hush" {
		t.Errorf("it sent %v", form)
	}
	last := seen[len(seen)-1]
	if len(seen) != 3 || last.Method != "POST" || last.Status != 200 || last.Params.Get("username") != "Zane" || strings.Contains(fmt.Sprint(last.Params), "hush") || strings.Contains(fmt.Sprint(last.Params), "0123") {
		t.Errorf("seen: %+v", last)
	}
	if _, err := client.Open(t.Context(), wiki.URL, client.Options{UserAgent: "a\r\nb"}); err == nil {
		t.Error("a User-Agent of two lines is taken")
	}
}

// TestErrorShapes reads errors in every error format.
func TestErrorShapes(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"code":"readonly","info":"closed","*":"See the manual"}}`:                 "the wiki answers readonly: closed",
		`{"errors":[{"code":"readonly","text":"closed","module":"main"}]}`:                   "the wiki answers readonly: closed",
		`{"errors":[{"code":"readonly","html":"<p>closed &amp; shut</p>","module":"main"}]}`: "the wiki answers readonly: closed & shut",
		`{"errors":[{"code":"readonly","module":"main","*":"closed"}],"*":"x"}`:              "the wiki answers readonly: closed",
		`<!DOCTYPE html><title>Gone</title><script>x()</script><p>It is <b>gone</b>.</p>`:    `HTTP 200, and not as a wiki does: "Gone It is gone."`,
		`[]`: "HTTP 200", `null`: "HTTP 200", ``: "HTTP 200", `{"error":{"code":"x"`: "HTTP 200",
	} {
		wiki := scriptedwiki.Start(t, scriptedwiki.Script{Before: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Form.Get("meta") == "siteinfo" {
				return false
			}
			fmt.Fprint(w, body)
			return true
		}})
		_, err := open(t, wiki.URL+"/api.php", client.Options{}).UserInfo(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestWarnings reads them in every format.
func TestWarnings(t *testing.T) {
	for warnings, want := range map[string]string{
		`{"main":{"warnings":"Unrecognized parameter: x."},"createaccount":{"*":"odd"}}`: "createaccount: odd|main: Unrecognized parameter: x.",
		`[{"code":"deprecation","text":"old","module":"main"}]`:                          "main: old",
		`[]`: "", `7`: "",
	} {
		wiki := scriptedwiki.Start(t, scriptedwiki.Script{Before: func(w http.ResponseWriter, r *http.Request) bool {
			fmt.Fprintf(w, `{"warnings":%s,"query":{"general":{}}}`, warnings)
			return true
		}})
		a, err := open(t, wiki.URL+"/api.php", client.Options{}).Get(t.Context(), url.Values{"action": {"query"}})
		if got := strings.Join(a.Warnings, "|"); got != want || err != nil {
			t.Errorf("%s: %q, %v", warnings, got, err)
		}
	}
}
