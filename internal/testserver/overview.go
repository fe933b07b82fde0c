package testserver

import (
	_ "embed"
	"net/http"
	"strings"
	"text/template"
)

//go:embed overview.txt
var overviewText string

// serveOverview tells how the space is used, in lines that can be pasted into a shell.
func (sp *space) serveOverview(w http.ResponseWriter, _ *http.Request) {
	page, err := template.New("overview").Parse(overviewText)
	var b strings.Builder
	if err == nil {
		err = page.Execute(&b, sp.told())
	}
	if err != nil {
		writeProblem(w, http.StatusInternalServerError, "broken", err.Error())
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(b.String())) // an error means that nobody reads any more
}
