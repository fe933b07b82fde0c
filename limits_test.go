package gatehouse

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// listening is a server on a socket of its own, as Run has it, with so much patience.
func listening(t *testing.T, p patience) (address string) {
	t.Helper()
	s := newServer(t, testConfig(t))
	s.patience = p
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// sender is a client that has no manners: it writes what it likes, and reads at the same time.
type sender struct {
	net.Conn
	answer chan rawAnswer
}

// rawAnswer is what came back: nothing but err where the server only hung up.
type rawAnswer struct {
	status int
	code   string
	body   string
	err    error
}

func dial(t *testing.T, address string) *sender {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil { // no test waits for ever
		t.Fatal(err)
	}
	s := &sender{Conn: conn, answer: make(chan rawAnswer, 1)}
	go func() { s.answer <- readAnswer(conn) }()
	return s
}

func readAnswer(conn net.Conn) rawAnswer {
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return rawAnswer{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return rawAnswer{status: resp.StatusCode, code: resp.Header.Get("MediaWiki-API-Error"), body: string(body), err: err}
}

// head is the beginning of a POST to the API; length is what it says of its body, "" = in chunks.
func head(contentType, length string) string {
	framing := "Transfer-Encoding: chunked"
	if length != "" {
		framing = "Content-Length: " + length
	}
	return "POST /w/api.php?format=json&formatversion=2 HTTP/1.1\r\nHost: x\r\nContent-Type: " + contentType + "\r\n" + framing + "\r\n\r\n"
}

const (
	urlencoded = "application/x-www-form-urlencoded"
	multiparts = "multipart/form-data; boundary=B"
	partHead   = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
)

// heap is the memory that is in use once what is not any more has been taken away.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestBodiesOf50MB(t *testing.T) {
	address := listening(t, usualPatience())
	const size = 50 << 20
	piece := strings.Repeat("x", 64<<10)
	for _, c := range []struct{ about, head, first, before, after string }{
		{"urlencoded, announced", head(urlencoded, fmt.Sprint(size)), "a=", "", ""},
		{"urlencoded, in chunks", head(urlencoded, ""), "2\r\na=\r\n", "10000\r\n", "\r\n"},
		{"multipart, announced", head(multiparts, fmt.Sprint(size)), partHead, "", ""},
		{"multipart, in chunks", head(multiparts, ""), fmt.Sprintf("%x\r\n%s\r\n", len(partHead), partHead), "10000\r\n", "\r\n"},
	} {
		begin, chunk := []byte(c.head+c.first), []byte(c.before+piece+c.after)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := dial(t, address)
		_, err := s.Write(begin)
		sent := 0
		for err == nil && sent < size {
			_, err = s.Write(chunk) // the sender's memory is counted too: it makes none
			sent += len(piece)
		}
		got := <-s.answer
		runtime.ReadMemStats(&after)
		if got.status != http.StatusRequestEntityTooLarge || got.code != "http-contenttoolarge" || !strings.Contains(got.body, `"code":"http-contenttoolarge"`) {
			t.Errorf("%s: answered %+v", c.about, got)
		}
		if err == nil {
			t.Errorf("%s: the server took all of it", c.about)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 16<<20 {
			t.Errorf("%s: it took %d bytes", c.about, taken)
		}
	}
}

func TestRequestsThatAreTooLarge(t *testing.T) {
	address := listening(t, usualPatience())
	post := func(body string) string { return head(urlencoded, fmt.Sprint(len(body))) + body }
	many := func(what string) string { return strings.Repeat(what, 100_000) }
	get := func(query, headers string) string {
		return "GET /w/api.php?format=json&formatversion=2&" + query + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n"
	}
	for _, c := range []struct {
		about, request string
		status         int
		code           string
	}{
		{"100 000 parameters", post(many("a&")), 413, "http-contenttoolarge"},
		{"100 000 items", post(many("a[]&")), 413, "http-contenttoolarge"},
		{"100 000 values", post("action=query&meta=tokens&type=" + many("|")), 200, "toomanyvalues"},
		{"100 000 values by another separator", post("action=query&list=users&ususers=%1F" + many("%1F")), 200, "toomanyvalues"},
		{"100 000 brackets", post("action=query&" + many("[")), 200, ""},
		{"100 000 dimensions", post("action=query&a" + many("[b]")), 200, ""},
		{"an array for everything", post("action[][][]=query&meta[" + many("]") + "=tokens"), 200, ""},
		{"100 000 parameters in the address", get(many("a&"), ""), 431, ""},
		{"a long address", get(many("a"), ""), 431, ""},
		{"a long header", get("action=query", "Cookie: "+many("a")+"\r\n"), 431, ""},
		{"many headers", get("action=query", many("A: b\r\n")), 431, ""},
	} {
		s := dial(t, address)
		_, _ = io.WriteString(s, c.request) // the server may hang up before all is written
		if got := <-s.answer; got.status != c.status || got.code != c.code {
			t.Errorf("%s: answered %d %s %.200s", c.about, got.status, got.code, got.body)
		}
	}
}

// TestSlowSenders sends byte after byte: the server ends it, whatever was still to come, and does nothing.
func TestSlowSenders(t *testing.T) {
	address := listening(t, patience{headers: 300 * time.Millisecond, request: 600 * time.Millisecond, answer: time.Minute, idle: time.Minute})
	for _, c := range []struct {
		about, at string // what comes at once
		slowly    string // what then comes, and again
		status    int
	}{
		{about: "headers", at: "GET /w/api.php HTTP/1.1\r\n", slowly: "A: b\r\n", status: http.StatusBadRequest},
		{about: "the first line", slowly: "GET /" + strings.Repeat("x", 1000), status: http.StatusBadRequest},
		{about: "form", at: head(urlencoded, "1000"), slowly: "a=b&", status: http.StatusRequestTimeout},
		{about: "form in chunks", at: head(urlencoded, ""), slowly: "1\r\na\r\n", status: http.StatusRequestTimeout},
		{about: "parts", at: head(multiparts, "1000") + partHead, slowly: "abc", status: http.StatusRequestTimeout},
		{about: "a page's form", at: strings.Replace(head(urlencoded, "1000"), "/w/api.php", "/wiki/Special:CreateAccount", 1), slowly: "a=b&", status: http.StatusRequestTimeout},
	} {
		s := dial(t, address)
		_, err := io.WriteString(s, c.at)
		tick := time.NewTicker(5 * time.Millisecond)
		var got rawAnswer
		for i, ended := 0, false; !ended; i++ {
			select {
			case got = <-s.answer:
				ended = true
			case <-tick.C:
				if err == nil {
					_, err = s.Write([]byte{c.slowly[i%len(c.slowly)]})
				}
			}
		}
		tick.Stop()
		// net/http may also hang up without a word on those who did not get as far as a body.
		if got.status != c.status && !(got.status == 0 && c.status == http.StatusBadRequest) {
			t.Errorf("%s: answered %d %.300s", c.about, got.status, got.body)
		}
	}
}

// TestManySlowSenders has very many clients begin a body and leave it at that: the memory they take does not depend on what
// they announce or send, and others are served meanwhile.
func TestManySlowSenders(t *testing.T) {
	const senders = 150
	address := listening(t, patience{headers: 5 * time.Second, request: 3 * time.Second, answer: time.Minute, idle: time.Minute})
	client := at(t, "http://"+address)
	client.token("createaccount")
	before := heap()
	text := "a=" + strings.Repeat("x", 900<<10)
	multi := partHead + text
	var all []*sender
	var writing sync.WaitGroup
	for i := range senders {
		s := dial(t, address)
		all = append(all, s)
		writing.Go(func() {
			if i%2 == 0 {
				_, _ = io.WriteString(s, head(urlencoded, "1000000")+text)
			} else {
				_, _ = io.WriteString(s, head(multiparts, "1000000")+multi)
			}
		})
	}
	writing.Wait()
	client.token("createaccount") // somebody else is served
	if grown := heap() - before; grown > 48<<20 {
		t.Errorf("%d senders of large bodies take %d bytes", senders, grown)
	}
	refused := 0
	for _, s := range all {
		got := <-s.answer
		switch {
		case got.status == http.StatusOK && got.code == "ratelimited":
			refused++
		case got.status != http.StatusRequestTimeout:
			t.Errorf("answered %d %s %.200s, %v", got.status, got.code, got.body, got.err)
		}
	}
	if refused == 0 {
		t.Error("all of them found room")
	}
	client.token("createaccount")
}
