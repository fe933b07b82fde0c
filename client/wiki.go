package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Version is the version of this package, as its User-Agent tells it.
const Version = "0.1.0"

// Options say how a wiki is talked to. The zero value is fine for trying things out; a program that others run should
// name itself.
type Options struct {
	// UserAgent names the program and whom to write to about it, for example "Greeter/1.0 (ada@example.org)": sites ask for
	// that and shut out programs that do not say. This package's own name is added behind it.
	UserAgent string
	// HTTP is the client to copy transport and time limit from; nil = http.DefaultClient's transport and 90 s a request. Its
	// policy for redirects is replaced: a password is never sent on.
	HTTP *http.Client
	// Jar keeps the cookies, which are the session; nil = HTTP's, or a new one.
	Jar http.CookieJar
	// Language is the language of texts, such as "de"; "" = the wiki's.
	Language string
	// MaxLag asks the wiki to refuse while its database is more than so many seconds behind. For programs that work without
	// anybody waiting; 0 = not asked.
	MaxLag int
	// Patience is how long one call may wait before it is repeated, all waits together; 0 = 1 min, negative = none. A wiki that
	// asks for a longer wait gets none: the error says how long it would be.
	Patience time.Duration
	// Wait waits; nil = with a timer. For tests.
	Wait func(ctx context.Context, d time.Duration) error
	// Observe is called after each HTTP request to api.php, by the goroutine that made it; nil = nobody.
	Observe func(Exchange)
}

// Wiki is one wiki and one session there: its cookies and tokens. It is safe for concurrent use, as far as a session is:
// who signs in signs in for all.
type Wiki struct {
	api     *url.URL
	http    *http.Client
	options Options
	agent   string

	mu     sync.Mutex
	tokens map[string]string
	// version1 is set once the wiki has turned down formatversion 2.
	version1 bool
	site     Site
}

// Site is what a wiki says about itself. On a private wiki it is empty for those who are not signed in.
type Site struct {
	Name      string // sitename
	Generator string // such as "MediaWiki 1.43.1"
	Language  string // lang
	MainPage  string // base: the address of the main page
}

// Open finds the wiki at address, which is any page of it or its api.php, and asks it who it is.
//
// An address whose path ends in api.php is taken as it is. For any other the page is fetched, redirects are followed, and
// these are tried in turn until one answers as a wiki does: what the page names in <link rel="EditURI">; api.php beside any
// index.php, load.php or rest.php that the page links to; api.php in the folders of the page's address, /w/ first.
//
// ErrNotWiki: nothing there answers like an Action API. No part of it goes from https to http.
func Open(ctx context.Context, address string, o Options) (*Wiki, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("open wiki: %q is not an address of the web", address)
	}
	if strings.ContainsFunc(o.UserAgent, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, errors.New("open wiki: the User-Agent has control characters")
	}
	w := newWiki(o)
	if err := w.find(ctx, u); err != nil {
		return nil, fmt.Errorf("open wiki: %w", err)
	}
	return w, nil
}

func newWiki(o Options) *Wiki {
	if o.Patience == 0 {
		o.Patience = time.Minute
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	w := &Wiki{options: o, tokens: map[string]string{}, http: &http.Client{Timeout: 90 * time.Second}}
	if o.HTTP != nil {
		w.http.Transport, w.http.Timeout, w.http.Jar = o.HTTP.Transport, o.HTTP.Timeout, o.HTTP.Jar
	}
	if o.Jar != nil {
		w.http.Jar = o.Jar
	}
	if w.http.Jar == nil {
		w.http.Jar, _ = cookiejar.New(nil) // it cannot fail without options
	}
	w.http.CheckRedirect = mayFollow
	w.agent = strings.TrimSpace(o.UserAgent + " gatehouse-client/" + Version)
	return w
}

// API is the address of the wiki's api.php.
func (w *Wiki) API() string { return w.api.String() }

// Site is what the wiki said about itself when it was opened.
func (w *Wiki) Site() Site {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.site
}

// Resolve gives the absolute address of what the wiki names, as it names a captcha's picture: relative to its server.
func (w *Wiki) Resolve(reference string) (string, error) {
	u, err := w.api.Parse(reference)
	if err != nil {
		return "", fmt.Errorf("resolve address: %w", err)
	}
	return u.String(), nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
