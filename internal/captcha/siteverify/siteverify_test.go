package siteverify

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// stand is a local stand-in for a vendor: it answers as it is told, and keeps what it was asked.
type stand struct {
	status int
	answer string
	asked  []string
	*httptest.Server
}

func newStand(t *testing.T) *stand {
	s := &stand{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.asked = append(s.asked, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body))
		if s.status == http.StatusFound {
			w.Header().Set("Location", s.URL+"/elsewhere")
		}
		w.WriteHeader(s.status)
		io.WriteString(w, s.answer)
	}))
	t.Cleanup(s.Close)
	return s
}

func verifier(t *testing.T, n Name, endpoint string) *Verifier {
	t.Helper()
	vendor, ok := ByName(n)
	if !ok {
		t.Fatalf("no vendor %s", n)
	}
	v, err := New(Config{Vendor: vendor, Secret: "s&cret", Hosts: []string{"accounts.example.org"}, Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func question() Question {
	return Question{Response: "t+ken", Action: "createaccount", Remote: netip.MustParseAddr("::ffff:192.0.2.7")}
}

// Security checklist, row 34: an answer for another site or another act is none, and an outage is told apart from both.
func TestVerdicts(t *testing.T) {
	const host = `"hostname":"accounts.example.org"`
	for _, c := range []struct {
		name   string
		vendor Name
		status int
		answer string
		want   Verdict
	}{
		{"solved", HCaptcha, 200, `{"success":true,` + host + `}`, Verdict{Solved: true}},
		{"solved, the host in capitals", HCaptcha, 200, `{"success":true,"hostname":"Accounts.Example.org"}`, Verdict{Solved: true}},
		{"not solved", HCaptcha, 200, `{"success":false,` + host + `}`, Verdict{}},
		{"another site", HCaptcha, 200, `{"success":true,"hostname":"evil.example"}`, Verdict{}},
		{"a site within", HCaptcha, 200, `{"success":true,"hostname":"x.accounts.example.org"}`, Verdict{}},
		{"no site", HCaptcha, 200, `{"success":true}`, Verdict{}},
		{"nothing", HCaptcha, 200, `{}`, Verdict{}},
		{"the vendor tells no act", HCaptcha, 200, `{"success":true,` + host + `,"action":"other"}`, Verdict{Solved: true}},
		{"the right act", Turnstile, 200, `{"success":true,` + host + `,"action":"createaccount"}`, Verdict{Solved: true}},
		{"another act", Turnstile, 200, `{"success":true,` + host + `,"action":"badlogin"}`, Verdict{}},
		{"no act", Turnstile, 200, `{"success":true,` + host + `}`, Verdict{}},
		{"error codes", HCaptcha, 200, `{"success":false,"error-codes":["a","b\n"]}`, Verdict{Fault: "hcaptcha-api", Detail: "a, b "}},
		{"error codes and success", Turnstile, 200, `{"success":true,` + host + `,"action":"createaccount","error-codes":["a"]}`, Verdict{Fault: "turnstile-api", Detail: "a"}},
		{"error codes of a third", ReCaptcha, 200, `{"error-codes":["a"]}`, Verdict{Fault: "recaptcha-api", Detail: "a"}},
		{"empty list of codes", ReCaptcha, 200, `{"success":true,` + host + `,"error-codes":[]}`, Verdict{Solved: true}},
		{"success as text", HCaptcha, 200, `{"success":"true",` + host + `}`, Verdict{Fault: FaultJSON}},
		{"no JSON", HCaptcha, 200, `true`, Verdict{Fault: FaultJSON}},
		{"a page", HCaptcha, 200, `<html>`, Verdict{Fault: FaultJSON}},
		{"nothing at all", HCaptcha, 200, ``, Verdict{Fault: FaultJSON}},
		{"too long", HCaptcha, 200, `{"success":true,` + host + `,"x":"` + strings.Repeat("x", maxAnswer) + `"}`, Verdict{Fault: FaultJSON}},
		{"broken", HCaptcha, 500, `{"success":true,` + host + `}`, Verdict{Fault: FaultHTTP}},
		{"elsewhere", HCaptcha, 302, `{"success":true,` + host + `}`, Verdict{Fault: FaultHTTP}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t)
			s.status, s.answer = c.status, c.answer
			got := verifier(t, c.vendor, s.URL).Verify(t.Context(), question())
			if c.want.Detail == "" {
				got.Detail = ""
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if len(s.asked) != 1 {
				t.Errorf("asked %d times", len(s.asked))
			}
		})
	}
}

func TestWhatIsAsked(t *testing.T) {
	s := newStand(t)
	v := verifier(t, HCaptcha, s.URL)
	v.Verify(t.Context(), question())
	v.Verify(t.Context(), Question{Response: "x", Remote: netip.MustParseAddr("fe80::1%eth0")})
	v.Verify(t.Context(), Question{Response: "x"})
	const form = "POST application/x-www-form-urlencoded "
	want := []string{
		form + "remoteip=192.0.2.7&response=t%2Bken&secret=s%26cret",
		form + "remoteip=fe80%3A%3A1&response=x&secret=s%26cret",
		form + "response=x&secret=s%26cret",
	}
	if fmt.Sprint(s.asked) != fmt.Sprint(want) {
		t.Errorf("asked\n%q, want\n%q", s.asked, want)
	}
}

// What cannot be an answer costs no question.
func TestNoQuestion(t *testing.T) {
	s := newStand(t)
	v := verifier(t, HCaptcha, s.URL)
	for _, response := range []string{"", strings.Repeat("x", maxResponse+1)} {
		if got := v.Verify(t.Context(), Question{Response: response}); got != (Verdict{}) {
			t.Errorf("%d bytes: %+v", len(response), got)
		}
	}
	if len(s.asked) > 0 {
		t.Error("the vendor was asked")
	}
	s.answer = `{"success":true,"hostname":"accounts.example.org"}`
	if got := v.Verify(t.Context(), Question{Response: strings.Repeat("x", maxResponse)}); !got.Solved {
		t.Errorf("the longest: %+v", got)
	}
}

func TestOutage(t *testing.T) {
	gone := newStand(t)
	gone.Close()
	got := verifier(t, HCaptcha, gone.URL).Verify(t.Context(), question())
	if got.Solved || got.Fault != FaultHTTP {
		t.Errorf("nobody there: %+v", got)
	}
	if strings.Contains(got.Detail, "cret") || strings.Contains(got.Detail, "t+ken") {
		t.Errorf("the log would have secrets: %s", got.Detail)
	}

	release := make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hangs.Close()
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := verifier(t, HCaptcha, hangs.URL).Verify(ctx, question()); got.Solved || got.Fault != FaultHTTP {
		t.Errorf("it hangs: %+v", got)
	}
	if v := verifier(t, HCaptcha, hangs.URL); v.client.Timeout != patience {
		t.Errorf("a vendor that hangs is waited for %s", v.client.Timeout)
	}
}

func TestNew(t *testing.T) {
	vendor, _ := ByName(Turnstile)
	for _, c := range []Config{
		{}, {Vendor: vendor, Secret: "x"}, {Vendor: vendor, Hosts: []string{"x"}}, {Secret: "x", Hosts: []string{"x"}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	v, err := New(Config{Vendor: vendor, Secret: "x", Hosts: []string{"x"}})
	if err != nil || v.cfg.Endpoint != vendor.Endpoint {
		t.Errorf("%v, %+v", err, v)
	}
	if _, ok := ByName("another"); ok {
		t.Error("there is a vendor that nobody knows")
	}
}
