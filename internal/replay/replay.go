// Package replay plays recordings: as a client that asks a wiki the same again and shows what differs (Against), and as a
// server that answers a client from the recording (Server).
//
// What legally differs between two wikis is masked; what is known to differ is in an Allow list. Files are read by package
// recording, and written by package recorder.
package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"gatehouse/internal/recording"
)

// Target is the wiki that is asked.
type Target struct {
	API *url.URL
	// Set gives values to placeholders. Passwords, names, addresses and bad tokens have values without it.
	Set map[string]string
	// Random makes those values; crypto/rand.Reader but in tests.
	Random io.Reader
	// Transport sends; nil = http.DefaultTransport.
	Transport http.RoundTripper
	Compare   Rules
}

// Result is what came of a replay.
type Result struct {
	Exchanges   int
	Differences []Difference // those that nothing allows
	Allowed     []Difference
}

// player is one replay under way.
type player struct {
	target Target
	values *values
	jars   map[int]http.CookieJar
	result Result
}

// Against asks the target what was recorded. A difference is no error; an error is a placeholder without a value
// (recording.ErrNoValue) or a wiki that does not answer.
func Against(ctx context.Context, exchanges []recording.Exchange, t Target) (Result, error) {
	origin := t.API.Scheme + "://" + t.API.Host
	known, err := newValues(t.Set, t.Random)
	if err != nil {
		return Result{}, err
	}
	known.fixed["base"], known.fixed["script"] = origin, strings.TrimSuffix(t.API.Path, "/api.php")
	p := &player{target: t, values: known, jars: map[int]http.CookieJar{}}
	for i, e := range exchanges {
		if err := p.play(ctx, i+1, e); err != nil {
			return p.result, fmt.Errorf("exchange %d, %s: %w", i+1, e.Request.Call(), err)
		}
		p.result.Exchanges++
	}
	return p.result, nil
}

func (p *player) play(ctx context.Context, number int, e recording.Exchange) error {
	request, err := p.request(ctx, e.Request)
	if err != nil {
		return err
	}
	jar, err := p.jar(e.Visitor)
	if err != nil {
		return err
	}
	client := http.Client{Jar: jar, Transport: p.target.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	c := comparison{exchange: number, call: e.Request.Call(), module: e.Request.Module(), rules: p.target.Compare, values: p.values}
	c.answers(e.Answer, here{response, body})
	p.result.Differences = append(p.result.Differences, c.differences...)
	p.result.Allowed = append(p.result.Allowed, c.allowed...)
	return nil
}

// longestAnswer bounds what is read of an answer, in bytes.
const longestAnswer = 32 << 20

func (p *player) jar(visitor int) (http.CookieJar, error) {
	if p.jars[visitor] == nil {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, err
		}
		p.jars[visitor] = jar
	}
	return p.jars[visitor], nil
}

func (p *player) request(ctx context.Context, r recording.Request) (*http.Request, error) {
	to, err := recording.Fill(r.To, p.values.get)
	if err != nil {
		return nil, err
	}
	query, err := p.form(r.Query)
	if err != nil {
		return nil, err
	}
	body, err := p.form(r.Body)
	if err != nil {
		return nil, err
	}
	address := url.URL{Scheme: p.target.API.Scheme, Host: p.target.API.Host, Path: to, RawQuery: query.Encode()}
	out, err := http.NewRequestWithContext(ctx, r.Method, address.String(), strings.NewReader(body.Encode()))
	if err != nil {
		return nil, err
	}
	out.Header.Set("User-Agent", "gatehouse-replay")
	if len(body) > 0 {
		out.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return out, nil
}

func (p *player) form(from recording.Parameters) (url.Values, error) {
	out := url.Values{}
	for name, values := range from {
		for _, v := range values {
			filled, err := recording.Fill(v, p.values.get)
			if err != nil {
				return nil, fmt.Errorf("parameter %s: %w", name, err)
			}
			out.Add(name, filled)
		}
	}
	return out, nil
}

// here is an answer of the wiki that is asked.
type here struct {
	*http.Response
	body []byte
}

// document reads a body as JSON, with numbers as they are written.
func document(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("something stands behind the document")
	}
	return out, nil
}

func mediaType(header string) string {
	kind, _, err := mime.ParseMediaType(header)
	if err != nil {
		return header
	}
	return kind
}
