package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gatehouse/internal/message"
	"gatehouse/internal/username"
)

// Proof is an outside identity that somebody has just proven to be theirs and that has no account yet. It makes an account
// without a password, or is linked to one that they sign in to. A submission that fails does not lose it.
type Proof struct {
	// Provider is who vouches for it.
	Provider ProviderID `json:"provider"`
	Identity Identity   `json:"identity"`
	// At names the third party to people.
	At Message `json:"at"`
	// Username and Email are what the third party proposes, the address only if it was verified there. They decide nothing.
	Username string `json:"username,omitempty"`
	Email    string `json:"email,omitempty"`
	// Proven is when; the Manager's to give.
	Proven time.Time `json:"proven,omitzero"`
}

// ProofLifetime is how long a proof is kept for, however often somebody tries.
const ProofLifetime = time.Hour

// proofNote is where a Proof is kept in a flow. No provider has this id.
const proofNote ProviderID = "proof"

// Prove keeps p with the flow.
func (m *memory) Prove(p Proof) error { return m.Remember(proofNote, p) }

// Proof gives what Prove kept, and whether it did.
func (m *memory) Proof() (Proof, bool, error) {
	var p Proof
	found, err := m.Recall(proofNote, &p)
	return p, found, err
}

func (m *memory) forgetProof() { delete(m.kept, proofNote) }

// flowPreserved is what a submission that failed leaves for the next one.
const flowPreserved flowKind = "preserved"

// Preserved is what a client has kept from before; the zero value is nothing.
type Preserved struct {
	// Any says that there is something, Primary that no primary-required request is needed beside it.
	Any, Primary bool
	// Username is the free name that the outside service proposes; empty if there is none.
	Username Name
	// Email is the address that was verified there; empty if none was.
	Email string
	// At names the third party to people.
	At Message
}

// Preserved tells what c has kept, which Begin.Preserve takes along. Nothing is written.
func (m *Manager) Preserved(ctx context.Context, c Client) (Preserved, error) {
	p, found, err := m.keptProof(ctx, c)
	if err != nil || !found {
		return Preserved{}, err
	}
	name, err := m.proposedName(ctx, p.Username)
	return Preserved{Any: true, Primary: true, Username: name, Email: p.Email, At: p.At}, err
}

// keptProof reads what an earlier submission of this client left.
func (m *Manager) keptProof(ctx context.Context, c Client) (Proof, bool, error) {
	secret := c.Session.FlowSecret()
	if secret == nil {
		return Proof{}, false, nil
	}
	f, err := m.cfg.Flows.PeekFlow(ctx, c.Session.FlowID())
	if errors.Is(err, ErrNotFound) {
		return Proof{}, false, nil
	}
	if err != nil {
		return Proof{}, false, fmt.Errorf("read what was kept: %w", err)
	}
	s, err := m.open(secret, f, flowPreserved)
	if err != nil || !m.resumes(s, c) {
		return Proof{}, false, nil // another flow, or another client's
	}
	p, found, err := (&memory{kept: s.Kept}).Proof()
	return p, found && m.cfg.Clock().Sub(p.Proven) < ProofLifetime, err
}

// nameTries bounds how many names are looked up to find a free one near a claim.
const nameTries = 6

// proposedName makes a claim valid and free: the name itself, or with a number behind it. Nothing comes of what is no name.
func (m *Manager) proposedName(ctx context.Context, claim string) (Name, error) {
	stem, ok := m.cfg.Names.Canonical(claim, username.Creatable)
	if claim == "" || !ok {
		return "", nil
	}
	raw := string(stem)
	for i := range nameTries {
		name, check, err := m.CheckName(ctx, raw, false)
		if err != nil {
			return "", err
		}
		if check.OK() {
			return name, nil
		}
		raw = strings.TrimRight(string(stem), "0123456789 ") + " " + strconv.Itoa(2+i*i*(1+i))
	}
	return "", nil
}

// takeProof begins with what an earlier submission left, if the client asks for it.
func (r *flowRun) takeProof(ctx context.Context) error {
	if !r.preserve {
		return nil
	}
	p, found, err := r.m.keptProof(ctx, r.client)
	if err != nil || !found {
		return err
	}
	return r.memory.Prove(p)
}

// keepProof leaves what was proven for the next submission, where this one failed, and says so in resp.
func (r *flowRun) keepProof(ctx context.Context, resp *Response) error {
	p, found, err := r.memory.Proof()
	if err != nil || !found || resp.Status != Fail && resp.Status != Restart || r.m.cfg.ReadOnly != "" {
		return err
	}
	now := r.m.cfg.Clock()
	if p.Proven.IsZero() {
		p.Proven = now
	}
	if now.Sub(p.Proven) >= ProofLifetime {
		return nil
	}
	note, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("keep proof: %w", err)
	}
	who := r.client.Creator.Account
	err = r.m.putFlow(ctx, r.client, flowPreserved, flowState{
		Creator: who.ID, CreatorStamp: who.Stamp, Providers: r.m.ids, Kept: map[ProviderID]json.RawMessage{proofNote: note},
	})
	if errors.Is(err, ErrTooManyFlows) {
		return nil
	}
	resp.CanPreserve = err == nil
	return err
}

// preserved takes the kept proof along: its provider is this creation's primary.
func (r *creationRun) preserved(ctx context.Context) (*Response, error) {
	if err := r.takeProof(ctx); err != nil {
		return nil, err
	}
	p, found, err := r.creation.Proof()
	if err != nil || !found {
		return nil, err
	}
	r.state.Primary = p.Provider
	if r.creation.Answers.username() != "" {
		return nil, nil
	}
	name, err := r.m.proposedName(ctx, p.Username)
	r.creation.Subject.Name = name
	return nil, err
}

// preserved takes the kept proof along, to be linked to whoever signs in.
func (r *loginRun) preserved(ctx context.Context) (*Response, error) { return nil, r.takeProof(ctx) }

// identityTaken refuses to make a second account of an outside identity. What was proven is of no more use.
func (r *flowRun) identityTaken() *Response {
	r.memory.forgetProof()
	return refuse(message.New(KeyIdentityTaken))
}
