package actionapi

import (
	"html"
	"io"

	"gatehouse/internal/actionapi/result"
)

// page puts the document before people's eyes, behind b. out is given what is ready, as writers do.
func (c *call) page(out io.Writer, b []byte, root *result.Object) []byte {
	c.header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	l := c.language()
	b = append(b, "<!DOCTYPE html>\n<html lang=\""...)
	b = append(b, html.EscapeString(l.Code())+"\" dir=\""+l.Direction()+"\">\n<head>\n<meta charset=\"UTF-8\">\n<title>"...)
	b = append(b, html.EscapeString(c.api.Site.Name)+" – api.php</title>\n</head>\n<body>\n<p><code>format="...)
	b = append(b, c.format.module+"</code></p>\n<pre class=\"api-pretty-content\">"...)
	buffer := buffers.Get().(*[]byte)
	shown := escaper{out: out, buf: b}
	*buffer = c.format.put((*buffer)[:0], &shown, c, root)
	_, _ = shown.Write(*buffer)
	keep(buffer)
	return append(shown.buf, "</pre>\n</body>\n</html>\n"...)
}

// escaper makes HTML of the text that it is given, behind buf, and hands it on to out piece by piece.
type escaper struct {
	out io.Writer
	buf []byte
}

// Write never fails.
func (e *escaper) Write(text []byte) (int, error) {
	start := 0
	for i, c := range text {
		entity := ""
		switch c {
		case '&':
			entity = "&amp;"
		case '<':
			entity = "&lt;"
		case '>':
			entity = "&gt;"
		case '"':
			entity = "&#34;"
		case '\'':
			entity = "&#39;"
		default:
			continue
		}
		e.buf = append(append(e.buf, text[start:i]...), entity...)
		start = i + 1
		e.spill()
	}
	e.buf = append(e.buf, text[start:]...)
	e.spill()
	return len(text), nil
}

func (e *escaper) spill() {
	if len(e.buf) >= result.PieceSize && e.out != nil {
		_, _ = e.out.Write(e.buf)
		e.buf = e.buf[:0]
	}
}

// putRaw writes the result tree with what the other formats only act on.
func putRaw(b []byte, out io.Writer, _ *call, root *result.Object) []byte {
	return result.JSON{Modern: true, Pretty: true, Notes: true}.Stream(out, b, root)
}
