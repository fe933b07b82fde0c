package actionapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"gatehouse/internal/actionapi/result"
)

// openAPIFile is the name of the document that describes the API, beside api.php.
const openAPIFile = "/openapi.json"

// describedAPI is the document as it is sent, in both ways, and what tells it from other versions of itself.
type describedAPI struct {
	plain, zipped []byte
	tag           string
}

// describe makes the document. That takes a while, so it is done when somebody first asks for it, and once.
func (a *api) describe() describedAPI {
	plain := bytes.Clone(result.JSON{Modern: true}.Append(nil, a.openAPI()))
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write(plain) // into memory, where nothing fails
	_ = zip.Close()
	digest := sha256.Sum256(plain)
	return describedAPI{plain, bytes.Clone(zipped.Bytes()), hex.EncodeToString(digest[:12])}
}

// elsewhere answers what is not api.php itself.
func (a *api) elsewhere(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == a.Site.ScriptPath+openAPIFile {
		a.serveOpenAPI(w, r)
		return
	}
	a.redirect(w, r)
}

// serveOpenAPI sends the document. It is the same for everybody, tells nothing of anybody, and the pages of every site may
// read it.
func (a *api) serveOpenAPI(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("X-Content-Type-Options", "nosniff")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "GET, HEAD")
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		h.Set("Allow", "GET, HEAD, OPTIONS")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	d := a.description()
	document, tag := d.plain, d.tag
	if acceptsGzip(r.Header["Accept-Encoding"]) {
		document, tag = d.zipped, d.tag+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(document))
}
