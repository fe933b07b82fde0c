// Package recording is the file format of recorded calls: JSON Lines, a head and then one exchange a line, with everything
// secret replaced by placeholders such as {{password}}. docs/recordings.md describes it.
//
// It reads and writes files, takes secrets out (Stripper) and puts other values in (Fill). It sends nothing: the packages
// recorder and replay do.
package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Version is the format's number, in each file's head.
const Version = 1

// ErrFormat is a file that is no recording, or one of another version.
var ErrFormat = errors.New("not a recording")

// Head is the first line of a file.
type Head struct {
	Version   int       `json:"gatehouse-recording"`
	What      string    `json:"what"`
	Recorded  time.Time `json:"recorded,omitzero"` // in UTC; zero where somebody wrote the file
	Generator string    `json:"generator"`         // of the wiki that answered: "MediaWiki 1.39.17"
}

// Exchange is one request with its answer. Requests of one visitor share cookies.
type Exchange struct {
	Visitor int     `json:"visitor"`
	Request Request `json:"request"`
	Answer  Answer  `json:"answer"`
}

// Request is what a client sent. To is a path, where {{script}} stands for the folder of api.php.
type Request struct {
	Method string     `json:"method"`
	To     string     `json:"to"`
	Query  Parameters `json:"query,omitempty"`
	Body   Parameters `json:"body,omitempty"`
}

// Answer is what came back. JSON holds the body; other bodies are left out, and LeftOut is their length.
type Answer struct {
	Status  int               `json:"status"`
	Type    string            `json:"type,omitempty"`    // Content-Type
	Headers map[string]string `json:"headers,omitempty"` // those of KeptHeaders that came
	Cookies []string          `json:"cookies,omitempty"` // names of the cookies that were set or removed
	JSON    json.RawMessage   `json:"json,omitempty"`
	LeftOut int               `json:"left_out,omitempty"` // bytes
}

// KeptHeaders are the headers that are part of the protocol, in their canonical form.
func KeptHeaders() []string {
	return []string{"Location", "Mediawiki-Api-Error", "Mediawiki-Login-Suppressed", "Retry-After"}
}

// Parameters are those of a form or an address. One value is written as a string, several as a list.
type Parameters map[string]Values

// Values are the values of one parameter, in the order sent.
type Values []string

// MarshalJSON writes a single value as a string.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return encode(v[0])
	}
	return encode([]string(v))
}

// UnmarshalJSON reads a string or a list of strings.
func (v *Values) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*v = Values{one}
		return nil
	}
	var all []string
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	*v = all
	return nil
}

// All are the parameters of address and body together; where both have a name, the body's counts.
func (r Request) All() Parameters {
	out := Parameters{}
	for _, from := range []Parameters{r.Query, r.Body} {
		for name, values := range from {
			out[name] = values
		}
	}
	return out
}

// Call names a request for people: "POST createaccount", "GET query+tokens", "GET /wiki/Main_Page".
func (r Request) Call() string { return r.Method + " " + r.Module() }

// Module is what a request calls: "createaccount", "query+tokens|userinfo", or a page's path.
func (r Request) Module() string {
	all := r.All()
	action := last(all["action"])
	if action == "" || !strings.HasSuffix(r.To, "/api.php") {
		return r.To
	}
	var parts []string
	for _, name := range []string{"meta", "list", "prop"} {
		if v := last(all[name]); v != "" {
			parts = append(parts, v)
		}
	}
	if action != "query" || len(parts) == 0 {
		return action
	}
	return action + "+" + strings.Join(parts, "|")
}

func last(v Values) string {
	if len(v) == 0 {
		return ""
	}
	return v[len(v)-1]
}

// encode writes JSON in one line, without spelling out < > and &, which people read.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Writer writes a recording. It may be used by several goroutines; each line is one Write to what it writes to.
type Writer struct {
	mu sync.Mutex
	to io.Writer
}

// NewWriter writes the head.
func NewWriter(to io.Writer, h Head) (*Writer, error) {
	h.Version = Version
	w := &Writer{to: to}
	return w, w.line(h)
}

// Write adds one exchange, which holds no secret any more.
func (w *Writer) Write(e Exchange) error { return w.line(e) }

func (w *Writer) line(v any) error {
	b, err := encode(v)
	if err != nil {
		return fmt.Errorf("encode an exchange: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err = w.to.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	return nil
}

// longestLine bounds what one line may take, in bytes.
const longestLine = 32 << 20

// Read reads a whole recording. What is wrong with it is ErrFormat, with the line. Empty lines are skipped.
func Read(from io.Reader) (Head, []Exchange, error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestLine)
	var head Head
	var out []Exchange
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if head.Version == 0 {
			if err := json.Unmarshal(line, &head); err != nil || head.Version != Version {
				return head, nil, fmt.Errorf("%w of version %d: line %d is no head of one", ErrFormat, Version, n)
			}
			continue
		}
		var e Exchange
		if err := strict(line, &e); err != nil {
			return head, nil, fmt.Errorf("%w: line %d: %v", ErrFormat, n, err)
		}
		out = append(out, e)
	}
	if err := lines.Err(); err != nil {
		return head, nil, fmt.Errorf("read the recording: %w", err)
	}
	if head.Version == 0 {
		return head, nil, fmt.Errorf("%w: it is empty", ErrFormat)
	}
	return head, out, nil
}

// strict refuses members it does not know: a misspelt expectation would otherwise hold nothing.
func strict(line []byte, e *Exchange) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(e); err != nil {
		return err
	}
	switch {
	case e.Request.Method == "" || e.Request.To == "":
		return errors.New("the request has no method, or nowhere to go")
	case e.Answer.Status < 100 || e.Answer.Status > 999:
		return errors.New("the answer has no status")
	}
	return nil
}
