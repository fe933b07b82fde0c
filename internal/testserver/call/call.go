// Package call reads the parameters of a request before the product does, and changes some on their way.
//
// It knows how parameters travel (address and body, urlencoded or multipart) and nothing of what they mean. Its neighbours
// are the faults and the awkward mode of the test server, which refuse tokens by spoiling them and answer to other names.
package call

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBody is the largest body that is looked into. Larger ones go on untouched, to be refused.
const maxBody = 1 << 20

// Param is one parameter as it was sent.
type Param struct{ Name, Value string }

// Call is a request with its parameters in the order in which they came. It belongs to one goroutine.
type Call struct {
	r           *http.Request
	query, body []Param
	// readable says that body is all of the request's body.
	readable bool
}

// Read takes r's parameters. r's body can be read again afterwards.
func Read(r *http.Request) *Call {
	c := &Call{r: r, query: split(r.URL.RawQuery)}
	if r.Body == nil || r.Method != http.MethodPost {
		return c
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	rest := r.Body
	r.Body = readCloser{io.MultiReader(bytes.NewReader(text), rest), rest}
	if err == nil && len(text) <= maxBody {
		c.body, c.readable = parse(r.Header.Get("Content-Type"), text)
	}
	return c
}

type readCloser struct {
	io.Reader
	io.Closer
}

func parse(contentType string, text []byte) (params []Param, ok bool) {
	kind, details, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return nil, false
	case kind == "application/x-www-form-urlencoded":
		return split(string(text)), true
	case kind == "multipart/form-data":
		return parts(multipart.NewReader(bytes.NewReader(text), details["boundary"]))
	}
	return nil, false
}

func parts(m *multipart.Reader) (params []Param, ok bool) {
	for {
		part, err := m.NextPart()
		if err == io.EOF {
			return params, true
		}
		if err != nil {
			return nil, false
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, false
		}
		params = append(params, Param{part.FormName(), string(value)})
	}
}

// split reads an urlencoded text; what cannot be decoded stays as it is.
func split(text string) []Param {
	var out []Param
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, Param{unescape(name), unescape(value)})
	}
	return out
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// Get gives the last value of a parameter, the body's before the address's; "" without one.
func (c *Call) Get(name string) string {
	for _, params := range [][]Param{c.body, c.query} {
		for _, p := range slices.Backward(params) {
			if p.Name == name {
				return p.Value
			}
		}
	}
	return ""
}

// Posted reports whether the body has one of the parameters with a value.
func (c *Call) Posted(names ...string) bool {
	return slices.ContainsFunc(c.body, func(p Param) bool { return p.Value != "" && slices.Contains(names, p.Name) })
}

// Replace puts change(value) in the place of the values of the named parameters.
func (c *Call) Replace(change func(value string) string, names ...string) {
	replace := func(params []Param) (changed bool) {
		for i, p := range params {
			if slices.Contains(names, p.Name) && p.Value != "" {
				params[i].Value = change(p.Value)
				changed = changed || params[i].Value != p.Value
			}
		}
		return changed
	}
	if replace(c.query) {
		c.r.URL.RawQuery = join(c.query)
	}
	if c.readable && replace(c.body) {
		c.setBody()
	}
}

// Set adds a parameter to the body, or to the address of a request without one, in place of all others of its name.
func (c *Call) Set(name, value string) {
	named := func(p Param) bool { return p.Name == name }
	c.query = slices.DeleteFunc(c.query, named)
	if c.readable {
		c.body = append(slices.DeleteFunc(c.body, named), Param{name, value})
		c.setBody()
	} else {
		c.query = append(c.query, Param{name, value})
	}
	c.r.URL.RawQuery = join(c.query)
}

func (c *Call) setBody() {
	text := join(c.body)
	c.r.Body = io.NopCloser(strings.NewReader(text))
	c.r.ContentLength = int64(len(text))
	c.r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	c.r.Header.Del("Content-Length")
}

func join(params []Param) string {
	out := make([]string, len(params))
	for i, p := range params {
		out[i] = url.QueryEscape(p.Name) + "=" + url.QueryEscape(p.Value)
	}
	return strings.Join(out, "&")
}
