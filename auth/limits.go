package auth

import "time"

// The log of limits that were lifted. It names networks, so that no page and no module shows it but to those who lift them.
const (
	LogLimits = "limits"
	LogLifted = "lift"
)

// PublicLogs are the logs that everybody may read who may read at all.
func PublicLogs() []string { return []string{LogNewUsers, LogBlock, LogRights} }

// LimitRule is what is limited, and how.
type LimitRule struct {
	// Act names what is counted, for example "create".
	Act string
	// Everybody says that all are counted together.
	Everybody bool
	Windows   []LimitWindow
}

// LimitWindow is at most Count in Per; Wide is the limit of the next wider network, 0 = it has none.
type LimitWindow struct {
	Count int64
	Per   time.Duration
	Wide  int64
}

// FullQuery selects counters that are full, in the order of their keys.
type FullQuery struct {
	// Acts begin the keys, each before a colon.
	Acts []string
	// Search is a network or a name; Parts is what a store looks for in its place: one of them is in the key.
	Search string
	Parts  []string
	// After continues behind a key; empty = from the start.
	After string
	Limit int
}

// FullLimit is a counter that is full, and whose.
type FullLimit struct {
	CounterRow
	Act string
	// Who is the network or what else stands in the key.
	Who string
	// Account is the account that is counted, where one is; its number if it is not known. OfName says that it is a name, which is
	// not kept, tried from Who. Everybody says that all are counted together.
	Account   Name
	OfName    bool
	Everybody bool
}

// CounterRow is a counter as a store keeps it.
type CounterRow struct {
	Key          string
	Count, Limit int64
	// Wait is the time until its window ends.
	Wait time.Duration
}
