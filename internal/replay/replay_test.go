package replay

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/recording"
)

const head = `{"gatehouse-recording":1,"what":"","generator":""}` + "\n"

const signUp = head + `{"visitor":1,"request":{"method":"GET","to":"{{script}}/api.php","query":{"action":"query","meta":"tokens","type":"createaccount"}},"answer":{"status":200,"type":"application/json","json":{"query":{"tokens":{"createaccounttoken":"{{createaccounttoken}}"}}}}}
{"visitor":1,"request":{"method":"POST","to":"{{script}}/api.php","body":{"action":"createaccount","username":"{{name}}","password":"{{password}}","retype":"{{password}}","createtoken":"{{badtoken}}"}},"answer":{"status":200,"type":"application/json","json":{"error":{"code":"badtoken"}}}}
{"visitor":1,"request":{"method":"POST","to":"{{script}}/api.php","body":{"action":"createaccount","username":"{{name}}","password":"{{password}}","retype":"{{password2}}","createtoken":"{{createaccounttoken}}"}},"answer":{"status":200,"type":"application/json","json":{"createaccount":{"status":"FAIL","message":"no","messagecode":"badretype"}}}}
{"visitor":1,"request":{"method":"POST","to":"{{script}}/api.php","body":{"action":"createaccount","username":"{{name}}","password":"{{password}}","retype":"{{password}}","createtoken":"{{createaccounttoken}}"}},"answer":{"status":200,"type":"application/json","json":{"createaccount":{"status":"PASS","username":"{{name}}"}}}}
{"visitor":1,"request":{"method":"GET","to":"{{script}}/api.php","query":{"action":"query","list":"logevents"}},"answer":{"status":200,"type":"application/json","json":{"logevents":[{"logid":5,"title":"User:{{name}}","timestamp":"2026-01-01T00:00:00Z"}],"groups":["*","user"]}}}
`

func read(t *testing.T, text string) []recording.Exchange {
	t.Helper()
	_, exchanges, err := recording.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return exchanges
}

func serve(t *testing.T, text string) (*Server, *url.URL) {
	t.Helper()
	s, err := NewServer(ServerOptions{Exchanges: read(t, text), Public: "http://wiki.example", Script: "/w", Random: bytes.NewReader(make([]byte, 6))})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	u, err := url.Parse(web.URL + "/w/api.php")
	if err != nil {
		t.Fatal(err)
	}
	return s, u
}

func against(t *testing.T, text string, api *url.URL, rules Rules) (Result, error) {
	t.Helper()
	return Against(t.Context(), read(t, text), Target{API: api, Random: bytes.NewReader([]byte("random")), Compare: rules})
}

// TestBothDirections plays a recording as a client against itself as a server, twice: another client brings another password.
func TestBothDirections(t *testing.T) {
	s, api := serve(t, signUp)
	for range 2 {
		result, err := against(t, signUp, api, Rules{})
		if err != nil || len(result.Differences) > 0 || result.Exchanges != 5 {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	if s.Missed() != 0 || len(s.Unasked()) != 0 {
		t.Errorf("missed %d, unasked %q", s.Missed(), s.Unasked())
	}
}

func TestDifferences(t *testing.T) {
	changed := strings.NewReplacer(`"PASS"`, `"FAIL"`, `"logid":5`, `"logid":7`, `2026-01-01`, `2027-02-02`, `"message":"no"`, `"message":"never"`, `["*","user"]`, `["user","more"]`).Replace(signUp)
	_, api := serve(t, changed)
	allow, err := ReadAllow(strings.NewReader("# known\n\nquery+logevents:json.groups[*]  other groups\nno.such some reason\n"))
	if err != nil {
		t.Fatal(err)
	}
	result, err := against(t, signUp, api, Rules{Masks: Masks(), Allow: allow})
	if err != nil || len(result.Differences) != 1 || result.Differences[0].Path != "json.createaccount.status" {
		t.Errorf("%+v, %v", result.Differences, err)
	}
	if want := "4 POST createaccount: json.createaccount.status\n  recorded  \"PASS\"\n  here      \"FAIL\""; result.Differences[0].String() != want {
		t.Errorf("shown as %s", result.Differences[0])
	}
	if len(result.Allowed) != 2 || result.Allowed[0].Reason != "other groups" || !slices.Equal(allow.Unused(), []string{"no.such"}) {
		t.Errorf("allowed %+v, unused %q", result.Allowed, allow.Unused())
	}
	if result, err = against(t, signUp, api, Rules{}); err != nil || len(result.Differences) != 6 {
		t.Errorf("unmasked: %+v, %v", result.Differences, err)
	}
	if _, err := ReadAllow(strings.NewReader("pattern\n")); !errors.Is(err, ErrAllow) {
		t.Errorf("without a reason: %v", err)
	}
}

func TestNoValue(t *testing.T) {
	_, api := serve(t, signUp)
	_, err := against(t, strings.ReplaceAll(signUp, "{{badtoken}}", "{{captchaWord}}"), api, Rules{})
	if !errors.Is(err, recording.ErrNoValue) || !strings.Contains(err.Error(), "captchaWord") {
		t.Errorf("got %v", err)
	}
}

func TestNotInTheRecording(t *testing.T) {
	s, api := serve(t, signUp)
	answer, err := http.Get(api.String() + "?action=query&meta=tokens&type=csrf")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusNotImplemented || !strings.Contains(string(text), "the nearest is exchange 1, GET query+tokens: type is not createaccount") {
		t.Errorf("%d %s %v", answer.StatusCode, text, err)
	}
	if s.Missed() != 1 || len(s.Unasked()) != 5 {
		t.Errorf("missed %d, unasked %q", s.Missed(), s.Unasked())
	}
}
