package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gatehouse/client"
)

// TestTOTPVectors are those of RFC 6238, appendix B, for SHA-1, of which the last six digits are ours.
func TestTOTPVectors(t *testing.T) {
	for seconds, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		for _, secret := range []string{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv gy3t qojq gezd-gnbv-gy3t-qojq", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ===="} {
			if got, err := client.TOTP(secret, time.Unix(seconds, 0)); got != want || err != nil {
				t.Errorf("at %d: %s, %v; want %s", seconds, got, err, want)
			}
		}
	}
	for _, secret := range []string{"", " ", "1", "not base32!"} {
		if _, err := client.TOTP(secret, time.Unix(0, 0)); err == nil {
			t.Errorf("%q has a code", secret)
		}
	}
}

// TestLoopbackAgain: a walk may come back several times; a page that is loaded again is no return.
func TestLoopbackAgain(t *testing.T) {
	l, err := client.ListenLoopback()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, query := range []string{"?step=1", "?step=2"} {
		for range 2 {
			response, err := http.Get(l.URL() + query)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}
		if got, err := l.Wait(t.Context()); err != nil || "?"+got.Encode() != query {
			t.Errorf("came back with %v, %v; want %s", got, err, query)
		}
	}
}

// TestLoopback: only the address that was handed out is answered, once.
func TestLoopback(t *testing.T) {
	l, err := client.ListenLoopback()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !strings.HasPrefix(l.URL(), "http://127.0.0.1:") && !strings.HasPrefix(l.URL(), "http://[::1]:") {
		t.Errorf("it listens at %s", l.URL())
	}
	base := l.URL()[:strings.LastIndex(l.URL(), "/")]
	visit := func(method, address, host string) int {
		request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	for _, c := range [][3]string{{"GET", base + "/?code=evil", ""}, {"POST", l.URL() + "?code=evil", ""}, {"GET", l.URL() + "?code=evil", "rebound.example"}, {"HEAD", l.URL() + "?code=evil", ""}} {
		if status := visit(c[0], c[1], c[2]); status != http.StatusNotFound {
			t.Errorf("%v: %d", c, status)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Wait(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for nobody: %v", err)
	}
	for _, code := range []string{"first", "second"} {
		if status := visit("GET", l.URL()+"?code="+code+"&state=s", ""); status != http.StatusOK {
			t.Errorf("the browser gets %d", status)
		}
	}
	values, err := l.Wait(t.Context())
	if got := client.AnswersFrom(values); err != nil || got["code"] != "first" || got["state"] != "s" {
		t.Errorf("it came back with %v, %v", values, err)
	}
}

func TestMessage(t *testing.T) {
	for html, want := range map[string]string{
		"": "", "plain < text": "plain < text", "a &amp; b": "a & b", "<p>One</p>\n<p>Two<br>lines</p>": "One\nTwo\nlines",
		"<ul><li>a</li><li>b</li></ul>": "a\nb", `<a href="/x" title="y">here</a>, and`: "here, and", "<style>p{}</style><b>x</b><!-- no -->": "x", "1 &lt; 2": "1 < 2",
	} {
		if got := (client.Message{HTML: html}).String(); got != want {
			t.Errorf("%q reads %q, want %q", html, got, want)
		}
	}
}

func TestPictures(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/picture":
			w.Header().Set("Content-Type", "image/png")
			w.Write([]byte("\x89PNG"))
		case "/page":
			w.Write([]byte("<p>gone</p>"))
		case "/large":
			w.Header().Set("Content-Type", "image/png")
			w.Write(make([]byte, 5<<20))
		default:
			w.Write([]byte(`{"query":{"general":{}}}`))
		}
	}))
	defer server.Close()
	wiki := open(t, server.URL+"/w/api.php", client.Options{})
	for info, good := range map[string]bool{
		"/picture": true, "../picture?a=b": true, "data:image/png;base64,iVBORw==": true, "data:image/png;base64,iVBORw%3D%3D": true,
		"/page": false, "/large": false, "file:///etc/passwd": false, "data:text/html;base64,PHA+": false, "data:image/png,x": false, "": false,
	} {
		p, err := wiki.CaptchaPicture(t.Context(), client.Captcha{MIME: "image/png", Info: info})
		if (err == nil) != good || good && (string(p.Bytes) != "\x89PNG" || p.MIME != "image/png") {
			t.Errorf("%q: %+v, %v", info, p, err)
		}
	}
}

// FuzzRequest: whatever a wiki lists can be read or is an error, and what was read can be shown.
func FuzzRequest(f *testing.F) {
	f.Add(example3)
	f.Add(`[{"id":7,"metadata":[1],"fields":{"a":null}}]`)
	f.Add(`[{"fields":{"a":{"options":{"x":{"key":"k"}},"value":3,"optional":""}}}]`)
	f.Fuzz(func(t *testing.T, text string) {
		var s client.Step
		if json.Unmarshal([]byte(text), &s.Requests) != nil {
			return
		}
		for _, field := range s.Fields() {
			_, _ = field.Label.String(), field.TakesAnswer()
		}
		s.Captcha()
		s.TwoFactor()
	})
}
