package auth

import (
	"context"
	"strings"
)

// MailedLink is what the link in a mail brings back: whose it is, and its secret.
type MailedLink struct {
	Name  Name
	Token string
}

// PasswordResetRequest asks for a new way into accounts whose password was forgotten: by name, by address, or both.
type PasswordResetRequest struct {
	// Username is as it was typed.
	Username, Email string
}

// PasswordResetter mails a new way into an account. What it answers never tells whether an address is known, nor whether
// an account has one.
type PasswordResetter interface {
	// RequestReset mails what there is to mail. Findings are about the request alone: no mail here, nothing typed, too often.
	RequestReset(ctx context.Context, c Client, r PasswordResetRequest) (Check, error)
	// LinkHolds reports whether a new password can be chosen with l. It changes nothing.
	LinkHolds(ctx context.Context, l MailedLink) (bool, error)
	// RedeemLink gives the account the password in answers, which are those of ActionChange. The link is spent then.
	RedeemLink(ctx context.Context, c Client, l MailedLink, answers Answers) (Check, error)
}

// AddressKeeper confirms and changes the addresses of accounts.
type AddressKeeper interface {
	// ConfirmHolds reports whether l confirms an address now, and which. It changes nothing.
	ConfirmHolds(ctx context.Context, l MailedLink) (address string, ok bool, err error)
	// Confirm takes the address as the person's. The link is spent then.
	Confirm(ctx context.Context, l MailedLink) (Check, error)
	// Invalidate makes the link useless.
	Invalidate(ctx context.Context, l MailedLink) (Check, error)
	// SendAgain mails a new link to the address of the account that is signed in; older ones are useless then.
	SendAgain(ctx context.Context, c Client) (Check, error)
	// ChangeAddress gives the account that is signed in another address; empty = none. A confirmed one stays until the new one
	// is confirmed.
	ChangeAddress(ctx context.Context, c Client, address string) (Check, error)
}

// SameAddress compares addresses: domains without regard to letter case, the rest exactly, because only its own server
// knows what is equal there.
func SameAddress(a, b string) bool {
	localA, domainA, foundA := strings.Cut(a, "@")
	localB, domainB, foundB := strings.Cut(b, "@")
	return foundA && foundB && localA == localB && strings.EqualFold(domainA, domainB)
}
