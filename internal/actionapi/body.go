package actionapi

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// The limits of a request. What is above them is refused before any of it is read as parameters.
const (
	maxBody       = 1 << 20
	maxParameters = 1000
	// smallBody is what every body may take; largeBodies is how many may take more at once. Nothing that people send comes
	// near the first, and 500 long names at once, percent-encoded, are below maxBody.
	smallBody   = 64 << 10
	largeBodies = 16
	// crowdedFor is when somebody whose large body found no room should come again.
	crowdedFor = 5 * time.Second
)

var (
	// errTooLarge says that a request is above the limits.
	errTooLarge = errors.New("request too large")
	// errCrowded says that there are as many large requests already as there may be.
	errCrowded = errors.New("too many large requests at once")
)

// crowd counts the large bodies that are in memory, of all calls at once. However many clients send slowly, what they have
// sent takes bounded room. Zero is ready; it is safe for concurrent use.
type crowd struct{ now atomic.Int32 }

func (c *crowd) enter() bool {
	if c.now.Add(1) > largeBodies {
		c.now.Add(-1)
		return false
	}
	return true
}

// body reads a request's body within the limits.
type body struct {
	r     io.Reader
	read  int
	crowd *crowd
	// large says that the body counts in the crowd.
	large bool
	// err is what broke it off.
	err error
}

func (b *body) Read(p []byte) (int, error) {
	switch {
	case b.large:
	case b.read < smallBody:
		p = p[:min(len(p), smallBody-b.read)]
	case b.crowd.enter():
		b.large = true
	default:
		b.err = errCrowded
		return 0, b.err
	}
	n, err := b.r.Read(p)
	b.read += n
	if err != nil && err != io.EOF {
		b.err = tooLarge(err)
		return n, b.err
	}
	return n, err
}

// tooLarge tells a body above the limit from one that broke off.
func tooLarge(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return errTooLarge
	}
	return err
}

// readBody reads the body of a POST.
func (in *input) readBody(w http.ResponseWriter, r *http.Request, c *crowd) error {
	header := r.Header.Get("Content-Type")
	if header == "" {
		in.untyped = true
		return nil
	}
	if r.ContentLength > maxBody {
		return errTooLarge
	}
	in.body = &body{r: http.MaxBytesReader(w, r.Body, maxBody), crowd: c}
	mediaType, _, _ := strings.Cut(header, ";")
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "application/x-www-form-urlencoded":
		b, err := io.ReadAll(in.body)
		if err != nil {
			return err
		}
		return in.readForm(string(b), false)
	case "multipart/form-data":
		return in.readMultipart(r)
	}
	return nil // a body of any other type, JSON too, is not read
}

// readMultipart adds the parts that are no files. What is not well formed is left out, and what follows it; a body that
// broke off is an error, for nobody knows what it was to say.
func (in *input) readMultipart(r *http.Request) error {
	whole := r.Body
	r.Body = io.NopCloser(in.body)
	parts, err := r.MultipartReader()
	r.Body = whole
	if err != nil {
		return nil // no boundary: unreadable, hence without parameters
	}
	for {
		part, err := parts.NextRawPart() // what a part says of an encoding is not acted upon, as elsewhere
		if err != nil {
			return in.body.err
		}
		if err := in.count(); err != nil {
			return err
		}
		name := part.FormName()
		if name == "" || isFile(part) {
			continue
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return in.body.err
		}
		in.add(name, string(text), false)
	}
}

// isFile reports whether a part is a file; one that nobody chose has an empty name.
func isFile(part *multipart.Part) bool {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	_, named := params["filename"]
	return err != nil || named
}

// release says that nothing of the body is in memory any more.
func (in *input) release() {
	if in.body != nil && in.body.large {
		in.body.crowd.now.Add(-1)
	}
}
