package special

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTitle is the longest title in bytes, as wikis have it.
const maxTitle = 255

// title is a page's name, cleaned up: blanks for underscores, nothing around.
type title string

// parseTitle reads a title as people type it. It refuses what no wiki could have as a title, and with it everything that
// a browser could read as another place: leading slashes, dot segments, backslashes, control characters.
func parseTitle(raw string) (title, bool) {
	t := strings.Join(strings.FieldsFunc(raw, func(r rune) bool { return r == '_' || unicode.IsSpace(r) }), " ")
	t = strings.TrimSpace(strings.TrimPrefix(t, ":"))
	if t == "" || len(raw) > maxTitle || !utf8.ValidString(raw) {
		return "", false
	}
	if t[0] == ':' || strings.ContainsAny(t, "#<>[]|{}\\") || strings.ContainsFunc(raw, unicode.IsControl) {
		return "", false
	}
	for segment := range strings.SplitSeq(t, "/") {
		if s := strings.TrimSpace(segment); s == "." || s == ".." {
			return "", false
		}
	}
	return title(t), !strings.HasPrefix(t, "/") && !strings.Contains(t, "//")
}

// specialPage splits "Special:Log/newusers" into the key of its page and the subpage. ok is false for other titles.
func (t title) specialPage() (key, subpage string, ok bool) {
	namespace, rest, found := strings.Cut(string(t), ":")
	if !found || !strings.EqualFold(strings.TrimSpace(namespace), "special") {
		return "", "", false
	}
	name, subpage, _ := strings.Cut(rest, "/")
	return pageKey(name), strings.TrimSpace(subpage), true
}

// pageKey folds what people vary in a page's name: letter case, blanks, hyphens.
func pageKey(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(name))
}

// underscored is the title as addresses show it.
func (t title) underscored() string { return strings.ReplaceAll(string(t), " ", "_") }

// articleURL is the short address of a title.
func (s Site) articleURL(t title) string {
	return s.ArticlePath + (&url.URL{Path: t.underscored()}).EscapedPath()
}

// indexURL is the address of a title with a query, in the form that clients compare with: title first.
func (s Site) indexURL(t title, query string) string {
	u := s.ScriptPath + "/index.php?title=" + readable.Replace(url.QueryEscape(t.underscored()))
	if query != "" {
		u += "&" + query
	}
	return u
}

// readable takes back escapes that a query does not need.
var readable = strings.NewReplacer("%3A", ":", "%2F", "/")
