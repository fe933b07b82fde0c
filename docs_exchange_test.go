package gatehouse

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/captcha/picture"
	"gatehouse/internal/provider/openid/openidtest"
	"gatehouse/internal/provider/passkey/passkeytest"
)

// TestExchanges runs the exchanges that docs/protocol.md and docs/clients.md show: the blocks marked "exchange", in order, each with a cookie jar
// of its own. A word behind the mark names another server than the usual one.
func TestExchanges(t *testing.T) {
	for _, page := range []string{"docs/protocol.md", "docs/clients.md"} {
		t.Run(page, func(t *testing.T) { runExchanges(t, page) })
	}
}

func runExchanges(t *testing.T, page string) {
	t.Helper()
	blocks := regexp.MustCompile("(?ms)^```exchange ?([a-z]*)\n(.*?)^```").FindAllStringSubmatch(read(t, page), -1)
	if len(blocks) == 0 {
		t.Fatal("the page has no exchanges")
	}
	servers := map[string]example{}
	for _, b := range blocks {
		if servers[b[1]].web == nil {
			servers[b[1]] = exampleServer(t, b[1])
		}
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		visitor := &exampleVisitor{t: t, at: servers[b[1]], api: servers[b[1]].web.URL + "/w/api.php", client: http.Client{Jar: jar},
			device: passkeytest.New(t, passkeyOrigin)}
		starts := regexp.MustCompile(`(?m)^(?:GET|POST) `).FindAllStringIndex(b[2], -1)
		for i, start := range starts {
			end := len(b[2])
			if i+1 < len(starts) {
				end = starts[i+1][0]
			}
			visitor.exchange(b[2][start[0]:end])
		}
	}
}

// example is a server of the page.
type example struct {
	web    *httptest.Server
	server *Server
}

func exampleServer(t *testing.T, kind string) example {
	web := httptest.NewUnstartedServer(nil)
	cfg := DefaultConfig()
	cfg.Store.URL = "memory:"
	cfg.Throttle.Creations = nil
	switch kind {
	case "limited":
		cfg.Throttle.Creations = []LimitConfig{{Count: 1, Per: Duration(24 * time.Hour)}}
	case "asked":
		cfg.Throttle.Checks = []LimitConfig{{Count: 2, Per: Duration(10 * time.Minute)}}
	case "captcha":
		cfg.Captcha.Kind = "image"
	case "choice":
		cfg.Captcha.Kind, cfg.Captcha.Others = "image", []string{"math"}
	case "twofactor":
		cfg.TOTP.AtCreation = "optional"
	case "passkey":
		cfg.Server.PublicURL, cfg.Passkeys.AtCreation = passkeyOrigin, "optional"
	case "closed":
		cfg.CreateAccount.Anonymous = false
	case "moderated":
		cfg.Store.URL = testConfig(t).Store.URL
	case "openid", "third":
		if kind == "third" {
			cfg.Captcha.Kind = "image"
		}
		cfg.Server.PublicURL, cfg.TOTP.AtCreation = "http://"+web.Listener.Addr().String(), "optional"
		cfg.OIDC = []OIDCConfig{{Name: "example.net", Issuer: exampleProvider(t), ClientID: "ABC", AllowPrivate: true}}
	}
	s, err := New(t.Context(), cfg, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	web.Config.Handler = s.Handler()
	web.Start()
	t.Cleanup(func() {
		web.Close()
		s.Close()
	})
	if kind == "moderated" {
		op := openOperator(t, cfg)
		for _, a := range []NewAccount{{Name: "Boss", Groups: []string{"sysop", "bureaucrat"}}, {Name: "Vandal"}, {Name: "Grace"}} {
			a.Password = "correct horse"
			if _, err := op.CreateAccount(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
	}
	return example{web, s}
}

// exampleProvider is a provider of OpenID Connect that signs in whoever names themselves.
func exampleProvider(t *testing.T) string {
	web := httptest.NewUnstartedServer(nil)
	issuer := "http://" + web.Listener.Addr().String()
	provider, err := openidtest.New(openidtest.Options{Issuer: issuer, ClientID: "ABC"})
	if err != nil {
		t.Fatal(err)
	}
	web.Config.Handler = provider
	web.Start()
	t.Cleanup(web.Close)
	return issuer
}

// exampleVisitor is the client of one block.
type exampleVisitor struct {
	t       *testing.T
	at      example
	api     string
	client  http.Client
	token   string // the last one
	captcha string // its id
	// code and state are what the last visit elsewhere brought.
	code, state string
	secret      string // of the second factor that is being set up
	// device is this visitor's, options what it was asked last.
	device  *passkeytest.Device
	options string
}

// exchange sends the request in the first line of text and compares the answer: lines of headers, then a document.
func (v *exampleVisitor) exchange(text string) {
	v.t.Helper()
	request, want, _ := strings.Cut(text, "\n")
	header, body := v.send(request)
	for len(want) > 0 && want[0] != '{' {
		var line string
		line, want, _ = strings.Cut(want, "\n")
		name, value, _ := strings.Cut(line, ": ")
		if !anyMatches(pattern(value), header.Values(name)) {
			v.t.Errorf("%s\nanswers with %s: %q, and not %q", request, name, header.Values(name), value)
		}
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		v.t.Fatalf("%s\nis shown with %s\nwhich is no JSON: %v", request, want, err)
	}
	p := pattern(compact.String())
	m := p.FindStringSubmatch(body)
	if m == nil {
		v.t.Fatalf("%s\nanswers\n%s\nand not\n%s", request, body, compact.String())
	}
	if i := p.SubexpIndex("token"); i > 0 {
		v.token = strings.ReplaceAll(m[i], `\\`, `\`)
	}
	v.visitElsewhere(body)
	if i := p.SubexpIndex("captcha"); i > 0 {
		v.captcha = m[i]
	}
	if i := p.SubexpIndex("secret"); i > 0 {
		v.secret = m[i]
	}
	if i := p.SubexpIndex("options"); i > 0 {
		if err := json.Unmarshal([]byte(m[i]), &v.options); err != nil {
			v.t.Fatal(err)
		}
	}
}

// visitElsewhere signs a person in where an answer sends them, with a browser that knows nothing of the program, and notes what
// they are led back with.
func (v *exampleVisitor) visitElsewhere(body string) {
	v.t.Helper()
	var answer struct {
		CreateAccount struct {
			Target string `json:"redirecttarget"`
		} `json:"createaccount"`
	}
	if json.Unmarshal([]byte(body), &answer) != nil || answer.CreateAccount.Target == "" {
		return
	}
	resp, err := http.PostForm(answer.CreateAccount.Target, url.Values{"subject": {"alice"}})
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	m := onward.FindStringSubmatch(string(page))
	if m == nil {
		v.t.Fatalf("the page leads nowhere: %s", page)
	}
	back, err := url.Parse(html.UnescapeString(m[1]))
	if err != nil {
		v.t.Fatal(err)
	}
	v.code, v.state = back.Query().Get("code"), back.Query().Get("state")
}

// pattern reads … as any text, TOKEN as a token, CAPTCHA as the id of a captcha SECRET as that of a second factor, and OPTIONS as what a device is asked.
func pattern(want string) *regexp.Regexp {
	p := strings.ReplaceAll(regexp.QuoteMeta(want), "…", `(?:[^"\\]|\\.)*`)
	p = strings.Replace(p, `"CAPTCHA"`, `"(?P<captcha>[0-9]+)"`, 1)
	p = strings.Replace(p, `"SECRET"`, `"(?P<secret>[A-Z2-7 ]{39})"`, 1)
	p = strings.Replace(p, `"OPTIONS"`, `(?P<options>"(?:[^"\\]|\\.)*")`, 1)
	return regexp.MustCompile("^" + strings.ReplaceAll(p, "TOKEN", `(?P<token>[0-9a-f]{40}\+\\\\)`) + "$")
}

func anyMatches(p *regexp.Regexp, values []string) bool {
	for _, v := range values {
		if p.MatchString(v) {
			return true
		}
	}
	return false
}

// send makes the request of a line such as "GET action=query&meta=tokens".
func (v *exampleVisitor) send(request string) (http.Header, string) {
	v.t.Helper()
	method, parameters, _ := strings.Cut(request, " ")
	form := url.Values{}
	for pair := range strings.SplitSeq(parameters, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch value {
		case "CAPTCHA":
			value = v.captcha
		case "WORD":
			value = v.word()
		case "APPCODE":
			value = appCode(v.t, v.secret, 0)
		case "NEXTCODE":
			value = appCode(v.t, v.secret, 1)
		case "MADE":
			value = v.device.Make(v.options)
		case "PROVEN":
			value = v.device.Prove(v.options)
		}
		form.Set(name, strings.NewReplacer("TOKEN", v.token, "CODE", v.code, "STATE", v.state).Replace(value))
	}
	var resp *http.Response
	var err error
	if method == http.MethodGet {
		resp, err = v.client.Get(v.api + "?" + form.Encode())
	} else {
		resp, err = v.client.PostForm(v.api, form)
	}
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp.Header, string(body)
}

// word is what the last captcha's picture shows.
func (v *exampleVisitor) word() string {
	v.t.Helper()
	c, _, ok := v.at.server.desk.Find(v.captcha)
	if !ok {
		v.t.Fatalf("no captcha has the id %q", v.captcha)
	}
	return picture.Word(c.Seed)
}
