package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"gatehouse/internal/message"
)

// CredentialEdit is a change or removal of credentials as a provider sees it. It belongs to one goroutine.
type CredentialEdit struct {
	// Action is ActionChange, ActionRemove or ActionUnlink.
	Action  Action
	Account Account
	// Addr is where it was asked for.
	Addr netip.Addr
	// Answers are the requests that were filled in or, for removals, chosen.
	Answers Answers
}

// CredentialChanger is a primary or secondary provider with credentials that their owner can change or remove: it lists
// requests for ActionChange or ActionRemove. It is asked about every edit and speaks where its own request was answered,
// or where it has something to say to what the others do.
type CredentialChanger interface {
	// CheckChange judges an edit by what was sent; nothing dear happens here.
	CheckChange(e *CredentialEdit) Check
	// ContributeToChange adds its part to what is written, after every CheckChange passed. Hashing belongs here.
	ContributeToChange(ctx context.Context, e *CredentialEdit, c *Change) error
}

// EditCredentials changes or removes credentials of the account that is signed in. Findings refuse it, and nothing
// happened then. *OverloadError: the client may come back later.
func (m *Manager) EditCredentials(ctx context.Context, c Client, action Action, answers Answers) (Check, error) {
	if why := m.cfg.ReadOnly; why != "" {
		return Refused(message.New(keyReadOnly, message.Text(why))), nil
	}
	if c.Creator.Anonymous() || len(answers) == 0 {
		return Check{}, errors.New("edit credentials: nobody is signed in, or nothing was chosen")
	}
	e := &CredentialEdit{Action: action, Account: c.Creator.Account, Addr: c.Creator.Addr, Answers: answers}
	check, err := m.editCredentials(ctx, c, e)
	outcome := Response{Status: Pass}
	switch {
	case err != nil:
		outcome = failure(err)
	case !check.OK():
		outcome = Failed(check.Findings...)
	}
	m.reportEdit(ctx, c, e, outcome)
	return check, err
}

func (m *Manager) editCredentials(ctx context.Context, c Client, e *CredentialEdit) (Check, error) {
	return CommitEdit(ctx, m.cfg.Changes, e, m.changers(), Change{KeepSession: c.SessionID})
}

// CommitEdit lets changers add to c what the edit brings and commits it at the stamp that its account has. Findings refuse it
// and nothing happened then: a changer's, a limit, or that the credentials changed meanwhile. ErrIdentityTaken is an error.
func CommitEdit(ctx context.Context, s ChangeStore, e *CredentialEdit, changers []CredentialChanger, c Change) (Check, error) {
	c.Account, c.Proven = e.Account.ID, &e.Account.Stamp
	if check, err := CollectChange(ctx, changers, e, &c); err != nil || !check.OK() {
		return check, err
	}
	return committed(s.ChangeAccount(ctx, c))
}

// committed turns the outcome of a ChangeAccount into a Check.
func committed(err error) (Check, error) {
	var limit *LimitError
	switch {
	case errors.As(err, &limit):
		return Refused(limit.Refusal()), nil
	case errors.Is(err, ErrChanged):
		return Refused(message.New(keyChanged)), nil
	}
	return Good(), err
}

// CollectChange lets all of changers check an edit and then add to c. Findings mean that c is not to be used.
func CollectChange(ctx context.Context, changers []CredentialChanger, e *CredentialEdit, c *Change) (Check, error) {
	for _, p := range changers {
		if check := p.CheckChange(e); !check.OK() {
			return check, nil
		}
	}
	for _, p := range changers {
		if err := p.ContributeToChange(ctx, e, c); err != nil {
			return Check{}, fmt.Errorf("%s credentials: %w", e.Action, err)
		}
	}
	return Good(), nil
}

// changers are the providers whose credentials can be edited, in their order.
func (m *Manager) changers() []CredentialChanger {
	var out []CredentialChanger
	for _, p := range m.providers {
		if c, ok := p.(CredentialChanger); ok {
			out = append(out, c)
		}
	}
	return out
}

func (m *Manager) reportEdit(ctx context.Context, c Client, e *CredentialEdit, r Response) {
	run := flowRun{m: m, client: c, kind: flowKind(e.Action)}
	run.report(ctx, "credentials", e.Account.Name, r)
}

// SensitiveStatus tells whether a client may do something sensitive now.
type SensitiveStatus string

// The answers, as meta=authmanagerinfo spells them. SensitiveFail is for sessions that cannot sign in anew; there are none.
const (
	SensitiveOK     SensitiveStatus = "ok"
	SensitiveReauth SensitiveStatus = "reauth" // sign in first, again
	SensitiveFail   SensitiveStatus = "fail"
)

// DefaultReauthenticateAfter is how long a sign-in is good for what is sensitive.
const DefaultReauthenticateAfter = time.Hour

// Sensitive tells whether c may change credentials and the like: whoever signed in not long ago may. Whoever has found an
// open session has to prove who they are.
func (m *Manager) Sensitive(c Client) SensitiveStatus {
	age := m.cfg.Clock().Sub(c.Authenticated)
	if !c.Creator.Anonymous() && (m.cfg.ReauthenticateAfter < 0 || age < m.cfg.ReauthenticateAfter) {
		return SensitiveOK
	}
	return SensitiveReauth
}

// Reset is what a primary provider leaves with a sign-in whose credential has to be replaced before the person is in.
type Reset struct {
	// Message says why.
	Message Message `json:"message"`
	// Consumes are the credentials that the new one takes the place of. If one of them is not there any more, somebody else
	// was faster, and this sign-in fails.
	Consumes []CredentialChange `json:"consumes,omitempty"`
	// Mailed is the address that the credential was mailed to; empty = it was not mailed.
	Mailed string `json:"mailed,omitempty"`
}

// resetNote is where a Reset is kept in a sign-in. No provider has this id.
const resetNote ProviderID = "reset-pass"

// AskReset leaves r with the sign-in, for the provider of that step.
func (l *Login) AskReset(r Reset) error { return l.Remember(resetNote, r) }

// Reset gives what AskReset left, and whether it did.
func (l *Login) Reset() (Reset, bool, error) {
	var r Reset
	found, err := l.Recall(resetNote, &r)
	return r, found, err
}

// held reports whether the account waits for its address to be confirmed, and nobody signs in to it before.
func (m *Manager) held(a Account) bool {
	return m.cfg.ConfirmedOnly && a.Email != "" && a.EmailConfirmed.IsZero()
}

// noChanges is the ChangeStore of a Manager that was given none.
type noChanges struct{}

func (noChanges) ChangeAccount(context.Context, Change) error {
	return errors.New("accounts cannot be changed: no store was configured for it")
}
