package special

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
)

// handler finds the page for an address and writes its answer.
type handler struct {
	cfg         Config
	pages       map[string]entry
	headers     map[string]string
	assets      *assets
	templates   templates
	crossOrigin *http.CrossOriginProtection
}

// New builds the handler of the pages. It answers "/", Site.ScriptPath + "/index.php", everything under
// Site.ScriptPath + "/static/" and everything under Site.ArticlePath, tells who asks for anything else that there is no
// such page, and is safe for concurrent use.
func New(c Config) (http.Handler, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Funnel == nil {
		c.Funnel = noFunnel{}
	}
	assets, err := loadAssets(c.Site.ScriptPath + "/static/")
	if err != nil {
		return nil, fmt.Errorf("load stylesheet and script: %w", err)
	}
	templates, err := listTemplates()
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	crossOrigin := http.NewCrossOriginProtection()
	if c.Site.Server != "" {
		if err := crossOrigin.AddTrustedOrigin(c.Site.Server); err != nil {
			return nil, fmt.Errorf("trust the site's own address: %w", err)
		}
	}
	return &handler{
		cfg: c, pages: pages(c), headers: securityHeaders(c, assets.policyDigest()), assets: assets, templates: templates, crossOrigin: crossOrigin,
	}, nil
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.setHeaders(w.Header())
	if h.assets.serve(w, r) {
		return
	}
	entry, subpage := h.find(r)
	if !allowed(r.Method, entry.posts) {
		w.Header().Set("Allow", allowHeader(entry.posts))
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	v, err := h.visit(r.Context(), r, subpage)
	if v == nil {
		v = h.stranger(r)
	}
	if entry.reads {
		v.here = titleNewUsers
	}
	var answer Answer
	switch {
	case err != nil:
	case entry.reads && !h.mayRead(v):
		answer = mustSignIn()
	default:
		answer, err = entry.page.Serve(r.Context(), v)
	}
	if err != nil {
		answer = h.fault(r.Context(), v, err)
	}
	h.write(w, r, v, answer)
}

// find gives the page that an address names. The first page stands at "/", at index.php without a title, and under its
// own title.
func (h *handler) find(r *http.Request) (e entry, subpage string) {
	raw, named := h.titleOf(r)
	if !named {
		return entry{page: home{h.cfg}}, ""
	}
	t, ok := parseTitle(raw)
	if !ok {
		return entry{page: notFound{}}, ""
	}
	if strings.EqualFold(string(t), string(titleMain)) {
		return entry{page: home{h.cfg}}, ""
	}
	key, subpage, _ := t.specialPage()
	if e, ok := h.pages[key]; ok {
		return e, subpage
	}
	return entry{page: notFound{}}, ""
}

func (h *handler) titleOf(r *http.Request) (raw string, named bool) {
	path, site := r.URL.Path, h.cfg.Site
	switch {
	case path == site.ScriptPath+"/index.php":
		raw = r.URL.Query().Get("title")
		return raw, raw != ""
	case path == "/" || path == site.ArticlePath:
		return "", false
	}
	raw, ok := strings.CutPrefix(path, site.ArticlePath)
	if !ok {
		return path, true // no title: nothing is found under it
	}
	return raw, true
}

func allowed(method string, posts bool) bool {
	return method == http.MethodGet || method == http.MethodHead || posts && method == http.MethodPost
}

func allowHeader(posts bool) string {
	if posts {
		return "GET, HEAD, POST"
	}
	return "GET, HEAD"
}

func (h *handler) mayRead(v *Visit) bool {
	return h.cfg.Manager.Allows(v.Creator.Account, auth.RightRead) && !(h.cfg.Private && v.Anonymous())
}

// write sends an answer: cookies and headers first, then the whole page at once, so that a template that breaks leaves
// no half page behind.
func (h *handler) write(w http.ResponseWriter, r *http.Request, v *Visit, a Answer) {
	if a.File != nil {
		a.File.write(w, r)
		return
	}
	var body bytes.Buffer
	if a.Location == "" {
		if err := h.render(&body, v, a); err != nil {
			a = Answer{Status: http.StatusInternalServerError}
			body.Reset()
			fmt.Fprintf(&body, "%s %s\n", http.StatusText(a.Status), h.reference(r.Context(), err))
		}
	}
	header := w.Header()
	header.Add("Vary", "Accept-Language")
	if v.Session != nil {
		v.Session.WriteCookies(header)
	}
	if a.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(a.RetryAfter.Seconds()))))
	}
	if a.Location != "" {
		header.Set("Location", a.Location)
		w.WriteHeader(statusOr(a.Status, http.StatusSeeOther))
		return
	}
	if a.Vendor != nil {
		header.Set(policyHeader, withVendor(header.Get(policyHeader), a.Vendor))
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", v.Language.Tag())
	header.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(statusOr(a.Status, http.StatusOK))
	if r.Method != http.MethodHead {
		w.Write(body.Bytes()) // an error means that the visitor went away
	}
}

// write sends the file without cookies: browsers keep it. Pages of other sites may show it, as programs on their own servers
// do.
func (f *file) write(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.Type)
	header.Set("Cache-Control", f.Cached)
	if !f.Private {
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	// Safari plays no sound whose parts it cannot ask for.
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Body))
}

func statusOr(status, otherwise int) int {
	if status == 0 {
		return otherwise
	}
	return status
}
