// Package recorder is a proxy in front of one wiki that writes down what passes, without secrets.
//
// It has the wiki's paths under an address of its own, rewrites the wiki's address in what it hands on, and gives each exchange
// to a recording.Writer as it happens. It keeps nothing itself; package replay plays what it wrote.
package recorder

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/internal/recording"
)

// longestBody bounds requests and answers, in bytes.
const longestBody = 16 << 20

// Options say what is recorded.
type Options struct {
	// API is the wiki's api.php.
	API *url.URL
	// Origins are the addresses the wiki calls itself by, scheme and host each; that of API need not be among them.
	Origins []string
	// Public is where clients find the recorder, scheme and host.
	Public string
	// Writer takes the exchanges.
	Writer *recording.Writer
	// Logger is told of what could not be handed on or written; nil = nobody.
	Logger *slog.Logger
}

// Recorder is the proxy, an http.Handler.
type Recorder struct {
	o        Options
	upstream string   // scheme and host
	origins  []string // all of the wiki's
	proxy    *httputil.ReverseProxy
	stripper *recording.Stripper
	visitors *visitors
}

// New makes a recorder. It sends nothing by itself.
func New(o Options) *Recorder {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	upstream := o.API.Scheme + "://" + o.API.Host
	r := &Recorder{o: o, upstream: upstream, origins: bothSchemes(append([]string{upstream}, o.Origins...)), visitors: newVisitors()}
	script := strings.TrimSuffix(o.API.Path, "/api.php")
	r.stripper = recording.NewStripper(script, append([]string{o.Public}, r.origins...)...)
	r.proxy = &httputil.ReverseProxy{Rewrite: r.rewrite, ModifyResponse: r.pass, ErrorHandler: r.broken}
	return r
}

// bothSchemes adds http to https and the other way round: wikis write both. With https first, nothing of it is left when a host
// is replaced without its scheme.
func bothSchemes(origins []string) []string {
	var out []string
	for _, scheme := range []string{"https", "http"} {
		for _, o := range origins {
			if _, host, ok := strings.Cut(o, "://"); ok && !slices.Contains(out, scheme+"://"+host) {
				out = append(out, scheme+"://"+host)
			}
		}
	}
	return out
}

type exchangeKey struct{}

// under is an exchange under way.
type under struct {
	exchange recording.Exchange
}

// ServeHTTP hands a request on, and its answer back.
func (r *Recorder) ServeHTTP(w http.ResponseWriter, in *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, in.Body, longestBody))
	if err != nil {
		http.Error(w, "the recorder takes no longer requests", http.StatusRequestEntityTooLarge)
		return
	}
	e := recording.Exchange{
		Visitor: r.visitors.of(in.Cookies()),
		Request: recording.Request{Method: in.Method, To: in.URL.Path, Query: parameters(in.URL.RawQuery), Body: form(in.Header.Get("Content-Type"), body)},
	}
	out := in.WithContext(context.WithValue(in.Context(), exchangeKey{}, &under{e}))
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	out.TransferEncoding = nil // the length is known by now
	r.proxy.ServeHTTP(w, out)
}

func parameters(query string) recording.Parameters {
	values, _ := url.ParseQuery(query) // what can be read of it
	if len(values) == 0 {
		return nil
	}
	out := recording.Parameters{}
	for name, all := range values {
		out[name] = all
	}
	return out
}

// form reads the parameters of a body of either kind. Files, and bodies of other kinds, are left out.
func form(contentType string, body []byte) recording.Parameters {
	kind, more, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		return parameters(string(body))
	case "multipart/form-data":
		parts, err := multipart.NewReader(bytes.NewReader(body), more["boundary"]).ReadForm(longestBody)
		if err != nil {
			return nil
		}
		defer parts.RemoveAll()
		return parameters(url.Values(parts.Value).Encode())
	}
	return nil
}

// rewrite makes the request that the wiki gets: at its address, in its own name, and not compressed but by Go's transport.
func (r *Recorder) rewrite(p *httputil.ProxyRequest) {
	p.SetURL(&url.URL{Scheme: r.o.API.Scheme, Host: r.o.API.Host})
	p.Out.Host = r.o.API.Host
	p.Out.URL.RawQuery = p.In.URL.RawQuery // ReverseProxy leaves out what Go does not parse
	p.Out.Header.Del("Accept-Encoding")
	for _, name := range []string{"Origin", "Referer"} {
		if v := p.Out.Header.Get(name); v != "" {
			p.Out.Header.Set(name, recording.ReplaceOrigin(v, r.o.Public, r.upstream))
		}
	}
	if p.In.Header.Get("User-Agent") == "" {
		p.Out.Header.Set("User-Agent", "") // Go's would stand there otherwise
	}
	restoreCookies(p.Out.Header)
}

// pass records an answer and turns the wiki's address in it into the recorder's.
func (r *Recorder) pass(answer *http.Response) error {
	e := answer.Request.Context().Value(exchangeKey{}).(*under).exchange
	body, err := io.ReadAll(io.LimitReader(answer.Body, longestBody+1))
	if closed := answer.Body.Close(); err == nil {
		err = closed
	}
	if err == nil && len(body) > longestBody {
		err = fmt.Errorf("the answer is longer than %d bytes", longestBody)
	}
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	e.Visitor = r.visitors.got(e.Visitor, answer.Cookies())
	e.Answer = record(answer, body)
	if err := r.o.Writer.Write(r.stripper.Strip(e)); err != nil {
		return err
	}
	r.rewriteAnswer(answer, body)
	return nil
}

// record is what a recording keeps of an answer.
func record(answer *http.Response, body []byte) recording.Answer {
	a := recording.Answer{Status: answer.StatusCode, Type: answer.Header.Get("Content-Type"), Headers: map[string]string{}}
	for _, name := range recording.KeptHeaders() {
		if v := answer.Header.Get(name); v != "" {
			a.Headers[name] = v
		}
	}
	for _, c := range answer.Cookies() {
		a.Cookies = append(a.Cookies, c.Name)
	}
	if kind, _, _ := mime.ParseMediaType(a.Type); kind == "application/json" && json.Valid(body) {
		a.JSON = body
	} else {
		a.LeftOut = len(body)
	}
	return a
}

func (r *Recorder) rewriteAnswer(answer *http.Response, body []byte) {
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") || strings.Contains(kind, "xml") || strings.Contains(kind, "javascript") {
		body = []byte(r.here(string(body)))
	}
	for name, values := range answer.Header {
		if name == "Set-Cookie" {
			continue // its value goes back to the wiki as it came
		}
		for i := range values {
			answer.Header[name][i] = r.here(values[i])
		}
	}
	answer.Header.Del("Strict-Transport-Security") // it would shut clients out of an address without TLS
	plainCookies(answer.Header)
	if answer.Request.Method != http.MethodHead {
		answer.ContentLength = int64(len(body))
		answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
}

// here replaces the wiki's addresses with the recorder's.
func (r *Recorder) here(text string) string {
	for _, o := range r.origins {
		text = recording.ReplaceOrigin(text, o, r.o.Public)
	}
	return text
}

func (r *Recorder) broken(w http.ResponseWriter, in *http.Request, err error) {
	r.o.Logger.Error("not recorded", "method", in.Method, "path", in.URL.Path, "err", err)
	http.Error(w, "the recorder: "+err.Error(), http.StatusBadGateway)
}
