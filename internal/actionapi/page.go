package actionapi

import (
	"html"

	"gatehouse/internal/actionapi/result"
)

// page puts a written document before people's eyes.
func (c *call) page(b, document []byte) []byte {
	c.header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	l := c.language()
	b = append(b, "<!DOCTYPE html>\n<html lang=\""...)
	b = append(b, html.EscapeString(l.Code())+"\" dir=\""+l.Direction()+"\">\n<head>\n<meta charset=\"UTF-8\">\n<title>"...)
	b = append(b, html.EscapeString(c.api.Site.Name)+" – api.php</title>\n</head>\n<body>\n<p><code>format="...)
	b = append(b, c.format.module+"</code></p>\n<pre class=\"api-pretty-content\">"...)
	b = append(b, html.EscapeString(string(document))...)
	return append(b, "</pre>\n</body>\n</html>\n"...)
}

// putRaw writes the result tree with what the other formats only act on.
func putRaw(b []byte, _ *call, root *result.Object) []byte {
	return result.JSON{Modern: true, Pretty: true, Notes: true}.Append(b, root)
}
