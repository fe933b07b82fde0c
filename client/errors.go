package client

import (
	"errors"
	"fmt"
	"time"
)

// Errors to compare with errors.Is.
var (
	// ErrNotWiki: nothing at the address answers like an Action API.
	ErrNotWiki = errors.New("no api.php of a wiki answers there")
	// ErrNoCreation: the wiki says that accounts cannot be created there.
	ErrNoCreation = errors.New("this wiki creates no accounts")
	// ErrOver: the walk has ended with PASS or FAIL. Begin another.
	ErrOver = errors.New("this walk is over; begin another")
	// ErrEndless: the walk had more steps than any sensible one.
	ErrEndless = errors.New("the wiki asks on and on")
	// ErrTooLarge: an answer was larger than anything that is expected there.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrNoToken: the wiki gave no token of the kind that was asked for.
	ErrNoToken = errors.New("the wiki gives no such token")
	// ErrNoAnswer: a second factor was asked for and Login knows none.
	ErrNoAnswer = errors.New("the wiki asks for more than was given")
)

// APIError is a call that the wiki turned down before it did anything, with its code: "badtoken", "readonly", ….
type APIError struct {
	Code string
	Info string // in words, plain
	// HTTPStatus is nearly always 200.
	HTTPStatus int
	// RetryAfter is how long the wiki asks to be left alone; negative = it does not say.
	RetryAfter time.Duration
}

func (e *APIError) Error() string { return fmt.Sprintf("the wiki answers %s: %s", e.Code, e.Info) }

// HTTPError is an answer that is none of an Action API: a proxy's, or a server's that is down.
type HTTPError struct {
	Status int
	// Excerpt is the beginning of the body as plain text.
	Excerpt string
	// RetryAfter is how long the server asks to be left alone; negative = it does not say.
	RetryAfter time.Duration
}

func (e *HTTPError) Error() string {
	return fmt.Sprintf("the server answers HTTP %d, and not as a wiki does: %q", e.Status, e.Excerpt)
}

// UnknownOutcomeError is a creation or sign-in that was sent and whose answer got lost. The account may exist: look before
// repeating it, with UserExists.
type UnknownOutcomeError struct{ Err error }

func (e *UnknownOutcomeError) Error() string {
	return "the answer got lost, and what was asked for may have been done: " + e.Err.Error()
}

func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// AnswerError is an answer that cannot be understood.
type AnswerError struct{ Reason string }

func (e *AnswerError) Error() string { return "the wiki's answer makes no sense: " + e.Reason }

// Refusal is a FAIL as an error, for programs that have nothing else to do with it; see Step.Refusal.
type Refusal struct {
	Code    string // messagecode, such as "userexists"
	Message Message
}

func (e *Refusal) Error() string { return fmt.Sprintf("refused with %s: %s", e.Code, e.Message) }
