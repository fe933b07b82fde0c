// Package throttle says what is counted for an address, and how far it may rise: limits from configuration become named
// counters of a fixed window each.
//
// What must be exact is counted by a Store, for all servers at once; what is asked too often for that, by a Local, in memory.
// Which acts are limited, and what is said to whoever hits a limit, is the business of those that use it.
package throttle

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"gatehouse/auth"
)

// Store counts. The time is the store's own.
type Store interface {
	// Rise counts all counters by one or none of them, durably before it returns. If some were full, the error is the
	// *auth.LimitError of the one that is full for longest: whoever comes back in time must not be refused again.
	Rise(ctx context.Context, counters []auth.Counter) error
	// Read tells where counters stand, in their order.
	Read(ctx context.Context, counters []auth.Counter) ([]auth.CounterState, error)
	// Clear forgets counters; unknown ones are fine.
	Clear(ctx context.Context, keys []string) error
}

// Rule is one limit: at most Count in Per.
type Rule struct {
	Count int64
	// Per is the length of the window, in whole seconds. The window begins with the first count.
	Per time.Duration
	// NetworkFactor is how many times Count the next wider network may do; 0 = the wider network has no limit.
	NetworkFactor int64
}

// Rules hold all at once. None = no limit.
type Rules []Rule

// Act is what is counted.
type Act struct {
	// Name begins the counters' keys.
	Name string
	// Refusal is the key of the message told when a counter is full.
	Refusal string
}

// wideBits is the length of the IPv6 prefix that one customer can be given, the network of networks.
const wideBits = 48

// Counters gives a counter for each rule and who, whatever who names. A rule whose Count is not positive limits nothing.
func (rs Rules) Counters(act Act, who string) []auth.Counter {
	out := make([]auth.Counter, 0, 2*len(rs))
	for i, r := range rs {
		if r.Count > 0 {
			out = append(out, r.counter(act, i, who))
		}
	}
	return out
}

// OfNetwork gives the counters of an address: for each rule that of the IPv4 address or the IPv6 /64, and with a network
// factor that of the IPv6 /48.
func (rs Rules) OfNetwork(act Act, addr netip.Addr) []auth.Counter {
	out := rs.Counters(act, Network(addr))
	if wide := wideNetwork(addr); wide != "" {
		out = append(out, rs.Widened().Counters(act, wide)...)
	}
	return out
}

// Widened gives the limits of the next wider network, in the same order.
func (rs Rules) Widened() Rules {
	out := make(Rules, len(rs))
	for i, r := range rs {
		out[i] = Rule{Count: r.Count * r.NetworkFactor, Per: r.Per, NetworkFactor: r.NetworkFactor}
	}
	return out
}

// counter numbers the rule and names its window, so that two rules never share a counter and a rule that was changed does
// not go on with the window of before.
func (r Rule) counter(act Act, number int, who string) auth.Counter {
	key := act.Name + ":" + strconv.Itoa(number) + ":" + strconv.FormatInt(int64(r.Per/time.Second), 10) + ":" + who
	return auth.Counter{Key: key, Limit: r.Count, Window: r.Per, Refusal: act.Refusal}
}

// Network names the part of an address that one subscriber holds: the IPv4 address, or the IPv6 /64.
func Network(addr netip.Addr) string {
	p := auth.Network(addr)
	switch {
	case !p.IsValid():
		return "unknown"
	case p.Addr().Is4():
		return p.Addr().String()
	}
	return p.String()
}

func wideNetwork(addr netip.Addr) string {
	if p := widePrefix(addr); p.IsValid() {
		return p.String()
	}
	return ""
}

// Rise counts all counters by one or none of them. It gives the limit that bars it for longest, or nil.
func Rise(ctx context.Context, s Store, counters []auth.Counter) (*auth.LimitError, error) {
	if len(counters) == 0 {
		return nil, nil
	}
	err := s.Rise(ctx, counters)
	var limit *auth.LimitError
	if errors.As(err, &limit) {
		return limit, nil
	}
	return nil, wrapped("count", err)
}

// Test gives the limit that bars a rise for longest, or nil. It counts nothing.
func Test(ctx context.Context, s Store, counters []auth.Counter) (*auth.LimitError, error) {
	if len(counters) == 0 {
		return nil, nil
	}
	states, err := s.Read(ctx, counters)
	if err != nil {
		return nil, wrapped("read counters", err)
	}
	if len(states) != len(counters) {
		return nil, fmt.Errorf("read counters: asked for %d, got %d", len(counters), len(states))
	}
	var longest *auth.LimitError
	for i, state := range states {
		full := state.Count >= counters[i].Limit && state.Wait > 0
		if full && (longest == nil || state.Wait > longest.Wait) {
			longest = &auth.LimitError{Counter: counters[i], Wait: state.Wait}
		}
	}
	return longest, nil
}

func wrapped(verb string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", verb, err)
}
