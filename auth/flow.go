package auth

import (
	"encoding/json"
	"fmt"
)

// Subject is the account a creation makes.
type Subject struct {
	Name     Name   `json:"name"`
	Email    string `json:"email,omitempty"`
	RealName string `json:"realName,omitempty"`
	// Reason is the comment of the log entry, trimmed and cut.
	Reason string `json:"reason,omitempty"`
	// Language is what the new account reads; empty = the site's.
	Language string `json:"language,omitempty"`
	// Pass is the event pass that the account is made with, past the throttle; 0 = none.
	Pass PassID `json:"pass,omitempty"`
}

// Creation is one account creation as a provider sees it. It belongs to one goroutine.
type Creation struct {
	Subject Subject
	// Creator is who began the creation, at the address that this submission came from.
	Creator Creator
	// Visitor names the client's session; empty where it has none. It stays the same until the client signs in or out.
	Visitor FlowID
	// Answers are the requests loaded from this submission. In a continuation they hold only what was just posted.
	Answers Answers
	// ReturnURL is where a third party sends the browser back to.
	ReturnURL string
	// CaptchaKind is Client.CaptchaKind.
	CaptchaKind string
	// AccountID is the new account's id once it is made.
	AccountID AccountID
	// Stamp is the new account's, as this flow knows it.
	Stamp Stamp
	// Withheld says that whoever makes the account is not to be signed in to it at once. A provider sets it when it
	// contributes to the draft.
	Withheld bool

	reached Milestones
	memory
	places
}

// places are what was reserved for a submission.
type places struct{ reservations map[ProviderID]Reservation }

// Reservation gives the place that the provider took in ReserveForCreation or ReserveForLogin, or nil.
func (p *places) Reservation(id ProviderID) Reservation { return p.reservations[id] }

// Hold keeps a provider's reservation for the rest of this submission. The Manager calls it, and tests.
func (p *places) Hold(id ProviderID, place Reservation) {
	if p.reservations == nil {
		p.reservations = map[ProviderID]Reservation{}
	}
	p.reservations[id] = place
}

func (p *places) release() {
	for _, held := range p.reservations {
		held.Release()
	}
}

// Login is one sign-in as a provider sees it. It belongs to one goroutine.
type Login struct {
	// Creator is who asks: the address, and the account if somebody is signed in already.
	Creator Creator
	// Visitor is Creation.Visitor.
	Visitor FlowID
	// Answers are the requests loaded from this submission.
	Answers   Answers
	ReturnURL string
	// CaptchaKind is Client.CaptchaKind.
	CaptchaKind string
	// Account is who the primary provider found; zero before.
	Account Account
	// Claimed is the account that somebody says is theirs, once a provider knows that there is one: for the log, which names
	// nobody else.
	Claimed Name

	memory
	places
}

// memory is what providers keep from one submission of a flow to the next, each under its own id. It travels inside the
// encrypted flow state.
type memory struct {
	kept map[ProviderID]json.RawMessage
}

// Remember keeps v for the provider, in place of what it kept before. Never keep a password in clear.
func (m *memory) Remember(id ProviderID, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("remember %s: %w", id, err)
	}
	if m.kept == nil {
		m.kept = map[ProviderID]json.RawMessage{}
	}
	m.kept[id] = b
	return nil
}

// Remembered is all that providers keep, as it will be stored.
func (m *memory) Remembered() map[ProviderID]json.RawMessage { return m.kept }

// Recall fills v with what the provider kept and reports whether there was anything.
func (m *memory) Recall(id ProviderID, v any) (bool, error) {
	b, ok := m.kept[id]
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("recall %s: %w", id, err)
	}
	return true, nil
}
