// Package throttle says what is counted for an address, and how far it may rise: limits from configuration become named
// counters.
//
// It counts nothing itself: a Store does, exactly and for all instances at once. Which acts are limited and what is said
// to whoever hits a limit is the business of the providers that use it.
package throttle

import (
	"context"
	"time"

	"gatehouse/auth"
)

// Store counts.
type Store interface {
	// Rise counts all counters by one or none of them, durably before it returns; *auth.LimitError if one was full.
	Rise(ctx context.Context, counters []auth.Counter) error
	// Read tells where counters stand, in their order.
	Read(ctx context.Context, counters []auth.Counter) ([]auth.CounterState, error)
	// Clear forgets counters; unknown ones are fine.
	Clear(ctx context.Context, keys []string) error
}

// Rule is one limit: at most Count in Per.
type Rule struct {
	Count int64
	Per   time.Duration
	// NetworkFactor is how many times Count the next wider network may make; 0 = the wider network is not counted.
	NetworkFactor int64
}

// Rules hold all at once. None = no limit.
type Rules []Rule
