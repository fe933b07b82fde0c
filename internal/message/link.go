package message

import (
	"net/url"
	"strings"
)

// The bounds of titles, addresses, and whole links and <nowiki> stretches, in bytes.
const (
	maxTitle   = 255
	maxAddress = 2000
	maxSpan    = 4000
)

// link reads a wiki link or an external one. 0 = none. Links do not nest.
func (p *inline) link(s string) int {
	if p.inLink {
		return 0
	}
	if strings.HasPrefix(s, "[[") {
		return p.wikiLink(s)
	}
	return p.externalLink(s)
}

func (p *inline) wikiLink(s string) int {
	end := strings.Index(head(s, maxSpan), "]]")
	if end < 0 || strings.Contains(s[2:end], "\n") {
		return 0
	}
	target, label, labelled := strings.Cut(s[2:end], "|")
	title, ok := p.unmark(target)
	title = strings.TrimPrefix(strings.TrimSpace(title), ":")
	if !ok || title == "" || len(title) > maxTitle || strings.ContainsAny(title, "[]{}<>|\n") {
		return 0
	}
	if !labelled {
		label = strings.TrimPrefix(target, ":")
	}
	p.anchor(p.site.titleAddress(title), label, true)
	return end + 2
}

func (p *inline) externalLink(s string) int {
	end := strings.IndexAny(head(s, maxSpan), "]\n")
	if end < 0 || s[end] == '\n' {
		return 0
	}
	target, label, _ := strings.Cut(s[1:end], " ")
	address, ok := p.unmark(target)
	if !ok || !safeAddress(address) {
		return 0
	}
	label = strings.TrimSpace(label)
	shown := label == ""
	if shown {
		label = target
	}
	p.anchor(address, label, shown)
	return end + 1
}

// anchor writes a link. shown tells that a reader without links needs the label only.
func (p *inline) anchor(href, label string, shown bool) {
	p.sink.openLink(href)
	inner := inline{sink: p.sink, marked: p.marked, site: p.site, inLink: true}
	inner.run(label)
	p.sink.closeLink(href, shown)
}

// safeAddress reports whether a link may lead to s.
func safeAddress(s string) bool {
	if len(s) > maxAddress || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"<>\^{|}`+"`", r) }) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != "" && u.User == nil // user@host hides where the link leads
	case "mailto":
		return u.Opaque != ""
	}
	return false
}

// titleAddress is where a title is found: blanks are underscores, and what has a meaning in addresses is escaped.
func (s Site) titleAddress(title string) string {
	base := s.ArticlePath
	if base == "" {
		base = "/wiki/"
	}
	page, fragment, hasFragment := strings.Cut(title, "#")
	address := base + escapeTitle(page)
	if hasFragment {
		address += "#" + escapeTitle(fragment)
	}
	return address
}

func escapeTitle(title string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(title); i++ {
		switch c := title[i]; {
		case c == ' ':
			b.WriteByte('_')
		case c == '/' && i > 0, c >= 0x80, strings.IndexByte("-_.~:@!$()*,;", c) >= 0,
			'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			b.WriteByte(c)
		default: // a leading slash too: with an article path of "/" it would name another host
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
