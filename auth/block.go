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
	// Autoblock lets the block follow its account to the addresses that it acts from.
	Autoblock bool
	// Auto marks a block that followed a blocked account to its address, and Parent is the id of the block it came from.
	Auto   bool
	Parent int64
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

// BlockTrait is something that a block is or is not.
type BlockTrait string

// What a block can be: of an account, of a single address, of a range of several, with an end.
const (
	BlockOfAccount BlockTrait = "account"
	BlockOfAddress BlockTrait = "address"
	BlockOfRange   BlockTrait = "range"
	BlockWithEnd   BlockTrait = "end"
)

// BlockQuery selects blocks that hold now, by the time they were made and then their ids. What is empty selects all.
type BlockQuery struct {
	IDs []int64
	// Names and Ranges are the targets: an account of one of the names, or exactly one of the ranges.
	Names  []Name
	Ranges []netip.Prefix
	// Covering selects the blocks that hit every address of a range; invalid = all.
	Covering netip.Prefix
	// Is and IsNot select by what blocks are: all of Is, none of IsNot.
	Is, IsNot []BlockTrait
	// From and To bound the time they were made, inclusive; zero = open. From is the older end whatever the direction.
	From, To time.Time
	// OldestFirst turns the order round; newest first otherwise.
	OldestFirst bool
	// At begins with the block of this time and id, in the direction of the query; zero ID = from the start.
	At    BlockPosition
	Limit int
}

// BlockPosition is a place in a list of blocks.
type BlockPosition struct {
	Created time.Time
	ID      int64
}

// Position is where b stands in lists.
func (b Block) Position() BlockPosition { return BlockPosition{b.Created, b.ID} }
