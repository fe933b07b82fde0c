package recorder

import (
	"bytes"
	"cmp"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"gatehouse/internal/recording"
)

// wikisOwn is what the wikis under test call themselves; they are found elsewhere.
const wikisOwn = "https://wiki.example"

// lines is a file that knows each Write of it.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, string(b))
	return len(b), nil
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "")
}

// exchanges reads what was written, which has to be whole lines.
func (l *lines) exchanges(t *testing.T) []recording.Exchange {
	t.Helper()
	for _, line := range l.all {
		if strings.Index(line, "\n") != len(line)-1 {
			t.Errorf("no whole line: %q", line)
		}
	}
	_, all, err := recording.Read(strings.NewReader(l.text()))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// recordOf puts a recorder in front of a wiki and gives its address.
func recordOf(t *testing.T, wiki *httptest.Server) (here string, file *lines) {
	t.Helper()
	file = &lines{}
	w, err := recording.NewWriter(file, recording.Head{What: "a test"})
	if err != nil {
		t.Fatal(err)
	}
	api, err := url.Parse(wiki.URL + "/w/api.php")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	here = "http://" + server.Listener.Addr().String()
	r := New(Options{API: api, Origins: []string{wikisOwn}, Public: here, Writer: w})
	r.proxy.Transport = wiki.Client().Transport // it trusts the test's certificate
	server.Config.Handler = r
	server.Start()
	t.Cleanup(server.Close)
	return here, file
}

func wiki(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// ask does not follow redirects.
func ask(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func request(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// TestAddresses holds that a client stays with the recorder, whatever the wiki calls itself, with TLS and without.
func TestAddresses(t *testing.T) {
	rows := []struct{ name, sent, want, kept string }{ // UP is the address asked, HERE the recorder's
		{"absolute", "UP/wiki/A", "HERE/wiki/A", "{{base}}/wiki/A"},
		{"own name", wikisOwn + "/wiki/A", "HERE/wiki/A", "{{base}}/wiki/A"},
		{"own name, other scheme", "http://wiki.example/wiki/A", "HERE/wiki/A", "{{base}}/wiki/A"},
		{"other scheme inside another", "https://other.example/?back=http%3A%2F%2Fwiki.example%2Fx", "https://other.example/?back=ESCAPED%2Fx", ""},
		{"protocol-relative", "//wiki.example/w/index.php?a=b", "//HOST/w/index.php?a=b", "{{base}}{{script}}/index.php?a=b"},
		{"path only", "/w/index.php?a=b", "/w/index.php?a=b", "{{script}}/index.php?a=b"},
		{"inside another", "https://other.example/?back=https%3A%2F%2Fwiki.example%2Fx", "https://other.example/?back=ESCAPED%2Fx", ""},
		{"longer host", "https://wiki.example.org/x", "https://wiki.example.org/x", "https://wiki.example.org/x"},
	}
	for _, start := range []func(http.Handler) *httptest.Server{httptest.NewServer, httptest.NewTLSServer} {
		for _, row := range rows {
			var up *httptest.Server
			sent := func() string { return strings.ReplaceAll(row.sent, "UP", up.URL) }
			up = start(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", sent())
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Strict-Transport-Security", "max-age=1")
				w.WriteHeader(http.StatusFound)
				io.WriteString(w, `{"a":"`+sent()+`","b":"`+strings.ReplaceAll(sent(), "/", `\/`)+`"}`)
			}))
			here, file := recordOf(t, up)
			answer, body := ask(t, request(t, "GET", here+"/w/api.php", ""))
			up.Close()
			host := strings.TrimPrefix(here, "http://")
			want := strings.NewReplacer("HERE", here, "HOST", host, "ESCAPED", url.QueryEscape(here)).Replace(row.want)
			if got := answer.Header.Get("Location"); got != want {
				t.Errorf("%s of %s: Location %s, want %s", row.name, up.URL, got, want)
			}
			if wanted := `{"a":"` + want + `","b":"` + strings.ReplaceAll(want, "/", `\/`) + `"}`; body != wanted {
				t.Errorf("%s of %s: body %s, want %s", row.name, up.URL, body, wanted)
			}
			if answer.Header.Get("Strict-Transport-Security") != "" {
				t.Errorf("%s: the client is told to want TLS", row.name)
			}
			got := file.exchanges(t)[0].Answer.Headers["Location"]
			if row.kept != "" && got != row.kept {
				t.Errorf("%s: %s is recorded, want %s", row.name, got, row.kept)
			}
		}
	}
}

func TestCookies(t *testing.T) {
	rows := []struct{ set, plain, back string }{
		{"__Host-s=v1; Path=/; Secure; HttpOnly; SameSite=Lax", "plain-__Host-s=v1; Path=/; HttpOnly; SameSite=Lax", "__Host-s=v1"},
		{"__Secure-s=v1; path=/; secure; SameSite=None; Partitioned", "plain-__Secure-s=v1; path=/", "__Secure-s=v1"},
		{"s=v1; Domain=wiki.example; Max-Age=9", "s=v1; Max-Age=9", "s=v1"},
		{"plain-s=v1", "plain-s=v1", "plain-s=v1"},
		{`s={"a":"` + wikisOwn + `"}; Secure`, `s={"a":"` + wikisOwn + `"}`, `s={"a":"` + wikisOwn + `"}`},
	}
	for _, row := range rows {
		var back string
		here, file := recordOf(t, wiki(t, func(w http.ResponseWriter, r *http.Request) {
			back = r.Header.Get("Cookie")
			w.Header().Set("Set-Cookie", row.set)
		}))
		answer, _ := ask(t, request(t, "GET", here+"/", ""))
		if got := answer.Header.Get("Set-Cookie"); got != row.plain {
			t.Errorf("%s became %s, want %s", row.set, got, row.plain)
		}
		again := request(t, "GET", here+"/", "")
		pair, _, _ := strings.Cut(row.plain, ";")
		again.Header.Set("Cookie", "a=b; "+pair)
		ask(t, again)
		if want := "a=b; " + row.back; back != want {
			t.Errorf("%s came back as %s, want %s", row.set, back, want)
		}
		if strings.Contains(file.text(), "v1") {
			t.Errorf("the value of %s is in the file", row.set)
		}
	}
}

// TestBodies holds that a wiki gets bodies byte by byte, and that the file gets no secret of theirs.
func TestBodies(t *testing.T) {
	const planted, mail = "hush-hush-1", "ada@example.org"
	fields := [][2]string{{"action", "createaccount"}, {"username", "Ada"}, {"password", planted}, {"retype", planted}, {"email", mail}}
	var parts bytes.Buffer
	form := multipart.NewWriter(&parts)
	values := url.Values{}
	for _, f := range fields {
		values.Set(f[0], f[1])
		if err := form.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	upload, err := form.CreateFormFile("file", "x.bin")
	if err != nil {
		t.Fatal(err)
	}
	upload.Write([]byte("\x00\r\n\xff " + planted))
	form.Close()
	for kind, body := range map[string]string{"application/x-www-form-urlencoded": values.Encode(), form.FormDataContentType(): parts.String()} {
		var got, query string
		here, file := recordOf(t, wiki(t, func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			got, query = string(b), r.URL.RawQuery
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			io.WriteString(w, `{"createaccount":{"status":"PASS","message":"mail to `+mail+`"}}`)
		}))
		req := request(t, "POST", here+"/w/api.php?format=json&odd=%zz;x", body)
		req.Header.Set("Content-Type", kind)
		req.ContentLength = -1 // in pieces
		if answer, text := ask(t, req); answer.StatusCode != http.StatusOK || !strings.Contains(text, mail) {
			t.Errorf("%s: %s %s", kind, answer.Status, text)
		}
		if got != body || query != "format=json&odd=%zz;x" {
			t.Errorf("%s: the wiki got %q and %q", kind, query, got)
		}
		sent := file.exchanges(t)[0].Request
		if sent.To != "{{script}}/api.php" || sent.Query["format"][0] != "json" || len(sent.Body) != len(fields) ||
			sent.Body["username"][0] != "Ada" || sent.Body["retype"][0] != "{{password}}" || sent.Body["email"][0] != "{{email}}" {
			t.Errorf("%s is recorded as %+v", kind, sent)
		}
		for _, secret := range []string{planted, mail, url.QueryEscape(mail)} {
			if strings.Contains(file.text(), secret) {
				t.Errorf("%s: %s is in the file", kind, secret)
			}
		}
	}
}

func TestOtherAnswers(t *testing.T) {
	rows := []struct{ kind, body, want string }{
		{"text/html; charset=utf-8", `<a href="` + wikisOwn + `/x">hidden-words</a>`, `<a href="HERE/x">hidden-words</a>`},
		{"image/png", "\x89PNG\r\n\x00\xffhidden-words " + wikisOwn, "\x89PNG\r\n\x00\xffhidden-words " + wikisOwn},
		{"application/json", `{"cut off":"hidden-words`, `{"cut off":"hidden-words`},
	}
	for _, row := range rows {
		here, file := recordOf(t, wiki(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", row.kind)
			io.WriteString(w, row.body)
		}))
		if _, got := ask(t, request(t, "GET", here+"/wiki/A", "")); got != strings.ReplaceAll(row.want, "HERE", here) {
			t.Errorf("%s: got %q", row.kind, got)
		}
		if a := file.exchanges(t)[0].Answer; a.JSON != nil || a.LeftOut != len(row.body) || a.Type != row.kind {
			t.Errorf("%s is recorded as %+v", row.kind, a)
		}
		if strings.Contains(file.text(), "hidden-words") {
			t.Errorf("%s: the body is in the file", row.kind)
		}
	}
}

// TestWikiAway: neither a wiki that is away nor one that goes in the middle of its answer leaves half an answer or half a line.
func TestWikiAway(t *testing.T) {
	away := wiki(t, nil)
	away.Close()
	broken := wiki(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{"half":`)
	})
	for name, up := range map[string]*httptest.Server{"away": away, "broken": broken} {
		here, file := recordOf(t, up)
		answer, body := ask(t, request(t, "GET", here+"/w/api.php?token=planted-token", ""))
		if answer.StatusCode != http.StatusBadGateway || !strings.HasPrefix(body, "the recorder: ") || strings.Contains(body, "half") {
			t.Errorf("%s: %s %q", name, answer.Status, body)
		}
		if n := len(file.exchanges(t)); n != 0 || strings.Contains(body, "planted-token") {
			t.Errorf("%s: %d exchanges; %s", name, n, body)
		}
	}
}

// TestTwoAtOnce: two clients that ask at the same time are two visitors, even where the wiki gives both a cookie of one value.
func TestTwoAtOnce(t *testing.T) {
	const rounds = 5
	var together sync.WaitGroup // both first requests are with the wiki before either is answered
	together.Add(2)
	here, file := recordOf(t, wiki(t, func(w http.ResponseWriter, r *http.Request) {
		who := r.URL.Query().Get("who")
		if c, err := r.Cookie("__Host-session"); err == nil && c.Value != "of-"+who {
			t.Errorf("%s came with the session %s", who, c.Value)
		} else if err != nil {
			together.Done()
			together.Wait()
			http.SetCookie(w, &http.Cookie{Name: "all", Value: "alike", Path: "/"})
			http.SetCookie(w, &http.Cookie{Name: "__Host-session", Value: "of-" + who, Path: "/", Secure: true})
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{}`)
	}))
	var clients sync.WaitGroup
	for _, who := range []string{"ada", "bob"} {
		clients.Go(func() {
			jar, _ := cookiejar.New(nil)
			c := http.Client{Jar: jar}
			for range rounds {
				answer, err := c.Get(here + "/w/api.php?who=" + who)
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
		})
	}
	clients.Wait()
	all := file.exchanges(t)
	slices.SortFunc(all, func(a, b recording.Exchange) int { return cmp.Compare(a.Visitor, b.Visitor) })
	if len(all) != 2*rounds {
		t.Fatalf("%d exchanges", len(all))
	}
	for i, e := range all {
		if first := all[i/rounds*rounds]; e.Visitor != i/rounds+1 || e.Request.Query["who"][0] != first.Request.Query["who"][0] {
			t.Errorf("visitor %d asked for %s", e.Visitor, e.Request.Query["who"])
		}
	}
}
