package actionapi

import (
	"errors"
	"net/http"
	"os"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// api is the handler of api.php.
type api struct {
	Config
	path, url    string
	siteLanguage *i18n.Language
	english      *i18n.Language
	main         []param
	// root is what manuals tell of the API as a whole.
	root         *module
	manuals      manualPages
	actions      []*module
	metas, lists []*module
	formats      map[string]*format
	offers       offers
	spaces       namespaces
	specialPages specialPages
	siteFacts    map[string]siteFact
	crowd        crowd
	zippers      zippers
	// pagePolicy is the content policy of pages that show answers.
	pagePolicy string
	// readable says that everybody may read.
	readable bool
	// description gives the document that describes the API.
	description func() describedAPI
}

// ServeHTTP answers one call.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != a.path {
		a.elsewhere(w, r)
		return
	}
	c, err := a.newCall(w, r)
	if err != nil {
		a.Logger.ErrorContext(r.Context(), "api call not begun", "error", err)
		http.Error(w, "the server could not begin with this call", http.StatusInternalServerError)
		return
	}
	defer c.release()
	c.in, err = readInput(w, r, &a.crowd)
	defer c.in.release()
	switch {
	case errors.Is(err, errTooLarge):
		c.write(w, fail(mainModule, wire.ContentTooLarge, message.Text("1 MB")))
	case errors.Is(err, errCrowded):
		c.write(w, &auth.OverloadError{RetryAfter: crowdedFor})
	case errors.Is(err, os.ErrDeadlineExceeded):
		http.Error(w, "the request's body came too slowly", http.StatusRequestTimeout)
	case err != nil:
		http.Error(w, "the request's body broke off", http.StatusBadRequest)
	case c.crossOrigin(w):
		c.write(w, c.execute())
	}
}

// redirect leads from something behind api.php to api.php.
func (a *api) redirect(w http.ResponseWriter, r *http.Request) {
	target := a.url
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.Header().Set("Location", target)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusMovedPermanently)
	_, _ = w.Write([]byte("Nothing stands behind api.php; take that part of the address away.\n"))
}

// execute runs the checks of a call in the order of the protocol (docs/protocol.md, "Order of checks"), then its module.
// The first that fails decides.
func (c *call) execute() error {
	for _, step := range [...]func() error{
		c.openSession,
		c.readMain,
		c.checkAsserts,
		c.checkModule, // with its parameters and token
		c.checkPermission,
		c.checkLag,
		c.checkMethod,
		c.readFormat,
		c.run,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// run lets the module work and tells of parameters that nobody asked for.
func (c *call) run() error {
	if c.in.untyped {
		c.deprecated(mainModule, wire.PostWithoutContentType, "post-without-content-type")
	}
	c.cache = c.module.cache
	if err := c.module.run(c, c.args, &c.body); err != nil {
		return err
	}
	unused := c.in.unused()
	if len(unused) == 0 {
		return nil
	}
	items := make([]message.Param, len(unused))
	for i, name := range unused {
		items[i] = message.Text(message.EscapeWikitext(strings.ToValidUTF8(name, "\uFFFD")))
	}
	c.warn(mainModule, wire.UnrecognizedParams, message.List(message.ListComma, items...), message.Int(int64(len(items))))
	return nil
}
