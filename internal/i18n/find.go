package i18n

import (
	"slices"
	"strconv"
	"strings"
)

// maxCode is the length of the longest code that is looked at, in bytes.
const maxCode = 64

// IsCode reports whether s could be the code of a language.
func IsCode(s string) bool {
	return s != "" && len(s) <= maxCode && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// Find gives the language that readers of code are shown: the one of that code, else the one that relatives names, else what
// is found without the code's last part ("de-at" is "de"). False where that finds nothing. Case does not matter.
func (c *Catalogue) Find(code string) (*Language, bool) {
	if l, ok := c.languages[code]; ok {
		return l, true
	}
	if !IsCode(code) {
		return nil, false
	}
	code = strings.ToLower(code)
	for whole := true; ; whole = false {
		if l, ok := c.languages[code]; ok && (whole || code != qqx) {
			return l, true
		}
		if l, ok := c.languages[relative(code)]; ok {
			return l, true
		}
		i := strings.LastIndexByte(code, '-')
		if i < 0 {
			return nil, false
		}
		code = code[:i]
	}
}

// relative gives the language that is read best by those who asked for code, of which there are no texts: another name or
// writing of the same language, or, where nearly all of its readers read that too, a neighbour.
func relative(code string) string {
	switch code {
	case "zh", "yue", "lzh", "gan", "hak", "wuu", "zh-classical", "zh-yue", "ami", "pwn", "szy", "tay", "trv":
		return "zh-hant" // who writes short signs reads the long ones better than English
	case "zh-min-nan", "cdo":
		return "nan"
	case "als", "bar", "dsb", "frr", "gsw", "hsb", "ksh", "lb", "nds", "pdc", "pfl", "sli", "stq", "vmf":
		return "de"
	case "an", "arn", "ast", "ay", "cbk-zam", "ext", "gl", "gn", "lad", "nah", "qu":
		return "es"
	case "br", "co", "frc", "frp", "ht", "ln", "mg", "oc", "pcd", "wa", "wo":
		return "fr"
	case "ab", "av", "ba", "bxr", "ce", "cv", "inh", "koi", "krc", "kv", "lbe", "lez", "mdf", "mhr", "mrj", "myv", "os", "sah", "tt",
		"tyv", "udm", "xal":
		return "ru"
	case "acm", "aeb", "apc", "arq", "ary", "arz":
		return "ar"
	case "anp", "awa", "bgc", "bho", "hif-deva", "hne", "mag", "mai", "raj":
		return "hi"
	case "ain", "ryu":
		return "ja"
	case "simple":
		return "en"
	}
	return ""
}

// Accepted is one entry of a header Accept-Language.
type Accepted struct {
	Code    string  // in small letters
	Quality float64 // greater than 0, at most 1
}

// MaxAccepted is how many entries of a header are read at most: a client wrote it.
const MaxAccepted = 50

// ParseAccept reads a header Accept-Language, what is liked best first. What is malformed, refused with q=0 or "*" is left out.
func ParseAccept(header string) []Accepted {
	var all []Accepted
	for part := range strings.SplitSeq(strings.ToLower(header), ",") {
		if len(all) == MaxAccepted {
			break
		}
		code, rest, _ := strings.Cut(part, ";")
		code = strings.TrimSpace(code)
		q, given := strings.CutPrefix(strings.ReplaceAll(rest, " ", ""), "q=")
		if !given {
			q = "1"
		}
		quality, err := strconv.ParseFloat(q, 64)
		if IsCode(code) && err == nil && quality > 0 && quality <= 1 {
			all = append(all, Accepted{code, quality})
		}
	}
	slices.SortStableFunc(all, func(a, b Accepted) int {
		switch {
		case a.Quality > b.Quality:
			return -1
		case a.Quality < b.Quality:
			return 1
		}
		return 0
	})
	return all
}

// Wanted gives the language, of those that have texts, that the reader likes best whose browser sent the header
// Accept-Language; false where there is none.
func (c *Catalogue) Wanted(header string) (*Language, bool) {
	if header == "" {
		return nil, false
	}
	for _, a := range ParseAccept(header) {
		if l, ok := c.Find(a.Code); ok && c.books[l.row.code] != nil {
			return l, true
		}
	}
	return nil, false
}
