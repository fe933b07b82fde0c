package auth

import "gatehouse/internal/username"

// Status is the outcome of one step of a flow.
type Status string

// The statuses. Abstain never leaves the Manager.
const (
	Pass     Status = "PASS"     // done
	Fail     Status = "FAIL"     // refused; the flow and its state are gone
	UI       Status = "UI"       // more fields are needed
	Redirect Status = "REDIRECT" // go to a third party and come back
	Restart  Status = "RESTART"  // sign-in only: the outside identity is proven but no account is linked to it
	Abstain  Status = "ABSTAIN"  // not mine, try the next provider
)

// Response is what a provider, and in the end the Manager, answers to one submission. A refusal is a Response with
// status Fail; an error beside it would mean that the server could not do its work.
type Response struct {
	Status Status
	// Username is the account's canonical name (Pass of the Manager).
	Username username.Name
	// Messages say why (Fail, one or more) or what to do (UI, Restart: one).
	Messages []Message
	// Requests are what is needed next (UI, Redirect: at least one).
	Requests []Request
	// RedirectTarget is the absolute address to send the browser to (Redirect).
	RedirectTarget string
	// RedirectData is optional data for API clients (Redirect).
	RedirectData map[string]string
	// Account is the account made or signed in (Pass of the Manager). It never reaches a client: it is what lets the web
	// form sign a new account's owner in.
	Account Account
	// Remember says that the person asked to stay signed in (Pass of a login).
	Remember bool
	// CanPreserve says that what the person proved is kept for the next submission (Fail, Restart).
	CanPreserve bool
	// Withheld says that the account made is not to be signed in at once: its password was mailed, or its address has to be
	// confirmed (Pass of a creation).
	Withheld bool
}

// Passed is the answer of a provider that did its part.
func Passed() Response { return Response{Status: Pass} }

// Abstained is the answer of a provider that takes no part.
func Abstained() Response { return Response{Status: Abstain} }

// Failed is a refusal with its reasons.
func Failed(reasons ...Message) Response { return Response{Status: Fail, Messages: reasons} }

// Asked wants the fields of requests; m says why.
func Asked(m Message, requests ...Request) Response {
	return Response{Status: UI, Messages: []Message{m}, Requests: requests}
}

// Redirected sends the browser to target and wants requests afterwards.
func Redirected(target string, requests ...Request) Response {
	return Response{Status: Redirect, RedirectTarget: target, Requests: requests}
}

// Check is the outcome of a test: no findings means good.
type Check struct {
	Findings []Message
}

// Good is the check without findings.
func Good() Check { return Check{} }

// Refused is a check that failed for the given reasons.
func Refused(reasons ...Message) Check { return Check{Findings: reasons} }

// OK reports whether nothing was found.
func (c Check) OK() bool { return len(c.Findings) == 0 }
