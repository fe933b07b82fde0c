package special

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

//go:embed templates
var templateFiles embed.FS

// The frame is around every page; the parts are the inputs of forms, for the pages that have one. Each page gets its own copy
// of what it needs, because its blocks fill the frame's.
const (
	frameFile = "templates/frame.html"
	partsFile = "templates/parts.html"
)

var pagesWithForm = []string{"accountsecurity", "createaccount", "deed", "eventpasses", "limits", "linkaccounts", "mailqueue", "step", "userlogin", "userlogout"}

// templates are the pages' templates by name, each with the frame. A page's is parsed when it is first shown: together they are
// most of what an idle server would hold. A test parses all.
type templates map[string]func() (*template.Template, error)

func listTemplates() (templates, error) {
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	out := templates{}
	for _, name := range names {
		if name == frameFile || name == partsFile {
			continue
		}
		page, files := strings.TrimSuffix(strings.TrimPrefix(name, "templates/"), ".html"), []string{frameFile}
		if slices.Contains(pagesWithForm, page) {
			files = append(files, partsFile)
		}
		out[page] = sync.OnceValues(func() (*template.Template, error) {
			return template.ParseFS(templateFiles, append(files, name)...)
		})
	}
	return out, nil
}

// frame is what the templates see: the page's surroundings, and Data, which is the page's own.
type frame struct {
	Data    any
	Heading string
	Title   string
	Site    string
	Lang    string
	Dir     string
	Account auth.Name
	// Operators is the address of the operators' pages; empty for who has none.
	Operators string
	// Addresses of the chrome.
	Home, Create, SignIn, SignOut, NewUsers, Sandbox string
	Script, Icon                                     string
	// Style is the stylesheet itself: a page paints with the first answer.
	Style template.CSS
	// Language is what the page's language calls itself; Languages are the others, empty where there is no choice.
	Language  string
	Languages []languageLink
	// Preferences is where who is signed in chooses one for good.
	Preferences string

	visit  *Visit
	assets *assets
}

func (h *handler) render(w io.Writer, v *Visit, a Answer) error {
	parsed, ok := h.templates[a.Template]
	if !ok {
		return fmt.Errorf("render: no template %q", a.Template)
	}
	t, err := parsed()
	if err != nil {
		return fmt.Errorf("render %s: %w", a.Template, err)
	}
	if err := t.ExecuteTemplate(w, "frame", h.frame(v, a)); err != nil {
		return fmt.Errorf("render %s: %w", a.Template, err)
	}
	return nil
}

func (h *handler) frame(v *Visit, a Answer) frame {
	f := frame{
		Data: a.Data, Site: h.cfg.Site.Name, Lang: v.Language.Tag(), Dir: v.Language.Direction(),
		Account: v.Creator.Account.Name, Home: v.homeLink(),
		Create: v.link(titleCreateAccount, nil), SignIn: v.link(titleUserLogin, v.comeBack()),
		SignOut: v.link(titleUserLogout, nil), NewUsers: v.link(titleNewUsers, nil), Sandbox: v.link(titleAPISandbox, nil),
		Style: template.CSS(h.assets.inline), Script: h.assets.url("page.js"), Icon: h.assets.url("icon.svg"),
		Language: v.Language.Name(), Languages: h.languages(v), Preferences: v.link(titlePreferences, nil),
		visit: v, assets: h.assets,
	}
	if len(h.cfg.operates(v)) > 0 {
		f.Operators = v.link(titleOperators, nil)
	}
	f.Heading = message.Isolated(a.Title, v.Language)
	f.Title = v.text("gatehouse-title", message.Plaintext(f.Heading), message.Plaintext(f.Site))
	if a.Faulty {
		f.Title = v.text("gatehouse-title-error", message.Plaintext(f.Title))
	}
	return f
}

// languageLink leads to this page in another language.
type languageLink struct{ Code, Name, Address string }

func (h *handler) languages(v *Visit) []languageLink {
	var out []languageLink
	for _, l := range h.cfg.Catalogue.Languages() {
		if l.Code() == v.Language.Code() {
			continue
		}
		query := url.Values{}
		maps.Copy(query, v.Query)
		// Somebody wrote a password there, or it is good for once: we do not repeat it.
		for _, secret := range []string{"wpPassword", "password", "retype", "code", "state"} {
			query.Del(secret)
		}
		query.Set("uselang", l.Code())
		out = append(out, languageLink{Code: l.Tag(), Name: l.Name(), Address: v.path + "?" + query.Encode()})
	}
	return out
}

// Asset is the address of a file of static/, for pages that need more than the frame loads.
func (f frame) Asset(name string) string { return f.assets.url(name) }

// Imports are the addresses of what a script loads; a page that names them has them loaded at once and not one after another.
func (f frame) Imports(name string) []string {
	out := make([]string, len(f.assets.imports[name]))
	for i, file := range f.assets.imports[name] {
		out[i] = f.assets.url(file)
	}
	return out
}

// T is a text of the catalogue without markup.
func (f frame) T(key message.Key, params ...any) string {
	return f.visit.text(key, toParams(params)...)
}

// H is a text of the catalogue as HTML; its parameters are escaped.
func (f frame) H(key message.Key, params ...any) template.HTML {
	return f.visit.html(message.New(key, toParams(params)...))
}

// Say is a message as HTML.
func (f frame) Say(m message.Message) template.HTML { return f.visit.html(m) }

// Number is a number as people write it.
func (f frame) Number(n int64) string { return f.visit.Language.Number(n) }

// Time is a point in time in words.
func (f frame) Time(t time.Time) string { return f.visit.Language.Time(t) }

// html puts a message into the visitor's language as HTML.
func (v *Visit) html(m message.Message) template.HTML {
	return template.HTML(message.HTML(m, v.Language)) // message.HTML escapes all that came in by parameters
}

// toParams takes what templates have at hand. Texts from visitors are never read as markup.
func toParams(values []any) []message.Param {
	out := make([]message.Param, len(values))
	for i, value := range values {
		switch x := value.(type) {
		case message.Param:
			out[i] = x
		case int:
			out[i] = message.Num(int64(x))
		case int64:
			out[i] = message.Num(x)
		default:
			out[i] = message.Plaintext(fmt.Sprint(x))
		}
	}
	return out
}
