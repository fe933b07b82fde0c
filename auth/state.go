package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// flowKind tells the flows of one client apart: it has one at a time, of one kind.
type flowKind string

const (
	flowCreate flowKind = "create"
	flowLogin  flowKind = "login"
)

// stateVersion numbers the encoding of flow states. A state of another version is no flow: clients begin again.
const stateVersion = 1

// flowState is what a flow keeps between submissions. It holds no password: credentials are kept hashed, by their
// provider, in Kept.
type flowState struct {
	Version   int          `json:"v"`
	Kind      flowKind     `json:"kind"`
	Creator   AccountID    `json:"creator"`
	Providers []ProviderID `json:"providers"`
	ReturnURL string       `json:"returnURL,omitempty"`
	Answers   Answers      `json:"answers,omitempty"` // of the first submission, without secrets
	// Subject is the account to be made; creations only.
	Subject Subject `json:"subject,omitzero"`
	// Primary is the chosen primary provider; PrimaryDone that it passed.
	Primary     ProviderID `json:"primary,omitempty"`
	PrimaryDone bool       `json:"primaryDone,omitempty"`
	// Done lists the secondary providers that are through.
	Done []ProviderID `json:"done,omitempty"`
	// Withheld is Creation.Withheld.
	Withheld bool `json:"withheld,omitempty"`
	// Waiting is the provider that the next submission is for, Pending what it wants, Saying and Target what it said with
	// it and where it sent the browser.
	Waiting ProviderID `json:"waiting"`
	Pending []Request  `json:"pending"`
	Saying  []Message  `json:"saying,omitempty"`
	Target  string     `json:"target,omitempty"`
	// AccountID is the account made by this creation, or found by this sign-in.
	AccountID AccountID `json:"accountID,omitempty"`
	// Stamp and CreatorStamp are those of the two accounts: the flow is over when one of them has another.
	Stamp        Stamp                          `json:"stamp,omitempty"`
	CreatorStamp Stamp                          `json:"creatorStamp,omitempty"`
	Kept         map[ProviderID]json.RawMessage `json:"kept,omitempty"`
	// tries is Flow.Tries: the row counts the submissions, so that it also counts those that cannot open it.
	tries int
	// again says that the step asks once more what it asked before.
	again bool
}

func encodeState(s flowState) ([]byte, error) {
	s.Version = stateVersion
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode state: %w", err)
	}
	return plain, nil
}

// decodeState reads a state. One of another version or kind is ErrNotFound: for this flow there is none.
func decodeState(plain []byte, kind flowKind) (flowState, error) {
	var s flowState
	if err := json.Unmarshal(plain, &s); err != nil {
		return s, fmt.Errorf("decode state: %w", err)
	}
	if s.Version != stateVersion || s.Kind != kind {
		return s, ErrNotFound
	}
	return s, nil
}

// putFlow stores the state for the client, which gets a fresh secret at each step: the cookie of a step before opens nothing.
// A step that asks again keeps its secret, so that clients which miss a cookie on the way are not lost.
func (m *Manager) putFlow(ctx context.Context, c Client, kind flowKind, s flowState) error {
	s.Kind = kind
	plain, err := encodeState(s)
	if err != nil {
		return err
	}
	secret := c.Session.FlowSecret()
	if !s.again || secret == nil {
		secret = c.Session.NewFlowSecret()
	}
	sealed, err := m.cfg.Sealer.SealFlow(secret, plain)
	if err != nil {
		return fmt.Errorf("seal state: %w", err)
	}
	if len(sealed) > MaxFlowState {
		return fmt.Errorf("seal state: %d bytes are more than a flow may keep", len(sealed))
	}
	f := Flow{
		ID: c.Session.FlowID(), Network: Network(c.Creator.Addr).String(), Sealed: sealed,
		Tries: s.tries, Expires: m.cfg.Clock().Add(FlowLifetime),
	}
	if err := m.cfg.Flows.PutFlow(ctx, f); err != nil {
		return fmt.Errorf("store flow: %w", err)
	}
	return nil
}

// claim takes the client's flow for this submission. ErrNotFound: there is none that this client may continue; a row that
// was claimed on the way is ended.
func (m *Manager) claim(ctx context.Context, c Client, kind flowKind) (flowState, error) {
	secret := c.Session.FlowSecret()
	if secret == nil {
		return flowState{}, ErrNotFound
	}
	f, err := m.cfg.Flows.ClaimFlow(ctx, c.Session.FlowID())
	if err != nil {
		return flowState{}, fmt.Errorf("claim flow: %w", err)
	}
	s, err := m.open(secret, f, kind)
	if err != nil {
		m.cfg.Logger.WarnContext(ctx, "a flow cannot be continued", "error", err)
		return s, errors.Join(ErrNotFound, m.endFlow(ctx, c))
	}
	s.tries = f.Tries
	return s, nil
}

func (m *Manager) open(secret []byte, f Flow, kind flowKind) (flowState, error) {
	plain, err := m.cfg.Sealer.OpenFlow(secret, f.Sealed)
	if err != nil {
		return flowState{}, fmt.Errorf("open state: %w", err)
	}
	return decodeState(plain, kind)
}

// pending reads what the client's flow waits for, without taking it: the response that asked for it, or the zero
// Response without a flow.
func (m *Manager) pending(ctx context.Context, c Client, kind flowKind) (Response, error) {
	secret := c.Session.FlowSecret()
	if secret == nil {
		return Response{}, nil
	}
	f, err := m.cfg.Flows.PeekFlow(ctx, c.Session.FlowID())
	if errors.Is(err, ErrNotFound) {
		return Response{}, nil
	}
	if err != nil {
		return Response{}, fmt.Errorf("read flow: %w", err)
	}
	s, err := m.open(secret, f, kind)
	if err != nil {
		// Another secret or an older version: for this client there is no flow.
		return Response{}, nil
	}
	r := Response{Status: UI, Messages: s.Saying, Requests: s.Pending, RedirectTarget: s.Target}
	if s.Target != "" {
		r.Status = Redirect
	}
	return r, nil
}

// endFlow removes the client's flow. A client that never began one costs the store nothing.
func (m *Manager) endFlow(ctx context.Context, c Client) error {
	if c.Session.FlowSecret() == nil {
		return nil
	}
	if err := m.cfg.Flows.EndFlow(ctx, c.Session.FlowID()); err != nil {
		return fmt.Errorf("end flow: %w", err)
	}
	return nil
}
