package actionapi

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/message"
)

// pageStyle stands inside pages, so that a page that was saved looks the same.
//
//go:embed page.css
var pageStyle string

// stylePolicy is a content policy that allows this style and nothing else.
func stylePolicy(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// page puts the document before people's eyes, behind b. out is given what is ready, as writers do.
func (c *call) page(out io.Writer, b []byte, root *result.Object) []byte {
	if c.formatArgs.wrapped {
		return c.wrapped(out, b, root)
	}
	c.header.Set("Content-Security-Policy", c.api.pagePolicy)
	b = c.source(out, append(b, c.aboveSource()...), root)
	return append(b, "\n</main>\n</body>\n</html>\n"...)
}

// aboveSource is the page down to the document.
func (c *call) aboveSource() string {
	l, escape := c.language(), html.EscapeString
	title := escape(c.plain("api-format-title"))
	home := c.api.Site.ArticlePath + strings.ReplaceAll(c.api.Site.MainPage, " ", "_")
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"" + escape(l.Tag()) + "\" dir=\"" + l.Direction() + "\">\n<head>\n" +
		"<meta charset=\"UTF-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<meta name=\"robots\" content=\"noindex, nofollow\">\n" +
		"<title>" + title + " – " + escape(c.api.Site.Name) + "</title>\n<style>" + pageStyle + "</style>\n</head>\n<body>\n" +
		"<header class=\"chrome\"><a class=\"site\" href=\"" + escape(home) + "\">" + escape(c.api.Site.Name) + "</a>\n<nav>")
	if query, ok := c.plainQuery(); ok {
		b.WriteString(link(c.api.Site.ArticlePath+"Special:ApiSandbox#"+query, c.plain("api-help-open-in-apisandbox")) + "\n")
	}
	b.WriteString(link(c.api.path+"?action=help", c.plain("api-help-title")) + "</nav></header>\n<main>\n<h1>" + title + "</h1>\n" +
		"<div class=\"api-pretty-header\"><p>" + message.HTML(c.formatNote(), l) + "</p></div>\n")
	if status := c.reply.status; status != http.StatusOK {
		note := message.New("api-format-prettyprint-status", message.Int(int64(status)), message.Text(http.StatusText(status)))
		b.WriteString("<p class=\"api-pretty-header api-pretty-status\">" + message.HTML(note, l) + "</p>\n")
	}
	return b.String()
}

func link(address, text string) string {
	return `<a href="` + html.EscapeString(address) + `">` + html.EscapeString(text) + "</a>"
}

func (c *call) plain(key message.Key) string { return message.Plain(message.New(key), c.language()) }

// formatNote tells what the page is, and how to get what programs read.
func (c *call) formatNote() message.Message {
	name := c.format.module
	shown := message.Text(strings.ToUpper(name))
	if c.api.formats[name] == nil {
		return message.New("api-format-prettyprint-header-only-html", shown)
	}
	query, ok := c.plainQuery()
	if !ok {
		return message.New("api-format-prettyprint-header", shown, message.Text(name))
	}
	if query != "" {
		query += "&"
	}
	return message.New("api-format-prettyprint-header-hyperlinked", shown, message.Text(name),
		message.Text(c.api.url+"?"+query+"format="+name))
}

// plainQuery is the call's query without what asks for a page, written so that it can stand in a text's link; false where
// the query alone is not the call.
func (c *call) plainQuery() (string, bool) {
	if c.r.Method == http.MethodPost {
		return "", false
	}
	var kept []string
	for pair := range strings.SplitSeq(c.r.URL.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name = unescape(name); name != "" && name != "format" && name != "wrappedhtml" {
			kept = append(kept, escapeQuery(pair))
		}
	}
	return strings.Join(kept, "&"), true
}

// escapeQuery percent-encodes what a query may not have and browsers send all the same.
func escapeQuery(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~%+=*:/@,!$?", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// source writes the document as it looks, coloured.
func (c *call) source(out io.Writer, b []byte, root *result.Object) []byte {
	buffer := buffers.Get().(*[]byte)
	shown := coloursOf(c.format, out, append(b, `<pre class="api-pretty-content">`...))
	*buffer = c.format.put((*buffer)[:0], shown, c, root)
	_, _ = shown.Write(*buffer)
	keep(buffer)
	return append(shown.rest(), "</pre>"...)
}

// wrapped is the page's middle as a member of a JSON document, for programs that show it inside a page of their own.
func (c *call) wrapped(out io.Writer, b []byte, root *result.Object) []byte {
	before := &result.Object{}
	before.Number("status", int64(c.reply.status))
	before.Text("statustext", http.StatusText(c.reply.status))
	b = result.JSON{Modern: true}.Append(b, before)
	text := jsonText{out: out, buf: append(b[:len(b)-1], `,"html":"`...)}
	_, _ = text.Write(c.source(&text, nil, root))
	after := &result.Object{}
	after.Put("modules", result.Texts([]string{"mediawiki.apipretty"}))
	if next, ok := root.Get("continue"); ok {
		after.Put("continue", next)
	} else {
		after.Put("continue", result.Null())
	}
	after.Number("time", c.api.Clock().Sub(c.began).Milliseconds())
	return append(append(text.buf, `",`...), result.JSON{Modern: true}.Append(nil, after)[1:]...)
}

// jsonText makes the inside of a JSON text of what it is given, as escaper makes HTML.
type jsonText struct {
	out io.Writer
	buf []byte
}

// Write never fails.
func (j *jsonText) Write(text []byte) (int, error) {
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			j.buf = append(j.buf, '\\', c)
		case c == '\n':
			j.buf = append(j.buf, `\n`...)
		case c < ' ':
			j.buf = fmt.Appendf(j.buf, `\u%04x`, c)
		default:
			j.buf = append(j.buf, c)
		}
		if len(j.buf) >= result.PieceSize && j.out != nil {
			_, _ = j.out.Write(j.buf)
			j.buf = j.buf[:0]
		}
	}
	return len(text), nil
}

// putRaw writes the result tree with what the other formats only act on.
func putRaw(b []byte, out io.Writer, _ *call, root *result.Object) []byte {
	return result.JSON{Modern: true, Pretty: true, Notes: true}.Stream(out, b, root)
}
