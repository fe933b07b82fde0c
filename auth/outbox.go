package auth

import "time"

// OutboxItem is a mail that leaves through the outbox, queued in the transaction that causes it.
type OutboxItem struct {
	// MessageID is the mail's Message-ID without its angle brackets, made once, so that a mail that arrives twice can be seen
	// to be one. A store keeps one row for each: an item that comes again is no second mail.
	MessageID string
	Kind      MailKind
	// Account is whose mail it is; 0 in a Draft = the account being made.
	Account AccountID
	// Domain is that of the recipient, in lower case and ASCII. The address itself is in Sealed.
	Domain string
	// Sealed is the mail, encrypted; the store keeps it until it was sent or has expired.
	Sealed []byte
	// Expires is never zero.
	Expires time.Time
}

// MailState is where a mail of the outbox stands.
type MailState string

// The states of a mail.
const (
	MailQueued  MailState = "queued"  // waits for its first or next try
	MailSending MailState = "sending" // a server has it in hand, until its lease ends
	MailSent    MailState = "sent"    // was accepted by the mail server
	MailDead    MailState = "dead"    // was refused for good; an operator may have it tried again
	MailExpired MailState = "expired" // was not sent in time
)

// MailRow is a mail as the outbox keeps it.
type MailRow struct {
	// ID numbers mail from 1; an id is never given twice.
	ID int64
	// OutboxItem is what was queued. Sealed is empty once the mail was sent or has expired, and in lists.
	OutboxItem
	State MailState
	// Attempts counts the tries that were begun.
	Attempts int
	// Due is when it may be tried next, or when the lease ends. It means nothing for what is sent, dead or expired.
	Due time.Time
	// Queued is when it was caused, Ended when it was sent or expired; zero = neither yet.
	Queued, Ended time.Time
	// Error is what stood in the way of the last try; no secrets, no address.
	Error string
}

// MailLease is how a server takes mail in hand: Name is the caller's own and new at each claim, For must be longer than a
// try can take.
type MailLease struct {
	Name string
	For  time.Duration
}

// MailOutcome is how a try ended.
type MailOutcome struct {
	ID int64
	// Lease is the name of the lease under which it was tried. Another lease's mail is left alone, unless State is MailSent:
	// what was accepted is sent, whoever had it in hand.
	Lease string
	// State is MailSent, MailDead, or MailQueued for another try.
	State MailState
	// After is how long the next try waits.
	After time.Duration
	// Untried says that the try was not begun; it is not counted then.
	Untried bool
	// Error is what stood in the way, for MailDead and MailQueued.
	Error string
}

// MailQuery selects mail of the outbox, by id.
type MailQuery struct {
	// State selects mail that stands there; empty = all.
	State MailState
	// NewestFirst turns the order round; oldest first otherwise.
	NewestFirst bool
	// After continues behind the mail with this id, in the direction of the query; 0 = from the start.
	After int64
	Limit int
}

// MailCount is how much mail has not left.
type MailCount struct {
	// Waiting is what is queued or being sent, Dead what was refused for good.
	Waiting, Dead int64
	// Oldest is when the oldest that waits was queued; zero = nothing waits.
	Oldest time.Time
}
