package special

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
	"gatehouse/internal/usertext"
	"gatehouse/internal/websession"
)

// The bounds of a posted form. No form of ours comes near them.
const (
	maxFormBytes  = 64 << 10
	maxFormFields = 200
)

// Visit is one request for a page, as the page sees it. It belongs to one goroutine.
type Visit struct {
	Session  *websession.Session
	Creator  auth.Creator
	Language *i18n.Language
	// Subpage is what follows the page's name and a slash.
	Subpage string
	// Query is the address's query; Form is the body of a POST, and nil for anything else.
	Query, Form url.Values
	// Foreign says that another site's page sent the form.
	Foreign bool

	head    bool // nobody sees the answer
	site    Site
	path    string // of the address
	here    title  // the page, where it is one to come back to
	uselang string
}

// visit gathers what pages need of a request. An error is a fault, but for *http.MaxBytesError, errTooManyFields and
// errBrokenOff.
func (h *handler) visit(ctx context.Context, r *http.Request, subpage string) (*Visit, error) {
	session, err := h.cfg.Sessions.Load(ctx, r)
	if err != nil {
		return nil, err
	}
	v := &Visit{Session: session, Subpage: subpage, Query: cleanValues(r.URL.Query()), site: h.cfg.Site, path: r.URL.Path, head: r.Method == http.MethodHead}
	v.Creator = auth.Creator{Account: session.Account(), Addr: h.cfg.ClientAddr(r)}
	if r.Method == http.MethodPost {
		v.Form, err = postedForm(r)
		v.Foreign = h.foreign(r)
	}
	v.chooseLanguage(h.cfg.Catalogue, r.Header.Get("Accept-Language"))
	return v, err
}

var (
	errTooManyFields = errors.New("form has too many fields")
	// errBrokenOff says that a form did not arrive whole: the visitor went away, or sent too slowly.
	errBrokenOff = errors.New("form broke off")
)

func postedForm(r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return nil, err
		}
		if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errBrokenOff
		}
		// A broken escape spoils only itself: what could be read is in PostForm.
	}
	if len(r.PostForm) > maxFormFields {
		return nil, errTooManyFields
	}
	return cleanValues(r.PostForm), nil
}

// lineEnds makes plain line ends of all that there are: browsers write them in two bytes.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// cleanValues brings texts to the one form that the domain reads, with plain line ends.
func cleanValues(v url.Values) url.Values {
	for _, list := range v {
		for i, s := range list {
			list[i] = usertext.Clean(lineEnds.Replace(s))
		}
	}
	return v
}

// foreign reports whether a browser says that the form came from another site. It stands beside the token, not in its
// place: old browsers say nothing, and because our pages send no referrer, browsers on plain http name no origin either.
func (h *handler) foreign(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "null" {
		return false
	}
	return h.crossOrigin.Check(r) != nil
}

// chooseLanguage takes the language asked for, the account's, the one that the browser likes best, or the site's, whichever is
// known first. Links keep asking for a language that is known, and for no other text.
func (v *Visit) chooseLanguage(c *i18n.Catalogue, accepted string) {
	if l, known := c.Find(v.param("uselang")); known {
		v.uselang, v.Language = l.Code(), l
		return
	}
	for _, find := range []func() (*i18n.Language, bool){
		func() (*i18n.Language, bool) { return c.Find(v.Creator.Account.Language) },
		func() (*i18n.Language, bool) { return c.Wanted(accepted) },
		func() (*i18n.Language, bool) { return c.Find(v.site.Language) },
		func() (*i18n.Language, bool) { return c.Language("en") },
	} {
		if l, ok := find(); ok {
			v.Language = l
			return
		}
	}
}

// goOnIn takes the language that the address asks for where a flow was begun, unless this page's address asks for one.
func (v *Visit) goOnIn(c *i18n.Catalogue, address string) {
	u, err := url.Parse(address)
	if err != nil || v.uselang != "" {
		return
	}
	if l, known := c.Find(u.Query().Get("uselang")); known {
		v.uselang, v.Language = l.Code(), l
	}
}

// param reads one parameter, the body before the query.
func (v *Visit) param(name string) string {
	if list, ok := v.Form[name]; ok && len(list) > 0 {
		return list[0]
	}
	return v.Query.Get(name)
}

func (v *Visit) destination() destination {
	return destination{title: v.param("returnto"), query: v.param("returntoquery")}
}

// comeBack gives the parameters that lead a visitor back to this page after signing in; nothing on pages that have a
// destination of their own.
func (v *Visit) comeBack() url.Values {
	if d := v.destination(); d.title != "" {
		return d.params()
	}
	if v.here == "" {
		return nil
	}
	return destination{title: v.here.underscored()}.params()
}

// Posted reports whether a form was sent.
func (v *Visit) Posted() bool { return v.Form != nil }

// Anonymous reports whether nobody is signed in.
func (v *Visit) Anonymous() bool { return v.Creator.Anonymous() }

// client is the visitor as the Manager sees them. Nobody reads the language that shows keys, so no account is given it.
func (v *Visit) client() auth.Client {
	language := v.Language.Code()
	if language == message.QQX {
		language = v.site.Language
	}
	return auth.Client{
		Creator: v.Creator, Session: v.Session, Language: language,
		SessionID: v.Session.ID(), Authenticated: v.Session.AuthenticatedAt(),
		CaptchaKind: v.param(captchaKind), Via: auth.ViaPage,
	}
}

// link is the address of a page of this site, in the language the visitor asked for.
func (v *Visit) link(t title, params url.Values) string {
	query := url.Values{}
	for name, list := range params {
		query[name] = list
	}
	if v.uselang != "" {
		query.Set("uselang", v.uselang)
	}
	u := v.site.articleURL(t)
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	return u
}

// text puts a message into the visitor's language, without markup.
func (v *Visit) text(key message.Key, params ...message.Param) string {
	return message.Isolated(message.New(key, params...), v.Language)
}
