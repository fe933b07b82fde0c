package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Answer is what api.php answered: a JSON object.
type Answer struct {
	// JSON is the answer, byte by byte.
	JSON json.RawMessage
	// Warnings are what the wiki found odd about the call, in plain words, each with its module in front.
	Warnings []string
}

// Decode reads the answer into a Go value.
func (a Answer) Decode(into any) error {
	if err := json.Unmarshal(a.JSON, into); err != nil {
		return &AnswerError{Reason: err.Error()}
	}
	return nil
}

// Exchange is one HTTP request to api.php and what came back.
type Exchange struct {
	Method string
	URL    string // api.php, without parameters
	// Params are the parameters; passwords and tokens are replaced by Secret.
	Params url.Values
	Status int // 0 = no answer came
	// Body is the answer as it came. It may have tokens and two-factor secrets in it.
	Body []byte
	Err  error // why no answer came
}

// Secret stands in an Exchange for what is secret.
const Secret = "•••"

// call is a call of api.php.
type call struct {
	post   bool
	params url.Values
	// secret are the names of parameters that are nobody's business.
	secret []string
	// writes: it must not be sent twice by guess.
	writes bool
}

// Get asks api.php a question; format and formatversion are added. It is repeated while the wiki asks for patience
// (Options.Patience) and when the connection breaks. A refusal is an *APIError.
func (w *Wiki) Get(ctx context.Context, params url.Values) (Answer, error) {
	return w.do(ctx, call{params: params})
}

// Post sends a call that changes something. tokenType is the kind of token it needs, "csrf" for most, and tokenParameter
// where it goes, "token" for most; "" and "" for none. A token that has grown old is renewed once. What may have been done
// is not repeated: UnknownOutcomeError.
func (w *Wiki) Post(ctx context.Context, params url.Values, tokenType, tokenParameter string) (Answer, error) {
	c := call{post: true, params: params, writes: true}
	if tokenType == "" {
		return w.do(ctx, c)
	}
	return w.doWithToken(ctx, c, tokenType, tokenParameter)
}

// do makes a call, and makes it again as long as that is wanted and harmless.
func (w *Wiki) do(ctx context.Context, c call) (Answer, error) {
	patience := w.options.Patience
	for try := 0; ; try++ {
		a, err := w.once(ctx, c)
		if err == nil {
			return a, nil
		}
		delay, again := repeatable(c, err, try)
		if w.lowerVersion(err) {
			delay, again = 0, true
		}
		if !again || delay > patience || ctx.Err() != nil {
			return Answer{}, w.outcome(c, err)
		}
		patience -= delay
		if delay == 0 {
			continue
		}
		if err := w.options.Wait(ctx, delay); err != nil {
			return Answer{}, err
		}
	}
}

// triesBlind is how often a question is repeated that nobody asked to repeat.
const triesBlind = 3

// repeatable tells whether a call may be repeated after err, and after how long.
func repeatable(c call, err error, try int) (time.Duration, bool) {
	backoff := time.Second << min(try, 5)
	if refused, ok := errors.AsType[*APIError](err); ok {
		asked := refused.RetryAfter >= 0
		switch {
		case refused.Code == "maxlag":
			return max(refused.RetryAfter, 5*time.Second), true
		case asked && (!c.writes || refused.Code == "ratelimited" || refused.Code == "readonly" || refused.HTTPStatus == http.StatusTooManyRequests):
			return max(refused.RetryAfter, time.Second), true
		}
		return 0, false
	}
	if wrong, ok := errors.AsType[*HTTPError](err); ok {
		asked := wrong.RetryAfter >= 0
		switch wrong.Status {
		case http.StatusTooManyRequests:
			return max(wrong.RetryAfter, backoff), asked || try < triesBlind
		case http.StatusServiceUnavailable:
			return max(wrong.RetryAfter, backoff), asked || !c.writes && try < triesBlind
		case http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusInternalServerError:
			return max(wrong.RetryAfter, backoff), !c.writes && try < triesBlind
		}
		return 0, false
	}
	if _, ok := errors.AsType[*AnswerError](err); ok || errors.Is(err, ErrTooLarge) {
		return 0, false
	}
	return backoff, !c.writes && try < triesBlind && !neverSent(err)
}

// outcome marks what may have been done although nobody said so.
func (w *Wiki) outcome(c call, err error) error {
	if _, refused := errors.AsType[*APIError](err); !c.writes || refused || neverSent(err) {
		return err
	}
	if wrong, ok := errors.AsType[*HTTPError](err); ok && wrong.Status < 500 {
		return err
	}
	return &UnknownOutcomeError{Err: err}
}

// lowerVersion tells whether err is the wiki's not knowing formatversion 2; from then on it is asked in version 1.
func (w *Wiki) lowerVersion(err error) bool {
	refused, ok := errors.AsType[*APIError](err)
	if !ok || !strings.Contains(refused.Code+refused.Info, "formatversion") {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	first := !w.version1
	w.version1 = true
	return first
}

// once makes a call once.
func (w *Wiki) once(ctx context.Context, c call) (Answer, error) {
	params := w.complete(c.params)
	var got fetched
	var err error
	method := http.MethodGet
	if c.post {
		method = http.MethodPost
		got, err = w.post(ctx, params)
	} else {
		got, err = w.get(ctx, w.api.String()+"?"+params.Encode(), largestAnswer)
	}
	if w.options.Observe != nil {
		w.options.Observe(Exchange{Method: method, URL: w.api.Redacted(), Params: masked(params, c.secret), Status: got.status, Body: got.body, Err: err})
	}
	if err != nil {
		return Answer{}, err
	}
	return read(got)
}

// complete adds what every call has.
func (w *Wiki) complete(params url.Values) url.Values {
	out := maps.Clone(params)
	w.mu.Lock()
	version1 := w.version1
	w.mu.Unlock()
	out.Set("format", "json")
	if !version1 {
		out.Set("formatversion", "2")
	}
	if w.options.Language != "" {
		out.Set("uselang", w.options.Language)
	}
	if w.options.MaxLag > 0 {
		out.Set("maxlag", strconv.Itoa(w.options.MaxLag))
	}
	return out
}

func masked(params url.Values, secret []string) url.Values {
	out := maps.Clone(params)
	for name := range out {
		if strings.HasSuffix(name, "token") || strings.Contains(name, "password") || name == "retype" || slices.Contains(secret, name) {
			out[name] = []string{Secret}
		}
	}
	return out
}

// read makes an answer or an error of what came.
func read(got fetched) (Answer, error) {
	var envelope struct {
		Error    *failure        `json:"error"`
		Errors   []failure       `json:"errors"`
		Warnings json.RawMessage `json:"warnings"`
	}
	if err := json.Unmarshal(got.body, &envelope); err != nil || len(got.body) == 0 || got.body[0] != '{' {
		return Answer{}, &HTTPError{Status: got.status, Excerpt: excerpt(got.body), RetryAfter: got.retryAfter}
	}
	if envelope.Error != nil {
		envelope.Errors = append(envelope.Errors, *envelope.Error)
	}
	if len(envelope.Errors) > 0 {
		e := envelope.Errors[0]
		info := cmp.Or(string(e.Info), string(e.Text), plain(string(e.HTML)), plain(string(e.Star)))
		return Answer{}, &APIError{Code: string(e.Code), Info: info, HTTPStatus: got.status, RetryAfter: got.retryAfter}
	}
	if got.status >= 400 {
		return Answer{}, &HTTPError{Status: got.status, Excerpt: excerpt(got.body), RetryAfter: got.retryAfter}
	}
	return Answer{JSON: got.body, Warnings: warnings(envelope.Warnings)}, nil
}

// failure is an error in any error format and format version.
type failure struct {
	Code, Info, Text, HTML text
	Star                   text `json:"*"`
}

// warnings reads them in any format: a map from module to text, or a list.
func warnings(raw json.RawMessage) []string {
	var modules map[string]map[string]text
	var list []struct {
		Code, Module, Text, HTML text
		Star                     text `json:"*"`
	}
	var out []string
	if json.Unmarshal(raw, &modules) == nil {
		for _, module := range slices.Sorted(maps.Keys(modules)) {
			said := modules[module]
			out = append(out, fmt.Sprintf("%s: %s", module, plain(string(cmp.Or(said["warnings"], said["*"])))))
		}
	} else if json.Unmarshal(raw, &list) == nil {
		for _, e := range list {
			out = append(out, fmt.Sprintf("%s: %s", e.Module, plain(string(cmp.Or(e.Text, e.HTML, e.Star, e.Code)))))
		}
	}
	return out
}

func excerpt(body []byte) string {
	const enough = 200
	said := []rune(plain(string(body[:min(len(body), 20*enough)])))
	return string(said[:min(len(said), enough)])
}
