package username

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Options is what a site may add to the rules. The zero value is a fine set of rules.
type Options struct {
	// SiteName names the project namespace beside "Project": with "Example", `Example:x` and `Example talk:x` are no names.
	SiteName string
	// Reserved are further names that exist or are kept for the server's own use: nobody may take or use them.
	Reserved []string
	// Interwiki are prefixes of other wikis, without the colon: `mw:x` is no name where "mw" is one.
	Interwiki []string
	// AllowInvisible accepts the invisible characters that the reference lets through, for sites whose imported accounts
	// have them.
	AllowInvisible bool
}

// Rules judges names. It is immutable: build it once with NewRules and use it from any number of goroutines.
type Rules struct {
	prefixes       map[string]prefixKind // lower case, with blanks
	reserved       map[string]bool
	allowInvisible bool
}

// The limits of names, in bytes.
const (
	maxBytes          = 255
	maxCreatableBytes = 235
	// maxInput bounds the work on what may still shrink to a name: blanks and character references.
	maxInput = 4096
)

// NewRules builds the rules of an English site with o's additions.
func NewRules(o Options) *Rules {
	r := &Rules{prefixes: namespaces(o.SiteName), reserved: map[string]bool{}, allowInvisible: o.AllowInvisible}
	for _, p := range o.Interwiki {
		if key := prefixKey(p); r.prefixes[key] == unknownPrefix {
			r.prefixes[key] = otherPrefix
		}
	}
	for _, name := range slices.Concat(systemNames(), o.Reserved) {
		if n, ok := r.Canonical(name, Valid); ok {
			r.reserved[string(n)] = true
		}
	}
	return r
}

// Canonical gives the canonical form of what somebody typed and whether it is a name at level rigor. At Valid and above
// the form is stable: its own canonical form is itself. list=users shows a name that is not Valid as invalid.
func (r *Rules) Canonical(raw string, rigor Rigor) (Name, bool) {
	if len(raw) > maxInput || !utf8.ValidString(raw) || strings.Contains(raw, "#") {
		return "", false
	}
	text := upperFirst(norm.NFC.String(raw))
	if rigor == None {
		text = tidied(text)
		return Name(text), text != ""
	}
	text, ok := r.title(text)
	if !ok || !r.valid(text) {
		return "", false
	}
	if rigor >= Usable && r.reserved[text] {
		return "", false
	}
	if rigor >= Creatable && !creatable(text) {
		return "", false
	}
	return Name(text), true
}

// tidied is the cosmetic form of level None.
func tidied(text string) string {
	text = strings.TrimPrefix(text, "User:")
	return upperFirst(strings.ReplaceAll(text, "_", " "))
}

// systemNames are the reserved names of an English site: what the reference's scripts and system messages act as.
func systemNames() []string {
	return []string{
		"MediaWiki default", "Conversion script", "Maintenance script", "Template namespace initialisation script",
		"ScriptImporter", "Delete page script", "Move page script", "Command line script", "Unknown user",
		"Redirect fixer", "System messenger", "Proxy blocker", "DNSBL", "MediaWiki spam cleanup",
		"MediaWiki automatic change",
	}
}
