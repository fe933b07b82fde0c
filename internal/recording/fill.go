package recording

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrNoValue is a placeholder that nothing is known for.
var ErrNoValue = errors.New("a placeholder has no value")

var placeholder = regexp.MustCompile(`\{\{([a-z][A-Za-z0-9_-]*)\}\}`)

// Placeholders lists the names of the placeholders in a text, in their order.
func Placeholders(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// Kind is a placeholder's name without its number: "password" of "password2".
func Kind(name string) string { return strings.TrimRight(name, "0123456789") }

// Fill puts values in the places of placeholders. An unknown one is ErrNoValue, with its name.
func Fill(text string, value func(name string) (string, bool)) (string, error) {
	var missing error
	out := placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-2]
		v, ok := value(name)
		if !ok {
			missing = fmt.Errorf("%w: {{%s}}", ErrNoValue, name)
		}
		return v
	})
	return out, missing
}

// Match says whether a text is what the template says, and gives what stood in the places of placeholders that value does not
// know.
func Match(template, text string, value func(name string) (string, bool)) (found map[string]string, ok bool) {
	var pattern strings.Builder
	var names []string
	rest := template
	for _, at := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		name := template[at[2]:at[3]]
		pattern.WriteString(regexp.QuoteMeta(template[len(template)-len(rest) : at[0]]))
		rest = template[at[1]:]
		if v, known := value(name); known {
			pattern.WriteString(regexp.QuoteMeta(v))
			continue
		}
		names = append(names, name)
		pattern.WriteString("(.+)")
	}
	pattern.WriteString(regexp.QuoteMeta(rest))
	whole, err := regexp.Compile("(?s)^" + pattern.String() + "$")
	if err != nil { // a value that is no UTF-8
		return nil, template == text
	}
	groups := whole.FindStringSubmatch(text)
	if groups == nil {
		return nil, false
	}
	found = map[string]string{}
	for i, name := range names {
		found[name] = groups[i+1]
	}
	return found, true
}
