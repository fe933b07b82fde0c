package replay

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"gatehouse/internal/recording"
)

// Mask is a class of values that differ legally.
type Mask string

// The masks. What a placeholder stands for is never compared, unless the replay itself sent it.
const (
	Times     Mask = "times"     // a time for a time
	IDs       Mask = "ids"       // a number above zero for a number above zero, where it counts accounts or entries
	Sentences Mask = "sentences" // a text for a text, where people read it
)

// Masks lists all of them.
func Masks() []Mask { return []Mask{Times, IDs, Sentences} }

// Rules say what counts as a difference.
type Rules struct {
	Masks []Mask
	Allow *Allow // nil allows none
}

// Absent is what a Difference says of a member that is not there.
const Absent = "(absent)"

// Difference is one value that is not as recorded.
type Difference struct {
	Exchange int    // from 1
	Call     string // "POST createaccount"
	Path     string // "json.createaccount.status", "status", "headers.Location"
	Recorded string // as JSON, or Absent
	Here     string
	Reason   string // of the rule that allows it
}

// String writes the difference in three lines.
func (d Difference) String() string {
	s := fmt.Sprintf("%d %s: %s\n  recorded  %s\n  here      %s", d.Exchange, d.Call, d.Path, d.Recorded, d.Here)
	if d.Reason != "" {
		s += "\n  allowed   " + d.Reason
	}
	return s
}

// comparison is that of one answer.
type comparison struct {
	exchange       int
	call, module   string
	rules          Rules
	values         *values
	differences    []Difference
	allowed        []Difference
	insideWarnings bool
}

func (c *comparison) differ(path, recorded, here string) {
	d := Difference{Exchange: c.exchange, Call: c.call, Path: path, Recorded: recorded, Here: here}
	if reason, ok := c.rules.Allow.permits(c.module, path); ok {
		d.Reason = reason
		c.allowed = append(c.allowed, d)
		return
	}
	c.differences = append(c.differences, d)
}

func (c *comparison) answers(recorded recording.Answer, h here) {
	if recorded.Status != h.StatusCode {
		c.differ("status", strconv.Itoa(recorded.Status), strconv.Itoa(h.StatusCode))
	}
	if r, l := mediaType(recorded.Type), mediaType(h.Header.Get("Content-Type")); r != l {
		c.differ("type", written(r), written(l))
	}
	for _, name := range recording.KeptHeaders() {
		r, l := recorded.Headers[name], h.Header.Get(name)
		if name == "Retry-After" && r != "" && l != "" {
			continue // how long is the wiki's to say
		}
		c.text("headers."+name, "", r, l)
	}
	if recorded.JSON == nil {
		return
	}
	was, err := document(recorded.JSON)
	if err != nil {
		c.differ("json", "(no JSON)", Absent)
		return
	}
	is, err := document(h.body)
	if err != nil {
		c.differ("json", written(was), "(no JSON)")
		return
	}
	c.compare("json", "", was, is)
}

func (c *comparison) compare(path, key string, was, is any) {
	switch w := was.(type) {
	case map[string]any:
		if i, ok := is.(map[string]any); ok {
			c.members(path, key, w, i)
			return
		}
	case []any:
		if i, ok := is.([]any); ok {
			c.lists(path, key, w, i)
			return
		}
	case string:
		if i, ok := is.(string); ok {
			c.text(path, key, w, i)
			return
		}
	case json.Number:
		if i, ok := is.(json.Number); ok && (w == i || c.masked(IDs) && idKeys()[key] && w != "0" && i != "0") {
			return
		}
	default:
		if was == is {
			return
		}
	}
	c.differ(path, written(was), written(is))
}

func (c *comparison) members(path, key string, was, is map[string]any) {
	outer := c.insideWarnings
	c.insideWarnings = outer || key == "warnings" || key == "errors" || key == "error"
	defer func() { c.insideWarnings = outer }()
	all := maps.Clone(was)
	maps.Copy(all, is)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, recorded := was[name]
		i, here := is[name]
		at := path + "." + name
		switch {
		case !here:
			c.differ(at, written(w), Absent)
		case !recorded:
			c.differ(at, Absent, written(i))
		default:
			c.compare(at, name, w, i)
		}
	}
}

// lists compares item by item; items that have a name of their own are found by it, so that one more or less does not move
// the others.
func (c *comparison) lists(path, key string, was, is []any) {
	w, named := byName(was)
	i, also := byName(is)
	if named && also && len(was)+len(is) > 0 {
		inOrder := slices.Clone(w.names)
		for _, name := range i.names {
			if _, ok := w.items[name]; !ok {
				inOrder = append(inOrder, name)
			}
		}
		for _, name := range inOrder {
			c.item(path+"["+name+"]", key, w.items, i.items, name)
		}
		return
	}
	for n := range max(len(was), len(is)) {
		at := path + "[" + strconv.Itoa(n) + "]"
		switch {
		case n >= len(is):
			c.differ(at, written(was[n]), Absent)
		case n >= len(was):
			c.differ(at, Absent, written(is[n]))
		default:
			c.compare(at, key, was[n], is[n])
		}
	}
}

func (c *comparison) item(path, key string, was, is map[string]any, name string) {
	w, recorded := was[name]
	i, here := is[name]
	switch {
	case !here:
		c.differ(path, written(w), Absent)
	case !recorded:
		c.differ(path, Absent, written(i))
	default:
		c.compare(path, key, w, i)
	}
}

type named struct {
	names []string
	items map[string]any
}

// byName finds the names of a list's items: themselves if they are texts without placeholders, else their id.
func byName(list []any) (named, bool) {
	out := named{items: map[string]any{}}
	for _, item := range list {
		name, ok := item.(string)
		if m, isMap := item.(map[string]any); isMap {
			name, ok = m["id"].(string)
		}
		if _, twice := out.items[name]; !ok || twice || len(recording.Placeholders(name)) > 0 {
			return out, false
		}
		out.names = append(out.names, name)
		out.items[name] = item
	}
	return out, true
}

// text compares texts, and learns what stands in the places of placeholders.
func (c *comparison) text(path, key, was, is string) {
	found, same := recording.Match(was, is, c.values.certain)
	for name, value := range found {
		c.values.seen[name] = value
	}
	if same || c.masked(Times) && isTime(was) && isTime(is) || was != "" && is != "" && c.masked(Sentences) && c.isSentence(path, key) {
		return
	}
	c.differ(path, written(was), written(is))
}

func (c *comparison) masked(m Mask) bool { return slices.Contains(c.rules.Masks, m) }

// isSentence says whether people read what stands here. In errors and warnings of the first format version the text is the
// member "*".
func (c *comparison) isSentence(path, key string) bool {
	switch key {
	case "message", "info", "docref", "label", "help", "provider", "text", "html", "reason", "description":
		return true
	case "*", "warnings":
		return c.insideWarnings || path == "json.*"
	}
	return false
}

func idKeys() map[string]bool {
	return map[string]bool{"id": true, "userid": true, "lguserid": true, "logid": true, "blockid": true, "blockedbyid": true, "pageid": true}
}

var timeShape = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)

func isTime(s string) bool { return timeShape.MatchString(s) }

func written(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
