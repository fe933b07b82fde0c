package recording

import (
	"bytes"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Stripper takes secrets out of exchanges. What it has once seen in a secret place it replaces wherever it stands, in that
// exchange and all later ones. It may be used by several goroutines.
type Stripper struct {
	origins []string
	script  string

	mu     sync.Mutex
	known  map[string]string // secret value → name of its placeholder
	counts map[string]int
}

// NewStripper takes the addresses under which the wiki is known (scheme and host each), and the path of the folder of its
// api.php, without a slash at the end.
func NewStripper(script string, origins ...string) *Stripper {
	return &Stripper{origins: origins, script: script, known: map[string]string{}, counts: map[string]int{}}
}

// Strip gives the exchange without secrets. The To of its request is the path as sent, its JSON the body as it came.
func (s *Stripper) Strip(e Exchange) Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learnAnswer(e.Answer)
	s.learnRequest(e.Request)
	replace := s.replacer()
	e.Request.To = s.place(replace(e.Request.To))
	e.Request.Query = s.parameters(e.Request.Query, replace)
	e.Request.Body = s.parameters(e.Request.Body, replace)
	headers := map[string]string{}
	for name, value := range e.Answer.Headers {
		headers[name] = s.place(replace(value))
	}
	e.Answer.Headers = headers
	if e.Answer.JSON != nil {
		e.Answer.JSON = MapStrings(e.Answer.JSON, func(v string) string { return s.place(replace(v)) })
	}
	return e
}

// place writes {{script}} for the folder of api.php in a path of this wiki.
func (s *Stripper) place(text string) string {
	for _, start := range []string{"{{base}}", ""} {
		rest, ok := strings.CutPrefix(text, start+s.script)
		if ok && (strings.HasPrefix(rest, "/api.php") || strings.HasPrefix(rest, "/index.php") || strings.HasPrefix(rest, "/load.php")) {
			return start + "{{script}}" + rest
		}
	}
	return text
}

func (s *Stripper) parameters(p Parameters, replace func(string) string) Parameters {
	if len(p) == 0 {
		return nil
	}
	out := Parameters{}
	for name, values := range p {
		for _, v := range values {
			if kind, secret := secretKind(name, v); secret {
				v = "{{" + s.name(kind, v) + "}}"
			} else {
				v = replace(v)
			}
			out[replace(name)] = append(out[replace(name)], v)
		}
	}
	return out
}

// learnRequest notes what stands in secret parameters.
func (s *Stripper) learnRequest(r Request) {
	for _, p := range []Parameters{r.Query, r.Body} {
		for _, name := range sortedNames(p) {
			for _, v := range p[name] {
				s.learn(name, v)
				addressSecrets(v, s.learn)
			}
		}
	}
}

// sortedNames makes numbering alike every time; password comes before retype.
func sortedNames(p Parameters) []string {
	names := make([]string, 0, len(p))
	for name := range p {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// learn notes a parameter's value if it is secret. A token that no answer gave is a bad one.
func (s *Stripper) learn(name, value string) {
	kind, secret := secretKind(name, value)
	if !secret {
		return
	}
	if kind == "token" {
		kind = "badtoken"
	}
	s.name(kind, value)
}

// name gives the placeholder's name of a value: the kind, with a number from the second value on.
func (s *Stripper) name(kind, value string) string {
	if name, ok := s.known[value]; ok {
		return name
	}
	s.counts[kind]++
	name := kind
	if n := s.counts[kind]; n > 1 {
		name += strconv.Itoa(n)
	}
	s.known[value] = name
	return name
}

// learnAnswer notes what stands in secret members, and in the parameters of addresses it sends browsers to.
func (s *Stripper) learnAnswer(a Answer) {
	addressSecrets(a.Headers["Location"], s.learn)
	var document any
	if json.Unmarshal(a.JSON, &document) == nil {
		s.visit("", "", document)
	}
}

// visit walks a document. A member's parent tells more than its own name where that is only "value".
func (s *Stripper) visit(parent, key string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sortedKeys(v) {
			s.visit(key, name, v[name])
		}
	case []any:
		for _, item := range v {
			s.visit(parent, key, item)
		}
	case string:
		s.visitText(parent, key, v)
	}
}

func sortedKeys(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (s *Stripper) visitText(parent, key, v string) {
	switch {
	case key == "value":
		key = parent
	case parent == "continue" && key != "continue":
		s.name(key, v)
		return
	case key == "redirecttarget" || strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") || strings.HasPrefix(v, "/"):
		addressSecrets(v, s.learn)
	case key == "code": // of an error
		return
	}
	kind, secret := secretKind(key, v)
	if kind == "token" {
		kind = strings.ToLower(key)
	}
	if secret {
		s.name(kind, v)
	}
}

// shortestPart is the length from which a secret is also looked for inside other texts; shorter ones would be found in every
// word.
const shortestPart = 4

// replacer replaces addresses of the wiki, everything known, and what looks secret.
func (s *Stripper) replacer() func(string) string {
	var values []string
	for v := range s.known {
		if len(v) >= shortestPart {
			values = append(values, v)
		}
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, v := range values {
		for _, form := range []string{v, url.QueryEscape(v), url.PathEscape(v), html.EscapeString(v)} {
			pairs = append(pairs, form, "{{"+s.known[v]+"}}")
		}
	}
	known := strings.NewReplacer(pairs...)
	return func(text string) string {
		if name, ok := s.known[text]; ok {
			return "{{" + name + "}}"
		}
		for _, o := range s.origins {
			text = ReplaceOrigin(text, o, "{{base}}")
		}
		return withoutShapes(known.Replace(text))
	}
}

// ReplaceOrigin replaces scheme and host, as they are and as JSON, addresses and addresses without a scheme write them. A
// longer host that begins alike stays.
func ReplaceOrigin(text, from, to string) string {
	for _, form := range []func(string) string{
		func(o string) string { return o },
		func(o string) string { return strings.ReplaceAll(o, "/", `\/`) },
		url.QueryEscape,
	} {
		text = replaceWhole(text, form(from), form(to))
	}
	if _, host, ok := strings.Cut(from, "://"); ok {
		_, other, found := strings.Cut(to, "://")
		if !found { // a placeholder, which stands for the scheme too
			for _, start := range []string{"https://", "http://", "//"} {
				text = replaceWhole(text, start+host, to)
			}
			return text
		}
		text = replaceWhole(text, "//"+host, "//"+other)
		text = replaceWhole(text, `\/\/`+host, `\/\/`+other)
	}
	return text
}

func replaceWhole(text, from, to string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, from)
		if i < 0 {
			return b.String() + text
		}
		rest := text[i+len(from):]
		b.WriteString(text[:i])
		if rest != "" && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:", rune(rest[0])) {
			b.WriteString(from)
		} else {
			b.WriteString(to)
		}
		text = rest
	}
}

// MapStrings applies f to every string of a document that is not a member's name; the rest stays byte by byte, and in its
// order. What is no JSON comes back empty.
func MapStrings(document []byte, f func(string) string) json.RawMessage {
	var compact bytes.Buffer
	if json.Compact(&compact, document) != nil {
		return nil
	}
	in := compact.Bytes()
	var out bytes.Buffer
	for i := 0; i < len(in); {
		if in[i] != '"' {
			out.WriteByte(in[i])
			i++
			continue
		}
		end := i + 1
		for in[end] != '"' {
			if in[end] == '\\' {
				end++
			}
			end++
		}
		end++
		out.Write(mapped(in[i:end], end < len(in) && in[end] == ':', f))
		i = end
	}
	return out.Bytes()
}

func mapped(literal []byte, isName bool, f func(string) string) []byte {
	var text string
	if isName || json.Unmarshal(literal, &text) != nil {
		return literal
	}
	b, err := encode(f(text))
	if err != nil {
		return literal
	}
	return b
}
