// Package captcha is what keeps programs away without keeping a record of whoever looks: a challenge lives in its id, a text
// of digits that says what it is for, until when, and which puzzle it poses, under a MAC. The answer follows from the id and the
// server's keys. Nothing is stored until an answer comes; then a mark is, so that no challenge is answered twice on any
// server.
//
// Kinds of challenge (internal/captcha/puzzle, and others beside it) pose and judge; a Ladder picks the kind; the Desk here
// does what is the same for all of them. When somebody is asked at all is the business of internal/provider/captcha, and
// pictures, sounds and pages are that of the kinds and of internal/special.
package captcha

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// Purpose is what a challenge is good for. The numbers stand in ids and are never used again for something else.
type Purpose uint8

// The purposes.
const (
	Creation Purpose = 1
	Login    Purpose = 2
	// Either is good for whichever comes first: who asks for a new picture does not say what for.
	Either Purpose = 3
)

// Trigger is the purpose as configuration, texts and metrics call it.
func (p Purpose) Trigger() string {
	switch p {
	case Creation:
		return "createaccount"
	case Login:
		return "badlogin"
	}
	return "either"
}

// Serves reports whether a challenge of purpose p may be answered to do what.
func (p Purpose) Serves(what Purpose) bool { return p == what || p == Either }

// Code numbers the kinds in ids. A number is never used again for another kind.
type Code uint8

// The codes of kinds.
const (
	CodeImage     Code = 1
	CodeMath      Code = 2
	CodeQuestion  Code = 3
	CodeWork      Code = 4
	CodeMail      Code = 5
	CodeHCaptcha  Code = 6
	CodeTurnstile Code = 7
	CodeReCaptcha Code = 8
)

// Lifetime is how long people have to solve a challenge.
const Lifetime = 30 * time.Minute

// NonceSize is the length of a challenge's random part, in bytes.
const NonceSize = 8

// Challenge is what an id says. Only a Mint makes one.
type Challenge struct {
	ID      string
	Kind    Code
	Purpose Purpose
	// Difficulty is the kind's own; 0 where it has none.
	Difficulty uint32
	Nonce      [NonceSize]byte
	Expires    time.Time // whole seconds
	holder     holder
	// Seed is what the puzzle and its answer are made of: random to everybody else, the same whenever and on whichever server
	// the id is read. It never leaves the server.
	Seed [32]byte
}

// Asker is whom a challenge is for.
type Asker struct {
	Purpose Purpose
	Creator auth.Creator
	// Visitor names the client's session: what one is asked no other can answer.
	Visitor auth.FlowID
	// Wish names the kind that the visitor would rather have; empty = none. It is a wish: the Ladder decides.
	Wish string
}

// Attempt is an answer.
type Attempt struct {
	Asker
	// ID and Word are what was sent in the fields captchaId and captchaWord. ID is empty for kinds without one.
	ID, Word string
	// Subject is the account to be made; zero at a sign-in.
	Subject auth.Subject
	// Answers are the whole submission, for kinds that look at more of it.
	Answers auth.Answers
}

// Verdict is what became of an attempt.
type Verdict struct {
	Right bool
	// Kind is the name of the kind that was answered, or that is to be answered later. The Desk fills it in.
	Kind string
	// Later says that the kind asks in a step of its own, which decides. Nothing is right yet.
	Later bool
	// Fault tells that an outside verifier could not be asked, as captcha-error names it: "http", "json", "<vendor>-api". It
	// is not right then.
	Fault string
	// Reason is told instead of "not solved", where a kind has something better to say; zero otherwise.
	Reason message.Message
}

// Kind is a way to keep programs away. Kinds are built once and used by many goroutines. Besides this a kind implements
// one of Puzzle, Outside and Deferred.
type Kind interface {
	// Code stands in ids.
	Code() Code
	// Name is what configuration and metrics call the kind: "image", "proof-of-work".
	Name() string
}

// Puzzle is a kind whose challenges are ours.
type Puzzle interface {
	Kind
	// Life is how long a challenge can be answered.
	Life() time.Duration
	// Request is what is asked with a challenge of this kind. It is asked at every visit: it draws and stores nothing.
	Request(c Challenge) auth.Request
	// Judge compares. It is asked once a challenge, after the challenge's mark is stored; the ID of a is that of c.
	Judge(ctx context.Context, c Challenge, a Attempt) (Verdict, error)
}

// Outside is a kind whose challenges somebody else makes, keeps and ends. There is no id and no mark.
type Outside interface {
	Kind
	// Ask is what is asked.
	Ask(p Purpose) auth.Request
	// Verify asks the verifier. A verifier that is away is a Verdict, not an error.
	Verify(ctx context.Context, a Attempt) (Verdict, error)
}

// Deferred is a kind that can be answered only after the rest of the form was sent in: it has a step of its own in a
// creation. There is no id, no answer and no mark before that.
type Deferred interface {
	Kind
	// Announce says what will be asked.
	Announce(p Purpose) auth.Request
}

// Choice is a kind and how difficult it is to be.
type Choice struct {
	Kind       Kind
	Difficulty uint32
}

// Ladder picks the kinds.
type Ladder interface {
	// Choose gives what to ask, and the names of all kinds that who may ask for, the one that comes unasked first.
	Choose(ctx context.Context, who Asker) (c Choice, ways []string, err error)
	// Accepts reports whether the answer to a challenge of this kind, with this difficulty, is good enough for who.
	Accepts(ctx context.Context, who Asker, c Choice) (bool, error)
}
