package actionapi

import (
	"net/http"
	"sync"

	"gatehouse/internal/actionapi/result"
)

// document puts the whole answer together: what stands before the data, warnings, an error or the data.
func (c *call) document(e *usageError) *result.Object {
	root := &result.Object{Members: make([]result.Member, 0, 8), Assoc: true}
	if e == nil && c.headFirst {
		root.Add(c.head.Members)
	}
	c.addWarnings(root)
	if e == nil && !c.headFirst {
		root.Add(c.head.Members)
	}
	if e != nil {
		c.addError(root, e)
	}
	c.addRequested(root)
	if e == nil {
		root.Add(c.body.Members)
	}
	return root
}

// addRequested echoes what the main parameters ask for.
func (c *call) addRequested(root *result.Object) {
	if id := c.in.lookup("requestid"); id != nil && !id.isList {
		root.Text("requestid", id.text)
	}
	if c.in.has("curtimestamp") {
		root.Put("curtimestamp", result.Time(c.now()))
	}
	if c.in.has("responselanginfo") {
		root.Text("uselang", c.language().Code())
		root.Text("errorlang", c.errorLanguage().Code())
	}
}

// maxPooled is the largest buffer that is kept for the next answer.
const maxPooled = 64 << 10

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// write sends the answer: the data the module gave, or err.
func (c *call) write(w http.ResponseWriter, err error) {
	var e *usageError
	if err != nil {
		e = c.usage(err)
		c.outcome = e.code()
		c.readErrorFormat()
	}
	c.reply = reply{c: c, w: w, e: e, status: http.StatusOK}
	if e != nil {
		c.reply.status = e.status
	}
	buffer := buffers.Get().(*[]byte)
	*buffer = c.format.write((*buffer)[:0], &c.reply, c, c.document(e))
	_, _ = c.reply.Write(*buffer)
	keep(buffer)
	c.observe(c.reply.status)
}

// keep lets the next answer use a buffer again.
func keep(buffer *[]byte) {
	if cap(*buffer) <= maxPooled {
		buffers.Put(buffer)
	}
}

// reply sends a document as it comes. Its first piece, which of nearly every answer is the only one, sends the headers: what
// writes the document may add to them until then.
type reply struct {
	c      *call
	w      http.ResponseWriter
	e      *usageError
	status int
	begun  bool
}

// Write sends a piece.
func (r *reply) Write(piece []byte) (int, error) {
	if !r.begun {
		r.begun = true
		r.c.setHeaders(r.e)
		r.w.WriteHeader(r.status)
	}
	return r.w.Write(piece)
}

func (c *call) setHeaders(e *usageError) {
	h := c.header
	if c.session != nil {
		c.session.WriteCookies(h)
	}
	// The values of every answer share one array; Set would make one for each.
	values := &[...]string{
		c.format.contentType(c), "inline; filename=" + c.format.fileName(c), "nosniff", "DENY", c.id,
	}
	for i, name := range [...]string{
		"Content-Type", "Content-Disposition", "X-Content-Type-Options", "X-Frame-Options", "X-Request-Id",
	} {
		h[name] = values[i : i+1 : i+1]
	}
	if c.suppressed {
		h.Set("MediaWiki-Login-Suppressed", "true")
	}
	if e != nil {
		h.Set("MediaWiki-API-Error", e.codes())
		for i := 0; i+1 < len(e.header); i += 2 {
			h.Set(e.header[i], e.header[i+1])
		}
	}
	c.setCaching(h, e != nil)
}

// observe tells metrics how the call ended.
func (c *call) observe(status int) {
	if c.api.Observe == nil {
		return
	}
	o := Observation{Code: c.outcome, Status: status, Duration: c.api.Clock().Sub(c.began)}
	if c.module != nil {
		o.Module = c.module.path
	}
	c.api.Observe(o)
}
