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
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "The server could not do this. Reference: "+reference, http.StatusInternalServerError)
		}()
		h.ServeHTTP(w, r)
	})
}
