package auth

import (
	"errors"
	"maps"
	"net/netip"
	"slices"
	"time"

	"gatehouse/internal/username"
)

// Name is an account's name in canonical form.
type Name = username.Name

// AccountID numbers accounts from 1. 0 is nobody.
type AccountID int64

// Account is a registered user, without credentials.
type Account struct {
	ID       AccountID
	Name     Name
	RealName string
	Email    string
	// EmailConfirmed is when the address was confirmed; zero if it was not.
	EmailConfirmed time.Time
	Registered     time.Time
	// Language is the code of the language the account reads; empty = the site's.
	Language string
	// Stamp counts the changes of its credentials. Who asks what proves a person right reads the account first.
	Stamp Stamp
	// Groups are the explicit groups, sorted; "*", "user" and "autoconfirmed" are implied.
	Groups []string
	// GroupEnds says when memberships end, of those that do.
	GroupEnds map[string]time.Time
}

// InGroup reports whether the account was put in group.
func (a Account) InGroup(group string) bool { return slices.Contains(a.Groups, group) }

// SameGroups reports whether b is in the same groups as a, for as long.
func (a Account) SameGroups(b Account) bool {
	return slices.Equal(a.Groups, b.Groups) && maps.EqualFunc(a.GroupEnds, b.GroupEnds, time.Time.Equal)
}

// Creator is who asks for an account: an anonymous visitor or a signed-in account. The account is fixed when a creation
// begins; the address is that of the submission at hand.
type Creator struct {
	// Account is nobody (ID 0) for an anonymous creator.
	Account Account
	// Addr is the address the request came from, IPv4 never wrapped in IPv6.
	Addr netip.Addr
}

// Anonymous reports whether nobody is signed in.
func (c Creator) Anonymous() bool { return c.Account.ID == 0 }

// Network is the part of an address that one subscriber holds: the IPv4 address itself, or the IPv6 /64.
func Network(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() && !addr.Is4In6() {
		bits = 64
	}
	p, err := addr.Unmap().Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// CredentialKind names what a stored credential is, for example CredentialPassword.
type CredentialKind string

// CredentialPassword is a password hash as internal/password writes it.
const CredentialPassword CredentialKind = "password"

// Credential is something an account proves itself with, in its stored form.
type Credential struct {
	Kind  CredentialKind `json:"kind"`
	Value string         `json:"value"`
}

// The log of new users, and its actions.
const (
	LogNewUsers = "newusers"

	LogCreate     = "create"     // an anonymous visitor made the account for themselves
	LogCreate2    = "create2"    // a signed-in account made it
	LogByEmail    = "byemail"    // a signed-in account made it and the password was mailed
	LogAutoCreate = "autocreate" // made without the flow, from an outside identity
)

// The logs of blocks and of rights, and their actions.
const (
	LogBlock        = "block"
	LogBlockNew     = "block"
	LogBlockChanged = "reblock"
	LogBlockLifted  = "unblock"

	LogRights = "rights" // the type and its one action
)

// LogDetails is what an entry has to tell beside its target: of a block its end and what it does, of rights the groups of
// before and after.
type LogDetails struct {
	// Duration is the end as it was asked for, "infinity" for none; Expires is zero then.
	Duration string    `json:"duration,omitempty"`
	Expires  time.Time `json:"expires,omitzero"`
	// Flags are "anononly", "nocreate", "noautoblock".
	Flags     []string `json:"flags,omitempty"`
	OldGroups []string `json:"oldgroups,omitempty"`
	NewGroups []string `json:"newgroups,omitempty"`
	// OldEnds and NewEnds say when memberships end, of those that do.
	OldEnds map[string]time.Time `json:"oldends,omitempty"`
	NewEnds map[string]time.Time `json:"newends,omitempty"`
}

// LogEntry is one line of a public log. The address of an anonymous creator is not in it.
type LogEntry struct {
	ID     int64
	Type   string // LogNewUsers …
	Action string // LogCreate …
	// PerformerID and Performer are the creator, or the new account itself for LogCreate.
	PerformerID AccountID
	Performer   Name
	// TargetID and Target are the new account, or whom it was done to. Addresses and ranges are targets without an id.
	TargetID AccountID
	Target   Name
	Comment  string
	// Tag marks entries that belong together, such as those of one event pass; empty = none.
	Tag  string
	Time time.Time
	// Details is nil for an account that was made.
	Details *LogDetails
}

// LogQuery selects entries of a public log.
type LogQuery struct {
	Type      string // empty = every public type
	Action    string // empty = every action
	Performer Name   // empty = anybody
	Target    Name   // empty = any
	// TargetPrefix selects targets whose names begin with it.
	TargetPrefix string
	Tag          string // empty = any or none
	// Tagged selects entries with a tag; Outside those of accounts that began with an identity from elsewhere.
	Tagged, Outside bool
	// From and To bound the time, inclusive; zero = open. From is the older end whatever the direction.
	From, To time.Time
	// OldestFirst turns the order round; newest first otherwise, by time and then id.
	OldestFirst bool
	// After continues behind the entry with this time and id, in the direction of the query; the entry itself is not
	// repeated. Zero ID = from the start.
	After LogPosition
	Limit int
}

// LogPosition is a place in a log.
type LogPosition struct {
	Time time.Time
	ID   int64
}

// AccountQuery selects accounts by name, in the order of their names' bytes.
type AccountQuery struct {
	Prefix string
	// From and To bound the names, inclusive; empty = open.
	From, To Name
	// Groups selects who was put into one of them; empty = everybody. NotGroups leaves out who was put into one of them.
	Groups, NotGroups []string
	// Having selects who fits one of these; empty = everybody.
	Having     []Membership
	Descending bool
	Limit      int
}

// Membership is to be in one of some groups and in none of others.
type Membership struct{ In, NotIn []string }

// Counter is one rise of a fixed-window counter. The window starts at the first rise and does not slide.
type Counter struct {
	// Key names what is counted, for example "create:0:192.0.2.1".
	Key string
	// Limit is how many rises fit in one window.
	Limit int64
	// Window is the length of the window, whole seconds.
	Window time.Duration
	// Refusal is the key of the message told when the counter is full; its parameters are Count and the remaining wait.
	Refusal string
	// Count is the limit as people are told it, where it differs from Limit; 0 = Limit.
	Count int64
}

// Draft is a new account with all that must become durable together with it. A store commits the whole or nothing.
type Draft struct {
	// Nonce is random and unique; it is stored with the account, so that a store that lost its connection during COMMIT can
	// find out what happened.
	Nonce string
	// Account is the account to be made. Its ID is the store's to give, and so is Registered where it is zero.
	Account     Account
	Credentials []Credential
	// Identities become the account's. If one of them has an account already, nothing happens (ErrIdentityTaken).
	Identities []Identity
	// Log is the entry to write. A zero TargetID and, for LogCreate, a zero PerformerID become the new account's id. A zero
	// Action writes none.
	Log    LogEntry
	Outbox []OutboxItem
	// Counters rise in the same transaction, last, in the order of their keys.
	Counters []Counter
}

// The errors a store answers with. Callers compare with errors.Is.
var (
	// ErrNotFound: no such account, credential, session, flow or block.
	ErrNotFound = errors.New("not found")
	// ErrNameTaken: an account with that canonical name exists.
	ErrNameTaken = errors.New("name taken")
	// ErrTooManyFlows: the network has as many open flows as it may.
	ErrTooManyFlows = errors.New("too many open flows")
)

// LimitError says that a counter was full. Nothing was counted.
type LimitError struct {
	Counter Counter
	// Wait is the true time until the counter's window ends.
	Wait time.Duration
}

func (e *LimitError) Error() string { return "limit reached: " + e.Counter.Key }

// OverloadError says that the server has more expensive work than it may take on. Nothing was done; the caller tells the
// client to come back after RetryAfter.
type OverloadError struct{ RetryAfter time.Duration }

func (e *OverloadError) Error() string { return "overloaded, retry after " + e.RetryAfter.String() }

// TooOftenError says that somebody asked for something more often than they may. Nothing was done; the caller tells the
// client to come back after RetryAfter.
type TooOftenError struct{ RetryAfter time.Duration }

func (e *TooOftenError) Error() string {
	return "asked too often, retry after " + e.RetryAfter.String()
}

// CounterState is where a counter stands.
type CounterState struct {
	Count int64
	// Wait is the time until the window ends; 0 if nothing is counted now.
	Wait time.Duration
}
