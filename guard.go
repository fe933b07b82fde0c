package gatehouse

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// guarded answers for a handler that panics: the client gets a reference and nothing else, and the log has the rest under
// it. net/http alone breaks the connection off, and tells only those who read its complaints.
func guarded(h http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			if fault == http.ErrAbortHandler { // somebody wants the connection broken off
				panic(fault)
			}
			reference := rand.Text()[:10]
			log.ErrorContext(r.Context(), "a request met a fault of the program", "reference", reference,
				"method", r.Method, "path", r.URL.Path, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
			clear(w.Header()) // no half-made answer, and no cookie of one
			careful(w.Header())
			http.Error(w, "The server could not do this. Reference: "+reference, http.StatusInternalServerError)
		}()
		careful(w.Header())
		h.ServeHTTP(w, r)
	})
}

// careful sets what every answer begins with, the router's own too: nothing of it is kept, shown in a frame, taken for something
// else, or runs anything. Who knows better says so afterwards.
func careful(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
}
