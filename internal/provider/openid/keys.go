package openid

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

// How long keys are used without another look, and how soon an unknown one makes for another look.
const (
	keysLife  = time.Hour
	keysPause = time.Minute
)

// maxKeys bounds how many keys of a set are looked at.
const maxKeys = 64

// keySet is a provider's public keys. It implements oidc.KeySet. An unknown key has the set read again, but not more often
// than keysPause: whoever sends made-up tokens makes nobody work.
type keySet struct {
	url    string
	client *http.Client
	clock  func() time.Time

	turn    chan struct{} // held by whoever reads or writes what follows
	keys    []jose.JSONWebKey
	fetched time.Time
	tried   time.Time
	failed  error
}

// VerifySignature gives the payload of a token that one of the keys signed.
func (k *keySet) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	token, err := jose.ParseSignedCompact(raw, signatureAlgorithms())
	if err != nil {
		return nil, fmt.Errorf("read token: %w", err)
	}
	if len(token.Signatures) != 1 {
		return nil, fmt.Errorf("the token has %d signatures", len(token.Signatures))
	}
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, unreachable(ctx.Err())
	}
	defer func() { <-k.turn }()
	var failed error
	if k.clock().Sub(k.fetched) >= keysLife {
		failed = k.fetch(ctx)
	}
	candidates := k.candidates(token)
	if len(candidates) == 0 && failed == nil {
		failed = k.fetch(ctx)
		candidates = k.candidates(token)
	}
	for _, key := range candidates {
		if payload, err := token.Verify(key); err == nil {
			return payload, nil
		}
	}
	if len(candidates) == 0 && failed != nil {
		return nil, failed
	}
	return nil, errors.New("no key of the provider made the signature")
}

// remembering is a keySet for one token: go-oidc does not say why a signature could not be verified.
type remembering struct {
	*keySet
	err error
}

// VerifySignature is the key set's.
func (k *remembering) VerifySignature(ctx context.Context, raw string) (payload []byte, err error) {
	payload, k.err = k.keySet.VerifySignature(ctx, raw)
	return payload, k.err
}

// candidates are the keys that may have signed the token: the one it names, or all of them if it names none.
func (k *keySet) candidates(token *jose.JSONWebSignature) []jose.JSONWebKey {
	h := token.Signatures[0].Header
	var out []jose.JSONWebKey
	for _, key := range k.keys {
		if (h.KeyID == "" || key.KeyID == h.KeyID) && (key.Algorithm == "" || key.Algorithm == h.Algorithm) {
			out = append(out, key)
		}
	}
	return out
}

// fetch reads the set, unless that was tried a moment ago.
func (k *keySet) fetch(ctx context.Context) error {
	now := k.clock()
	if !k.tried.IsZero() && now.Sub(k.tried) < keysPause {
		return k.failed
	}
	k.tried = now
	var set jose.JSONWebKeySet
	if k.failed = getJSON(ctx, k.client, k.url, "", &set); k.failed != nil {
		return fmt.Errorf("read the keys: %w", k.failed)
	}
	k.keys, k.fetched = slices.DeleteFunc(set.Keys, unfit), now
	if len(k.keys) > maxKeys {
		k.keys = k.keys[:maxKeys]
	}
	return nil
}

// unfit are keys that prove nothing: secrets that were published, keys for other uses, broken ones.
func unfit(key jose.JSONWebKey) bool {
	return !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig"
}

func signatureAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.ES256, jose.PS256, jose.EdDSA, jose.RS384, jose.RS512, jose.ES384, jose.ES512, jose.PS384, jose.PS512,
	}
}

// getJSON reads a document, with a bearer token if there is one.
func getJSON(ctx context.Context, client *http.Client, address, bearer string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return distrusted("ask %q: %w", address, err)
	}
	r.Header.Set("Accept", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := client.Do(r)
	if err != nil {
		return unreachable(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return unreachable(fmt.Errorf("%s answered %s", r.URL.Redacted(), resp.Status))
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return unreachable(fmt.Errorf("read the answer of %s: %w", r.URL.Redacted(), err))
	}
	return nil
}
