package openid

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// trip is a handover's content until the browser is back. It is sealed with the state, which only the browser has.
type trip struct {
	Provider  string      `json:"provider"`
	Action    auth.Action `json:"action"`
	Name      auth.Name   `json:"name,omitempty"`
	ReturnURL string      `json:"returnURL"`
	Nonce     string      `json:"nonce"`
	Verifier  string      `json:"verifier"`
	// Redirect is the address that the provider was given to send the browser back to, Place what it ends in.
	Redirect string `json:"redirect"`
	Place    string `json:"place,omitempty"`
}

// outcome is a handover's content after that. It is sealed with the code, which only the browser has.
type outcome struct {
	// Refusal is why nothing was proven; zero if something was.
	Refusal message.Message `json:"refusal,omitzero"`
	Subject string          `json:"subject,omitempty"`
	// Label, Username and Email are the provider's words: for people to read, and to propose.
	Label    string `json:"label,omitempty"`
	Username string `json:"username,omitempty"`
	Email    string `json:"email,omitempty"`
}

// secretBytes is the length of states, nonces and codes: 256 bits.
const secretBytes = 32

func (d *Desk) secret() (string, error) {
	var b [secretBytes]byte
	if _, err := io.ReadFull(d.cfg.Random, b[:]); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// handoverID names the row of a state; whoever reads the rows cannot tell the state from it.
func handoverID(state string) string {
	sum := sha256.Sum256([]byte("handover " + state))
	return hex.EncodeToString(sum[:])
}

// depart stores the trip and gives the address to send the browser to, and the trip's state.
func (d *Desk) depart(ctx context.Context, p *Provider, e *endpoints, j journey) (target, state string, err error) {
	state, err = d.secret()
	if err != nil {
		return "", "", err
	}
	nonce, err := d.secret()
	if err != nil {
		return "", "", err
	}
	verifier, err := d.secret()
	if err != nil {
		return "", "", err
	}
	t := trip{
		Provider: p.settings.Name, Action: j.departure.Action, Name: j.departure.Name, ReturnURL: j.departure.ReturnURL,
		Nonce: nonce, Verifier: verifier, Redirect: d.cfg.ReturnURL,
	}
	// A provider that does not say who it is comes back to a place of its own, or another could pass itself off as it.
	if len(d.providers) > 1 && !e.TellsIssuer {
		t.Place = p.settings.Name
		t.Redirect += "/" + url.PathEscape(t.Place)
	}
	sealed, err := d.seal(state, t)
	if err != nil {
		return "", "", err
	}
	err = d.cfg.Store.BeginHandover(ctx, auth.Handover{
		ID: handoverID(state), Network: auth.Network(j.addr).String(), Sealed: sealed,
		Expires: d.cfg.Clock().Add(auth.FlowLifetime),
	})
	if err != nil {
		return "", "", fmt.Errorf("remember the browser: %w", err)
	}
	target = p.remote.oauth(e, t.Redirect).AuthCodeURL(state, oauth2.SetAuthURLParam("nonce", nonce), oauth2.S256ChallengeOption(verifier))
	return target, state, nil
}

func (d *Desk) seal(secret string, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode handover: %w", err)
	}
	sealed, err := d.cfg.Sealer.SealFlow([]byte(secret), plain)
	if err != nil {
		return nil, fmt.Errorf("seal handover: %w", err)
	}
	return sealed, nil
}

// open reads what seal sealed. What cannot be opened is as good as not there.
func (d *Desk) open(secret string, h auth.Handover, into any) error {
	if secret == "" {
		return auth.ErrNotFound
	}
	plain, err := d.cfg.Sealer.OpenFlow([]byte(secret), h.Sealed)
	if err != nil {
		return fmt.Errorf("%w: %w", auth.ErrNotFound, err)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("read handover: %w", err)
	}
	return nil
}

// Expected implements auth.Arrivals.
func (d *Desk) Expected(ctx context.Context, r auth.Return) (auth.Departure, error) {
	h, err := d.cfg.Store.PeekHandover(ctx, handoverID(r.State))
	if err != nil {
		return auth.Departure{}, fmt.Errorf("find the departure: %w", err)
	}
	t, p, err := d.tripOf(r.State, h)
	if err != nil {
		return auth.Departure{}, err
	}
	return auth.Departure{Action: t.Action, Name: t.Name, At: p.at, ReturnURL: t.ReturnURL}, nil
}

func (d *Desk) tripOf(state string, h auth.Handover) (trip, *Provider, error) {
	var t trip
	if err := d.open(state, h, &t); err != nil {
		return t, nil, err
	}
	p := d.provider(t.Provider)
	if p == nil {
		return t, nil, fmt.Errorf("provider %q is not configured any more: %w", t.Provider, auth.ErrNotFound)
	}
	return t, p, nil
}

// Arrive implements auth.Arrivals. The departure is claimed before the provider is asked, so that a code is redeemed once.
func (d *Desk) Arrive(ctx context.Context, r auth.Return) (string, error) {
	h, err := d.cfg.Store.ClaimHandover(ctx, handoverID(r.State))
	if err != nil {
		return "", fmt.Errorf("claim the departure: %w", err)
	}
	t, p, err := d.tripOf(r.State, h)
	if err != nil {
		return "", err
	}
	code, err := d.secret()
	if err != nil {
		return "", err
	}
	sealed, err := d.seal(code, p.settle(ctx, t, r))
	if err != nil {
		return "", err
	}
	// Whoever gave up waiting may find the outcome where they began.
	err = d.cfg.Store.FinishHandover(context.WithoutCancel(ctx), auth.Handover{
		ID: h.ID, Network: h.Network, Sealed: sealed, Expires: d.cfg.Clock().Add(auth.CodeLifetime),
	})
	if err != nil {
		return "", fmt.Errorf("keep what came of it: %w", err)
	}
	return code, nil
}

// take gives the flow the outcome, once. auth.ErrNotFound: there is none, or the code is not its.
func (d *Desk) take(ctx context.Context, state, code string) (outcome, error) {
	var o outcome
	h, err := d.cfg.Store.TakeHandover(ctx, handoverID(state))
	if err != nil {
		return o, fmt.Errorf("take what came of it: %w", err)
	}
	return o, d.open(code, h, &o)
}

// settle asks the provider who the browser's person is. It always has an outcome.
func (p *Provider) settle(ctx context.Context, t trip, r auth.Return) outcome {
	id, err := p.identify(ctx, t, r)
	if err != nil {
		return outcome{Refusal: p.told(ctx, "settle a return", err)}
	}
	return outcome{
		Subject: id.Subject, Label: brief(first(id.PreferredUsername, id.Email, id.Name)),
		Username: brief(id.proposedName()), Email: brief(id.verifiedEmail()),
	}
}

// maxClaim is how much of a claim is kept, in bytes.
const maxClaim = 255

// brief drops a claim that is longer than anything it could be.
func brief(claim string) string {
	if len(claim) > maxClaim {
		return ""
	}
	return claim
}

func first(all ...string) string {
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}
