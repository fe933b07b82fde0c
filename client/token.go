package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
)

// Token gives a token of a kind ("csrf", "createaccount", "login", …), the session's own. It is fetched once and kept until
// the wiki turns it down or somebody signs in or out.
func (w *Wiki) Token(ctx context.Context, kind string) (string, error) {
	w.mu.Lock()
	token := w.tokens[kind]
	w.mu.Unlock()
	if token != "" {
		return token, nil
	}
	a, err := w.Get(ctx, url.Values{"action": {"query"}, "meta": {"tokens"}, "type": {kind}})
	if err != nil {
		return "", err
	}
	return w.keepToken(a, kind)
}

// keepToken takes the token of a kind out of an answer.
func (w *Wiki) keepToken(a Answer, kind string) (string, error) {
	var out struct {
		Query struct{ Tokens json.RawMessage }
	}
	if err := a.Decode(&out); err != nil {
		return "", err
	}
	var tokens map[string]string
	_ = json.Unmarshal(out.Query.Tokens, &tokens) // an empty map may be [] here
	token := tokens[kind+"token"]
	if token == "" {
		return "", fmt.Errorf("fetch token: %w: %s", ErrNoToken, kind)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokens[kind] = token
	return token, nil
}

// forgetTokens drops all tokens: they belong to the session that was.
func (w *Wiki) forgetTokens() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.tokens)
}

// doWithToken makes a call with its token in parameter, and once more with a fresh one if that was turned down.
func (w *Wiki) doWithToken(ctx context.Context, c call, kind, parameter string) (Answer, error) {
	params := maps.Clone(c.params)
	for renewed := false; ; renewed = true {
		token, err := w.Token(ctx, kind)
		if err != nil {
			return Answer{}, err
		}
		params.Set(parameter, token)
		c.params = params
		a, err := w.do(ctx, c)
		refused, ok := errors.AsType[*APIError](err)
		if !ok || refused.Code != "badtoken" {
			return a, err
		}
		w.forgetTokens()
		if renewed {
			return a, err
		}
	}
}
