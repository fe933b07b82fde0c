package auth

import (
	"net/netip"
	"time"
)

// Block is a rule against an account, an address or a range.
type Block struct {
	ID int64
	// Account is the blocked account; 0 for an address or range.
	Account     AccountID
	AccountName Name
	// Range is the blocked range, a single address being a full-length prefix; invalid for an account.
	Range netip.Prefix
	// By names who made the block.
	By     Name
	ByID   AccountID
	Reason string
	// Created and Expires bound it; a zero Expires is "infinite".
	Created, Expires time.Time
	// PreventCreate bars the creation of accounts. Blocks without it do not matter to a creation.
	PreventCreate bool
	// AnonymousOnly leaves signed-in accounts alone, but for the creation of accounts, which it bars for them too.
	AnonymousOnly bool
	// Auto marks a block that followed a blocked account to its address.
	Auto bool
}

// Target is the block's target as people write it.
func (b Block) Target() string {
	if b.Account != 0 {
		return string(b.AccountName)
	}
	if b.Range.IsSingleIP() {
		return b.Range.Addr().String()
	}
	return b.Range.String()
}
