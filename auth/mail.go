package auth

import (
	"net/netip"
	"time"
)

// MailKind names what a mail is for, and with it the text it has.
type MailKind string

// The kinds of mail. What each of them needs in Mail.Values stands behind it.
const (
	// MailTemporaryPassword: somebody else, or the site, made the account. "password" (or "link" where the site mails links),
	// "creator" (empty = a visitor), "days" the password is good for.
	MailTemporaryPassword MailKind = "createaccount"
	// MailConfirmEmail asks whether the address is the reader's. "link", "cancel", "address" (of the network that asked),
	// "days".
	MailConfirmEmail MailKind = "confirmemail"
	// MailPasswordReset answers a request for a new password. "password" or "link", "address", "days".
	MailPasswordReset MailKind = "passwordreset"
	// MailEmailChanged tells the old address that the account has another one now. "address".
	MailEmailChanged MailKind = "emailchanged"
	// MailPasswordChanged tells the address that the account's password was changed. "address".
	MailPasswordChanged MailKind = "passwordchanged"
	// MailFactorsChanged tells the address that the account's second factors or recovery codes were changed. "address".
	MailFactorsChanged MailKind = "factorschanged"
	// MailCode is a code to be typed into a form that waits for it. "code", "minutes"; "link" (optional) opens the
	// form with the code in it.
	MailCode MailKind = "code"
)

// Mail is one message to one person; what it says is its kind's text in the person's language.
type Mail struct {
	Kind MailKind
	// To is the recipient's address, as the account has it.
	To string
	// Account is whose mail it is; 0 in a Draft = the account being made, elsewhere nobody's.
	Account AccountID
	Name    Name
	// Language is the code of the language it is written in; empty = the site's.
	Language string
	// Values are what the text says beside the name, by the words of the kind. They may hold secrets; nothing in them can
	// become markup, a header or a recipient.
	Values map[string]string
	// Expires is when it is of no use any more: it is not sent after that and its body is wiped. Zero = as long as mail is
	// tried at all.
	Expires time.Time
}

// Mailer turns mail into outbox rows, encrypted; nothing is sent here. The row goes into the transaction that causes the
// mail, and is delivered after its commit. Safe for concurrent use.
type Mailer interface {
	// Compose gives the row. An unknown kind, a value that is missing or an address that is none is an error.
	Compose(m Mail) (OutboxItem, error)
}

// MailLimiter names the counters that rise when a mail is caused, for the same transaction (Draft.Counters). A full one is
// a *LimitError like any other. Safe for concurrent use.
type MailLimiter interface {
	// Counters are those of the recipient's address, of its domain, and of the network that caused the mail (Network of the
	// client's address; the zero Prefix has none).
	Counters(to string, network netip.Prefix) []Counter
}
