package awkward

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"gatehouse/internal/testserver/call"
)

// idParams are the parameters that name requests by their ids.
func idParams() []string {
	return []string{"createrequests", "loginrequests", "linkrequests", "changeauthrequest", "request"}
}

// Handler puts the mode around a product.
func (m *Mode) Handler(product http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !call.Pause(r.Context(), m.slowness()) {
			return
		}
		c := call.Read(r)
		c.Replace(func(ids string) string { return strings.ReplaceAll(ids, m.plan.prefix, "") }, idParams()...)
		if c.Posted(call.TokenParams()...) && m.refusesToken() {
			c.Replace(call.Spoil, call.TokenParams()...)
		}
		r.Header.Del("Accept-Encoding") // what is compressed cannot be rearranged
		kept := keeper{header: w.Header()}
		product.ServeHTTP(&kept, r)
		m.send(w, &kept)
	})
}

// keeper holds an answer back until it is whole.
type keeper struct {
	header http.Header
	status int
	body   bytes.Buffer
	sent   http.Header // as they were when the answer began
}

func (k *keeper) Header() http.Header { return k.header }

func (k *keeper) WriteHeader(status int) {
	if k.status == 0 {
		k.status, k.sent = status, k.header.Clone()
	}
}

func (k *keeper) Write(p []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(p)
}

func (m *Mode) send(w http.ResponseWriter, k *keeper) {
	k.WriteHeader(http.StatusOK)
	h := w.Header()
	clear(h)
	maps.Copy(h, k.sent)
	body := k.body.Bytes()
	if strings.HasPrefix(h.Get("Content-Type"), "application/json") {
		body = m.rearranged(body)
	}
	if h.Get("Content-Length") != "" && len(body) > 0 {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(k.status)
	_, _ = w.Write(body) // an error means that nobody reads any more
}
