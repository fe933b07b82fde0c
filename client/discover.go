package client

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// find sets w.api to the first candidate that answers as a wiki does.
func (w *Wiki) find(ctx context.Context, u *url.URL) error {
	if strings.HasSuffix(u.Path, "api.php") {
		return w.probe(ctx, u)
	}
	candidates, err := w.candidates(ctx, u)
	if err != nil {
		return err
	}
	for _, c := range candidates {
		if err = w.probe(ctx, c); err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
	}
	return err
}

// candidates are the places where the api.php of a page may be, the likeliest first.
func (w *Wiki) candidates(ctx context.Context, page *url.URL) ([]*url.URL, error) {
	clean := *page
	clean.Fragment = ""
	got, err := w.get(ctx, clean.String(), largestPage)
	if err != nil && !errors.Is(err, ErrTooLarge) { // the head of a page stands at its beginning
		return nil, err
	}
	out := linkedAPIs(got.url, string(got.body))
	for _, p := range guessedPaths(got.url.Path) {
		out = append(out, &url.URL{Scheme: got.url.Scheme, Host: got.url.Host, Path: p})
	}
	var known []string
	return slices.DeleteFunc(out, func(u *url.URL) bool {
		again := slices.Contains(known, u.String())
		known = append(known, u.String())
		return again
	}), nil
}

var (
	linkTag     = regexp.MustCompile(`(?i)<link\b[^>]*\brel=["']?EditURI\b[^>]*>`)
	linkAddress = regexp.MustCompile(`(?i)\b(?:href|src|action)=(?:"([^"]*)"|'([^']*)')`)
)

// entryPoint is a script that stands beside api.php.
var entryPoint = regexp.MustCompile(`/(?:index|load|rest|api)\.php$`)

// linkedAPIs reads a page's EditURI, and then its links to the scripts of a wiki on the same host.
func linkedAPIs(page *url.URL, body string) []*url.URL {
	var out []*url.URL
	add := func(reference string, foreign bool) {
		u, err := page.Parse(html.UnescapeString(reference))
		if err != nil || u.Scheme != "https" && (u.Scheme != "http" || page.Scheme == "https") || !foreign && u.Host != page.Host {
			return
		}
		if at := entryPoint.FindStringIndex(u.Path); at != nil {
			out = append(out, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path[:at[0]] + "/api.php"})
		}
	}
	for _, tag := range linkTag.FindAllString(body, 1) {
		for _, m := range linkAddress.FindAllStringSubmatch(tag, 1) {
			add(m[1]+m[2], true)
		}
	}
	for _, m := range linkAddress.FindAllStringSubmatch(body, 200) {
		add(m[1]+m[2], false)
		if len(out) >= 3 {
			break
		}
	}
	return out
}

// guessedPaths are where wikis have their scripts, seen from one of their pages.
func guessedPaths(page string) []string {
	out := []string{"/w/api.php", "/api.php"}
	dir := page
	if at := strings.Index(page, ".php"); at >= 0 { // index.php/Main_Page
		dir = page[:at]
	}
	for dir = path.Dir("/" + dir); dir != "/" && len(out) < 8; dir = path.Dir(dir) {
		out = append(out, dir+"/api.php", dir+"/w/api.php")
	}
	return append(out, "/wiki/api.php", "/mediawiki/api.php")
}

// probe asks the api.php at u who it is, and keeps u if it answers like one.
func (w *Wiki) probe(ctx context.Context, u *url.URL) error {
	w.api = &url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host, Path: u.Path}
	a, err := w.Get(ctx, url.Values{"action": {"query"}, "meta": {"siteinfo"}, "siprop": {"general"}})
	if refused, ok := errors.AsType[*APIError](err); ok && refused.Code == "readapidenied" {
		return nil // a private wiki, and a wiki all the same
	}
	if wrong, ok := errors.AsType[*HTTPError](err); ok {
		return fmt.Errorf("%w: %s: HTTP %d", ErrNotWiki, w.api.Redacted(), wrong.Status)
	}
	if err != nil {
		return err
	}
	var out struct {
		Query struct {
			General *struct{ Sitename, Generator, Lang, Base text }
		}
	}
	if err := a.Decode(&out); err != nil || out.Query.General == nil {
		return fmt.Errorf("%w: %s", ErrNotWiki, w.api.Redacted())
	}
	g := out.Query.General
	w.mu.Lock()
	defer w.mu.Unlock()
	w.site = Site{Name: string(g.Sitename), Generator: string(g.Generator), Language: string(g.Lang), MainPage: string(g.Base)}
	return nil
}
