package actionapi

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/auth"
)

// TestFaultTellsNothing: a fault is a reference and a class to the client, whatever the error format, and one line with all
// of it in the log, which text cannot break (security rows 30 and 49).
func TestFaultTellsNothing(t *testing.T) {
	var log bytes.Buffer
	s := newSite(t, change{
		auth: func(c *auth.Config) { c.Secondary = []auth.SecondaryProvider{failing{}} },
		api:  func(c *Config) { c.Logger = textLogger(&log) },
	})
	for i, tt := range []struct{ query, want string }{
		{"format=json&formatversion=2", `{"error":{"code":"internal_api_error_Fault","info":"TEXT","errorclass":"Fault"}}`},
		{"format=json", `{"error":{"code":"internal_api_error_Fault","info":"TEXT","errorclass":"Fault"}}`},
		{"format=json&formatversion=2&errorformat=plaintext", `{"errors":[{"code":"internal_api_error_Fault","text":"TEXT","data":{"errorclass":"Fault"}}]}`},
		{"format=json&errorformat=none", `{"errors":[{"code":"internal_api_error_Fault","data":{"errorclass":"Fault"}}]}`},
		{"format=json&formatversion=2&errorformat=raw", `{"errors":[{"code":"internal_api_error_Fault","key":"apierror-exceptioncaughttype","params":["ID","Fault"],"data":{"errorclass":"Fault"}}]}`},
		{"format=xml", `<?xml version="1.0"?><api><error code="internal_api_error_Fault" info="TEXT" errorclass="Fault" /></api>`},
	} {
		log.Reset()
		c := s.client(t)
		a := c.postTo(tt.query, "action=createaccount&createreturnurl=http://x/&password="+testPassword+"&retype="+testPassword,
			"username", fmt.Sprintf("Somebody %d", i), "createtoken", c.token("createaccount"))
		id := a.header.Get("X-Request-Id")
		want := strings.NewReplacer("TEXT", "["+id+"] Something went wrong on the server (Fault). Please tell the people who run this site the number in front.",
			"ID", id).Replace(tt.want)
		if a.text != want || a.status != 200 || a.header.Get("MediaWiki-API-Error") != "internal_api_error_Fault" {
			t.Errorf("%s: %d\n got %s\nwant %s", tt.query, a.status, a.text, want)
		}
		if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "request="+id) || !strings.Contains(log.String(), "hunter2") {
			t.Errorf("%s: %d lines in the log: %s", tt.query, lines, log.String())
		}
	}
}

// raw sends bytes as they are and gives the answer's headers and body as they are.
func raw(t testing.TB, h http.Handler, request string) (head, body string) {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, request)
	must(t, err)
	answer, err := io.ReadAll(bufio.NewReader(conn))
	must(t, err)
	head, body, _ = strings.Cut(string(answer), "\r\n\r\n")
	return head, body
}

// TestHeadersAreNotMadeOfRequests: nothing that was sent adds a header line or another answer (security row 48).
func TestHeadersAreNotMadeOfRequests(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.CORS.Allow = []string{"*"} }})
	const evil = "x%0D%0AX-Evil:%201%0D%0A%0D%0A<script>"
	for _, query := range []string{
		"action=query&requestid=" + evil, "action=query&callback=" + evil + "&format=json", "action=query&format=" + evil, "action=" + evil,
		"action=query&origin=" + evil, "action=query&uselang=" + evil + "&responselanginfo=", "action=query&" + evil + "=", "action=query&assertuser=" + evil,
		"action=query&format=json&formatversion=" + evil, "action=query&format=xml&xslt=" + evil, "action=query&maxlag=-9&requestid=" + evil,
		"action=query&wrappedhtml=&requestid=" + evil, "action=createaccount&createreturnurl=" + evil + "&format=json&errorformat=" + evil,
	} {
		for _, path := range []string{"/w/api.php?", "/w/api.php/x?"} {
			head, _ := raw(t, s, "GET "+path+query+" HTTP/1.1\r\nHost: wiki.test\r\nOrigin: https://x%0D%0AX-Evil\r\nConnection: close\r\n\r\n")
			for line := range strings.SplitSeq(head, "\r\n") {
				if strings.HasPrefix(strings.ToLower(line), "x-evil") || strings.Contains(line, "\n") || strings.Contains(line, "\r") {
					t.Errorf("%s%s: %q", path, query, head)
				}
			}
		}
	}
}

// TestNothingIsSniffed: every answer says what it is, and that it is nothing else, and none can be framed where there is
// something in it (security row 48).
func TestNothingIsSniffed(t *testing.T) {
	s := newSite(t, change{})
	for _, tt := range []struct {
		about, request string
		status         string
	}{
		{"a document", "GET /w/api.php?action=query&format=json HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n", "200"},
		{"a page", "GET /w/api.php?action=query HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n", "200"},
		{"help", "GET /w/api.php HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n", "200"},
		{"nothing", "GET /w/api.php?action=query&format=none HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n", "200"},
		{"an error", "GET /w/api.php?action=x&format=php HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n", "200"},
		{"another method", "PATCH /w/api.php?action=query&format=xml HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n", "405"},
		{"behind the entry", "GET /w/api.php/x.html HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n", "301"},
		{"another origin", "GET /w/api.php?origin=x HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n", "403"},
		{"a preflight", "OPTIONS /w/api.php HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n", "200"},
		{"too large", "POST /w/api.php?format=json HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Type: " + formType +
			fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n", maxBody+1), "413"},
	} {
		head, _ := raw(t, s, tt.request)
		if !strings.HasPrefix(head, "HTTP/1.1 "+tt.status) || !strings.Contains(head, "\r\nX-Content-Type-Options: nosniff") || !strings.Contains(head, "\r\nContent-Type: ") {
			t.Errorf("%s: %s", tt.about, head)
		}
		if tt.status == "200" && tt.about != "a preflight" && !strings.Contains(head, "\r\nX-Frame-Options: DENY") {
			t.Errorf("%s can be framed: %s", tt.about, head)
		}
	}
}

// TestBodiesOfOtherTypesAreNotRead: no parser but those of forms ever sees a body; XML that would unfold into gigabytes is
// just not read (security row 29).
func TestBodiesOfOtherTypesAreNotRead(t *testing.T) {
	s := newSite(t, change{})
	bomb := `<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">` + strings.Repeat(`<!ENTITY a "&a;&a;&a;&a;&a;&a;&a;&a;&a;">`, 30) + `]><b createtoken="x">&a;</b>`
	for _, contentType := range []string{
		"text/xml", "application/xml", "application/json", "application/json; charset=utf-8", "text/plain", "application/octet-stream",
		"application/x-www-form-urlencoded-not", "multipart/mixed; boundary=B", "*/*", ";",
	} {
		r := httptest.NewRequest("POST", "/w/api.php?action=createaccount&format=json", strings.NewReader(bomb))
		r.Header.Set("Content-Type", contentType)
		a := s.client(t).do(r)
		if a.code() != "notoken" || a.at("warnings") != nil {
			t.Errorf("%s: %s", contentType, a.text)
		}
	}
}

// TestOnlyOfferedFieldsAreRead: names of columns and of inner fields are unknown parameters, and make nobody anything
// (security row 27).
func TestOnlyOfferedFieldsAreRead(t *testing.T) {
	s := newSite(t, change{})
	c := s.client(t)
	more := []string{"username", "Plain", "createtoken", c.token("createaccount")}
	for _, name := range []string{
		"groups", "group", "id", "user_id", "userid", "rights", "emailconfirmed", "email_confirmed", "registered", "creator", "actor", "language",
		"hash", "state", "flow", "skeleton", "byemail", "autocreate", "bot", "sysop", "Account", "ID",
	} {
		more = append(more, name, "sysop")
	}
	a := c.post("action=createaccount&format=json&errorformat=none&createreturnurl=http://x/&password="+testPassword+"&retype="+testPassword, more...)
	if a.at("createaccount.status") != "PASS" || a.at("warnings.0.code") != "unrecognizedparams" {
		t.Fatalf("got %s", a.text)
	}
	account, err := s.store.AccountByName(t.Context(), "Plain")
	must(t, err)
	if len(account.Groups) > 0 || account.Email != "" || !account.EmailConfirmed.IsZero() || account.Language != "en" {
		t.Errorf("made %+v", account)
	}
}
