package replay

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"gatehouse/internal/recording"
)

// ServerOptions say what is served.
type ServerOptions struct {
	Exchanges []recording.Exchange
	// Public is where clients find the server, scheme and host; Script the folder of its api.php, such as "/w".
	Public, Script string
	Set            map[string]string
	Random         io.Reader
	// Logger is told of each request that the recording does not have; nil = nobody.
	Logger *slog.Logger
}

// Server answers from a recording. It may be used by several goroutines.
type Server struct {
	o  ServerOptions
	mu sync.Mutex
	// values.seen is what clients sent and what they were given for placeholders.
	values *values
	asked  map[int]int // how often each exchange was played, from 0
	missed int
}

// NewServer makes a server.
func NewServer(o ServerOptions) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	v, err := newValues(o.Set, o.Random)
	if err != nil {
		return nil, err
	}
	v.fixed["base"], v.fixed["script"] = o.Public, o.Script
	return &Server{o: o, values: v, asked: map[int]int{}}, nil
}

// longestRequest bounds a request's body, in bytes.
const longestRequest = 16 << 20

// ServeHTTP answers as the recording does, or says what the nearest recorded call has else.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, longestRequest)
	if err := r.ParseMultipartForm(longestRequest); err != nil && err != http.ErrNotMultipart {
		http.Error(w, "the request cannot be read", http.StatusBadRequest)
		return
	}
	sent := asked{method: r.Method, path: r.URL.Path, form: r.Form}
	for name, body := range r.PostForm { // as wikis do: the body's value counts
		sent.form[name] = body
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	number, why := s.find(sent)
	if number < 0 {
		s.missed++
		s.o.Logger.Warn("not in the recording", "call", r.Method+" "+r.URL.Path, "why", why)
		refuse(w, why)
		return
	}
	s.asked[number]++
	s.answer(w, s.o.Exchanges[number].Answer)
}

// asked is a request to look for.
type asked struct {
	method, path string
	form         url.Values
}

// find gives the exchange that fits: the first that was played least. Where none fits it says what the nearest has else.
func (s *Server) find(sent asked) (number int, why string) {
	best, nearest, fewest := -1, "the recording is empty", 1<<30
	for _, binding := range []bool{true, false} { // another client may bring another password
		for i, e := range s.o.Exchanges {
			unlike, _ := s.unlike(e.Request, sent, binding)
			switch {
			case len(unlike) > 0 && len(unlike) < fewest:
				fewest = len(unlike)
				nearest = fmt.Sprintf("the nearest is exchange %d, %s: %s", i+1, e.Request.Call(), strings.Join(unlike, "; "))
			case len(unlike) == 0 && (best < 0 || s.asked[i] < s.asked[best]):
				best = i
			}
		}
		if best >= 0 {
			_, found := s.unlike(s.o.Exchanges[best].Request, sent, binding)
			maps.Copy(s.values.seen, found)
			return best, ""
		}
	}
	return -1, nearest
}

// unlike lists what a request has else than the recorded one, and what it has in the places of placeholders.
func (s *Server) unlike(recorded recording.Request, sent asked, binding bool) (unlike []string, found map[string]string) {
	found = map[string]string{}
	if recorded.Method != sent.method {
		unlike = append(unlike, fmt.Sprintf("its method is %s, not %s", recorded.Method, sent.method))
	}
	if to, err := recording.Fill(recorded.To, s.values.get); err != nil || to != sent.path {
		unlike = append(unlike, fmt.Sprintf("it goes to %s, not %s", to, sent.path))
	}
	all := recorded.All()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		values, ok := sent.form[name]
		switch {
		case !ok:
			unlike = append(unlike, name+" was not sent")
		case strings.HasSuffix(name, "returnurl") && isAddress(all[name]) && isAddress(values):
			// where a client wants to come back to is its own affair
		case len(values) != len(all[name]) || !s.same(all[name], values, found, binding):
			unlike = append(unlike, fmt.Sprintf("%s is not %s", name, strings.Join(all[name], ", ")))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sent.form)) {
		if _, ok := all[name]; !ok {
			unlike = append(unlike, name+" was sent")
		}
	}
	return unlike, found
}

func isAddress(values []string) bool { return len(values) == 1 && strings.Contains(values[0], "://") }

// same compares a parameter's values. A placeholder stands for one value, and two for two values; a bad token is whatever was
// not handed out.
func (s *Server) same(recorded, sent []string, found map[string]string, binding bool) bool {
	known := func(name string) (string, bool) {
		if v, ok := found[name]; ok {
			return v, true
		}
		if v, ok := s.values.fixed[name]; ok {
			return v, true
		}
		v, ok := s.values.seen[name]
		return v, ok && (binding || !ofClient(name))
	}
	for i := range recorded {
		more, ok := recording.Match(recorded[i], sent[i], known)
		if !ok {
			return false
		}
		for name, value := range more {
			if s.taken(name, value, found, binding) {
				return false
			}
			found[name] = value
		}
	}
	return true
}

// ofClient says whether clients choose what stands for a placeholder; the rest is what the wiki gave them.
func ofClient(name string) bool {
	switch recording.Kind(name) {
	case "password", "shortpassword", "email", "bademail", "realname", "name", "badtoken", "captchaWord", "code", "state", "nonce":
		return true
	}
	return false
}

// taken says whether a value already stands for another placeholder.
func (s *Server) taken(name, value string, found map[string]string, binding bool) bool {
	for other, v := range found {
		if other != name && v == value {
			return true
		}
	}
	for other, v := range s.values.seen {
		if other != name && v == value && (binding || !ofClient(other)) {
			return true
		}
	}
	return false
}

func (s *Server) answer(w http.ResponseWriter, a recording.Answer) {
	for name, value := range a.Headers {
		w.Header().Set(name, s.fill(value))
	}
	for _, name := range a.Cookies {
		http.SetCookie(w, &http.Cookie{Name: name, Value: "replayed-" + s.values.salt, Path: "/", HttpOnly: true})
	}
	if a.Type != "" {
		w.Header().Set("Content-Type", a.Type)
	}
	if a.JSON == nil {
		w.WriteHeader(a.Status)
		if a.LeftOut > 0 && a.Status >= http.StatusOK && a.Status != http.StatusNotModified {
			fmt.Fprintf(w, "(%d bytes that the recording does not have)\n", a.LeftOut)
		}
		return
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(recording.MapStrings(a.JSON, s.fill)) // who is gone needs no answer
}

// fill puts in what clients sent, and makes up what the wiki would have made up; that then holds.
func (s *Server) fill(text string) string {
	out, _ := recording.Fill(text, func(name string) (string, bool) {
		if v, ok := s.values.seen[name]; ok {
			return v, true
		}
		if v, ok := s.values.certain(name); ok {
			return v, true
		}
		s.values.seen[name] = s.madeUp(name)
		return s.values.seen[name], true
	})
	return out
}

func (s *Server) madeUp(name string) string {
	kind := recording.Kind(name)
	number := fmt.Sprintf("%08x", len(s.values.seen))
	switch {
	case strings.HasSuffix(kind, "token"):
		return fmt.Sprintf("%032s", s.values.salt) + number + `+\`
	case kind == "address":
		return "192.0.2.1"
	case kind == "captchaId":
		return "1" + fmt.Sprintf("%08d", len(s.values.seen))
	case kind == "secret":
		return "JBSWY3DPEHPK3PXP"
	}
	return kind + "-" + s.values.salt + number
}

// refuse answers as an API error, so that clients show it, and with a status that none takes for the wiki's own.
func refuse(w http.ResponseWriter, why string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Mediawiki-Api-Error", "replay-nomatch")
	w.WriteHeader(http.StatusNotImplemented)
	fmt.Fprintf(w, `{"error":{"code":"replay-nomatch","info":%s}}`+"\n", written("The recording has no such call: "+why+"."))
}

// Missed is how many requests the recording did not have.
func (s *Server) Missed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missed
}

// Unasked lists the exchanges that nobody asked for, as "3 POST createaccount".
func (s *Server) Unasked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for i, e := range s.o.Exchanges {
		if s.asked[i] == 0 {
			out = append(out, fmt.Sprintf("%d %s", i+1, e.Request.Call()))
		}
	}
	return out
}
