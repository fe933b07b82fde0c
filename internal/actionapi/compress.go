package actionapi

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"gatehouse/internal/actionapi/result"
)

// maxZippers is how many answers may be compressed at once. Each takes most of a megabyte, and clients that read slowly hold
// it for long; what finds no room goes out as it is.
const maxZippers = 16

// zippers are the parts that compress, of all calls at once. Zero is ready; it is safe for concurrent use.
type zippers struct {
	now  atomic.Int32
	idle sync.Pool
}

// take gives one that hands on what is ready to send, or nil where there are as many at work as there may be.
func (z *zippers) take(send func([]byte)) *zipper {
	if z.now.Add(1) > maxZippers {
		z.now.Add(-1)
		return nil
	}
	one, ok := z.idle.Get().(*zipper)
	if !ok {
		one = new(zipper)
		one.gzip, _ = gzip.NewWriterLevel((*zipped)(one), gzip.BestSpeed) // fails for levels that are none only
	}
	one.send = send
	return one
}

func (z *zippers) put(one *zipper) {
	one.gzip.Reset((*zipped)(one))
	one.held, one.send = one.held[:0], nil
	z.idle.Put(one)
	z.now.Add(-1)
}

// zipper compresses one body.
type zipper struct {
	gzip *gzip.Writer
	// held is what is compressed and not sent yet.
	held []byte
	send func([]byte)
}

func (z *zipper) Write(b []byte) (int, error) { return z.gzip.Write(b) }

// finish takes the last of the body and gives what is still to be sent.
func (z *zipper) finish(b []byte) []byte {
	_, _ = z.gzip.Write(b)
	_ = z.gzip.Close()
	return z.held
}

// zipped is a zipper as its other end sees it.
type zipped zipper

// Write never fails.
func (z *zipped) Write(b []byte) (int, error) {
	z.held = append(z.held, b...)
	if len(z.held) >= result.PieceSize {
		z.send(z.held)
		z.held = z.held[:0]
	}
	return len(b), nil
}

// compressed gives what compresses the answer, nil where it is to stay as it is, and says so in the headers.
//
// What only this client may see is never compressed: its length would tell what is in it to somebody who can have it asked
// for with text of theirs beside it (the attack called BREACH). Tokens, cookies and what an account may know of itself are
// such things; they are all in answers that set a cookie, or that are private to a session.
func (c *call) compressed(h http.Header, failed bool) *zipper {
	private := failed || c.cacheMode() == cachePrivate
	if h["Set-Cookie"] != nil || c.session != nil && c.session.Established() && private || c.format.module == "none" {
		return nil
	}
	if h["Vary"] == nil {
		h["Vary"] = []string{"Accept-Encoding"}
	}
	if !acceptsGzip(c.r.Header["Accept-Encoding"]) {
		return nil
	}
	zip := c.api.zippers.take(c.reply.send)
	if zip != nil {
		h["Content-Encoding"] = []string{"gzip"}
	}
	return zip
}

// acceptsGzip reads Accept-Encoding: what is named counts before "*", and a weight of 0 is a no.
func acceptsGzip(lines []string) bool {
	any := false
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			name, weight, _ := strings.Cut(part, ";")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				return wanted(weight)
			case "*":
				any = wanted(weight)
			}
		}
	}
	return any
}

// wanted reports whether a weight, such as "q=0.5", is none or above 0.
func wanted(weight string) bool {
	name, value, ok := strings.Cut(strings.TrimSpace(weight), "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return true
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && q > 0
}
