package totp

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"gatehouse/auth"
)

// app is an authenticator app as it is stored.
type app struct {
	// Name is what its owner calls it.
	Name string `json:"name"`
	// Added is when it was added, in seconds since 1970.
	Added int64 `json:"added"`
	// Step is the newest half minute whose code was taken; 0 = none was.
	Step int64 `json:"step,omitempty"`
	// Sealed is the secret, encrypted for this account and this app.
	Sealed []byte `json:"sealed"`

	kind auth.CredentialKind
	raw  string // as it was read
}

func (a app) encode() (string, error) {
	b, err := json.Marshal(a)
	return string(b), err
}

// factor is the app as lists show it.
func (a app) factor() auth.Factor {
	f := auth.Factor{ID: a.kind, Name: a.Name, Added: time.Unix(a.Added, 0).UTC()}
	if a.Step != 0 {
		f.Used = time.Unix(a.Step*int64(period/time.Second), 0).UTC()
	}
	return f
}

// appsIn gives the apps among credentials, oldest first.
func appsIn(all []auth.Credential) ([]app, error) {
	var out []app
	for _, c := range all {
		if c.Kind.Family() != auth.CredentialTOTP {
			continue
		}
		a := app{kind: c.Kind, raw: c.Value}
		if err := json.Unmarshal([]byte(c.Value), &a); err != nil {
			return nil, fmt.Errorf("read %s: %w", c.Kind, err)
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b app) int {
		return cmp.Or(cmp.Compare(a.Added, b.Added), cmp.Compare(a.kind, b.kind))
	})
	return out, nil
}

// binding is what a secret is sealed for: nobody who writes into the store can give one account the app of another.
func binding(name auth.Name, kind auth.CredentialKind) []byte {
	return []byte(string(name) + "\x00" + string(kind))
}

// credential is a new app with this secret, as it is stored.
func (p *Provider) credential(owner auth.Name, a app, secret string) (auth.Credential, error) {
	var number [8]byte
	if _, err := io.ReadFull(p.cfg.Random, number[:]); err != nil {
		return auth.Credential{}, fmt.Errorf("number an app: %w", err)
	}
	kind := auth.CredentialTOTP.One(hex.EncodeToString(number[:]))
	a.Added = p.cfg.Clock().Unix()
	var err error
	if a.Sealed, err = p.cfg.Sealer.Seal([]byte(secret), binding(owner, kind)); err != nil {
		return auth.Credential{}, fmt.Errorf("seal a secret: %w", err)
	}
	value, err := a.encode()
	return auth.Credential{Kind: kind, Value: value}, err
}

func (p *Provider) secret(owner auth.Name, a app) (string, error) {
	plain, err := p.cfg.Sealer.Open(a.Sealed, binding(owner, a.kind))
	if err != nil {
		return "", fmt.Errorf("open the secret of %s: %w", a.kind, err)
	}
	return string(plain), nil
}

// held gives the credentials of an account and the apps among them.
func (p *Provider) held(ctx context.Context, a auth.Account) ([]auth.Credential, []app, error) {
	all, err := p.cfg.Store.Credentials(ctx, a.ID)
	if err != nil {
		return nil, nil, err
	}
	apps, err := appsIn(all)
	return all, apps, err
}
