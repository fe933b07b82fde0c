package actionapi

import (
	"net/http"
	"strconv"
	"sync"
)

// maxPooled is the largest buffer that is kept for the next answer.
const maxPooled = 64 << 10

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// keep lets the next answer use a buffer again.
func keep(buffer *[]byte) {
	if cap(*buffer) <= maxPooled {
		buffers.Put(buffer)
	}
}

// write sends the answer: the data the module gave, or err.
func (c *call) write(w http.ResponseWriter, err error) {
	var e *usageError
	status := http.StatusOK
	if err != nil {
		e = c.usage(err)
		c.outcome, status = e.code(), e.status
		c.readErrorFormat()
	}
	c.reply = reply{c: c, w: w, e: e, status: status}
	buffer := buffers.Get().(*[]byte)
	*buffer = c.format.write((*buffer)[:0], &c.reply, c, c.document(e))
	c.reply.finish(*buffer)
	keep(buffer)
	c.observe(status)
}

// reply sends a document as it comes. Nearly every answer is in one piece, and tells its length. The first piece sends the
// headers: what writes the document may add to them until then.
type reply struct {
	c *call
	w http.ResponseWriter
	e *usageError
	// status is the answer's, which under a page is not that of the status line.
	status int
	// ready says that the headers are made, begun that they were sent.
	ready, begun bool
	// zip compresses the body; nil leaves it as it is.
	zip *zipper
	// size is how long the body is so far, as the client gets it; length is room for the header that tells it.
	size   int
	length []string
}

// Write sends a piece that others follow.
func (r *reply) Write(piece []byte) (int, error) {
	r.prepare()
	if r.zip != nil {
		return r.zip.Write(piece)
	}
	r.send(piece)
	return len(piece), nil
}

// finish sends the last piece.
func (r *reply) finish(piece []byte) {
	r.prepare()
	if r.zip != nil {
		piece = r.zip.finish(piece)
		defer r.c.api.zippers.put(r.zip)
	}
	r.size += len(piece)
	if !r.begun {
		r.length[0] = strconv.Itoa(r.size)
		r.c.header["Content-Length"] = r.length
		r.begin()
	}
	if !r.headOnly() {
		_, _ = r.w.Write(piece)
	}
}

// send sends a piece of the body as the client gets it. HEAD only wants to know how long all of them are.
func (r *reply) send(piece []byte) {
	r.size += len(piece)
	if r.headOnly() {
		return
	}
	if !r.begun {
		r.begin()
	}
	_, _ = r.w.Write(piece)
}

// begin sends the headers. A page is an answer of its own about another one: browsers would show theirs for an error. A
// request that was too large stays one, for the format that it asked for may have been lost with it.
func (r *reply) begin() {
	r.begun = true
	status := r.status
	if r.c.format.page && r.c.main != nil {
		status = http.StatusOK
	}
	r.w.WriteHeader(status)
}

func (r *reply) headOnly() bool { return r.c.r.Method == http.MethodHead }

// prepare makes the headers.
func (r *reply) prepare() {
	if r.ready {
		return
	}
	r.ready = true
	c, h := r.c, r.c.header
	if c.session != nil {
		c.session.WriteCookies(h)
	}
	// The values of every answer share one array; Set would make one for each.
	values := &[...]string{
		c.format.contentType(c), c.format.dispositionOf(c), "nosniff", "DENY", c.id,
		c.cacheControl(h, r.e != nil), "", // the last is the length
	}
	for i, name := range [...]string{
		"Content-Type", "Content-Disposition", "X-Content-Type-Options", "X-Frame-Options", "X-Request-Id", "Cache-Control",
	} {
		h[name] = values[i : i+1 : i+1]
	}
	r.length = values[len(values)-1:]
	if c.suppressed {
		h.Set("MediaWiki-Login-Suppressed", "true")
	}
	if r.e != nil {
		h.Set("MediaWiki-API-Error", r.e.codes())
		for i := 0; i+1 < len(r.e.header); i += 2 {
			h.Set(r.e.header[i], r.e.header[i+1])
		}
	}
	r.zip = c.compressed(h, r.e != nil)
}
