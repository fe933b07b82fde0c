package actionapi

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"gatehouse/internal/actionapi/result"
)

// largeAnswer is what list=logevents with its largest limit could be, with texts of the longest kind: 10 MB as JSON.
func largeAnswer() *result.Object {
	l := &result.List{Item: "item"}
	for i := range 5000 {
		o := &result.Object{}
		o.Number("logid", int64(i))
		o.Text("title", "User:Somebody "+strconv.Itoa(i))
		o.Flag("suppressed", i%2 == 0)
		o.Text("comment", strings.Repeat("because <of> \"it\" & é ", 90))
		l.Append(result.Of(o))
	}
	o := &result.Object{}
	o.List("logevents", l)
	return o
}

// sendLarge answers a call with root, in the format that query asks for.
func sendLarge(t testing.TB, s *site, query string, root *result.Object, w http.ResponseWriter) {
	t.Helper()
	a := s.Handler.(*api)
	r := httptest.NewRequest("GET", "/w/api.php?action=query&"+query, nil)
	c, err := a.newCall(w, r)
	must(t, err)
	defer c.release()
	c.in, err = readInput(w, r, &a.crowd)
	must(t, err)
	must(t, c.execute())
	c.body = *root
	c.write(w, nil)
}

func largeQueries() []string {
	return []string{
		"format=json&formatversion=2", "format=json", "format=jsonfm", "format=xml", "format=xmlfm", "format=php", "format=phpfm", "format=rawfm",
	}
}

// TestLargeAnswerHasNoSecondCopy holds that writing a large answer takes pieces of memory and not as much again.
func TestLargeAnswerHasNoSecondCopy(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.Observe = nil }})
	root := largeAnswer()
	for _, query := range largeQueries() {
		sent := counting{discard: discard{header: http.Header{}}}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		sendLarge(t, s, query, root, &sent)
		runtime.ReadMemStats(&after)
		taken := after.TotalAlloc - before.TotalAlloc
		if sent.n < 10_000_000 || taken > 1<<20 {
			t.Errorf("%s: an answer of %d bytes took %d bytes to write", query, sent.n, taken)
		}
	}
}

// counting counts what is written to it.
type counting struct {
	discard
	n int
}

func (c *counting) Write(b []byte) (int, error) {
	c.n += len(b)
	return len(b), nil
}

// BenchmarkLargeAnswer writes the answer of TestLargeAnswerHasNoSecondCopy; the tree is there already.
func BenchmarkLargeAnswer(b *testing.B) {
	s := newSite(b, change{api: func(c *Config) { c.Observe = nil }})
	root := largeAnswer()
	for _, query := range largeQueries() {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sendLarge(b, s, query, root, &discard{header: http.Header{}})
			}
		})
	}
}
