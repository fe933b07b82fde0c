package throttle

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gatehouse/auth"
)

// FullStore is what a Desk reads and does.
type FullStore interface {
	FullCounters(ctx context.Context, q auth.FullQuery) ([]auth.CounterRow, error)
	// LiftCounter forgets a counter together with the log entry that says so, and reports whether it was there.
	LiftCounter(ctx context.Context, key string, e auth.LogEntry) (bool, error)
	LogEntries(ctx context.Context, q auth.LogQuery) ([]auth.LogEntry, error)
	// AccountsByID gives those of the ids that exist, in any order.
	AccountsByID(ctx context.Context, ids []auth.AccountID) ([]auth.Account, error)
}

// Limited is what is counted by rules.
type Limited struct {
	Act   string
	Rules Rules
	// Widened rules count for the next wider network alone; those for Everybody count all together. Alone, there is no limit
	// of a wider network.
	Widened, Everybody, Alone bool
}

// Desk is the operators' hand on limits: it tells what is limited and who is at a limit, and lifts that. What it was not
// told of, such as how often an event pass was used, it neither shows nor lifts.
type Desk struct {
	store   FullStore
	names   auth.Names
	limited []Limited
}

// NewDesk gives a Desk for what is limited.
func NewDesk(s FullStore, names auth.Names, limited []Limited) *Desk {
	return &Desk{store: s, names: names, limited: limited}
}

// Rules are the limits in force.
func (d *Desk) Rules() []auth.LimitRule {
	out := make([]auth.LimitRule, len(d.limited))
	for i, l := range d.limited {
		out[i].Act, out[i].Everybody = l.Act, l.Everybody
		rules := l.Rules
		if l.Widened {
			rules = rules.Widened()
		}
		for _, r := range rules {
			if wide := r.Count * r.NetworkFactor; r.Count > 0 {
				if l.Everybody || l.Alone {
					wide = 0
				}
				out[i].Windows = append(out[i].Windows, auth.LimitWindow{Count: r.Count, Per: r.Per, Wide: wide})
			}
		}
	}
	return out
}

func (d *Desk) acts() []string {
	out := make([]string, len(d.limited))
	for i, l := range d.limited {
		out[i] = l.Act
	}
	return out
}

// Full gives those who are at a limit.
func (d *Desk) Full(ctx context.Context, q auth.FullQuery) ([]auth.FullLimit, error) {
	q.Acts = d.acts()
	if q.Search != "" {
		q.Parts = []string{":" + q.Search, " " + NameKey(d.names, q.Search)}
	}
	rows, err := d.store.FullCounters(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]auth.FullLimit, len(rows))
	for i, row := range rows {
		out[i] = read(row)
	}
	return out, d.nameAccounts(ctx, out)
}

// read says whose a counter is by its key.
func read(row auth.CounterRow) auth.FullLimit {
	act, rest, _ := strings.Cut(row.Key, ":")
	_, rest, _ = strings.Cut(rest, ":")
	_, who, _ := strings.Cut(rest, ":")
	l := auth.FullLimit{CounterRow: row, Act: act, Who: who}
	if id, ok := strings.CutPrefix(who, "account "); ok {
		l.Account = auth.Name(id)
	} else if network, _, ok := strings.Cut(who, " "); ok {
		l.Who, l.OfName = network, true
	}
	l.Everybody = who == "everybody"
	return l
}

// nameAccounts puts the names of accounts in the place of their numbers.
func (d *Desk) nameAccounts(ctx context.Context, limits []auth.FullLimit) error {
	var ids []auth.AccountID
	for _, l := range limits {
		if id, err := strconv.ParseInt(string(l.Account), 10, 64); err == nil {
			ids = append(ids, auth.AccountID(id))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	accounts, err := d.store.AccountsByID(ctx, ids)
	if err != nil {
		return fmt.Errorf("look up accounts: %w", err)
	}
	for _, a := range accounts {
		number := auth.Name(strconv.FormatInt(int64(a.ID), 10))
		for i := range limits {
			if limits[i].Account == number && limits[i].Who == "account "+string(number) {
				limits[i].Account = a.Name
			}
		}
	}
	return nil
}

// Lift begins one count anew, with an entry in a log that only operators see.
func (d *Desk) Lift(ctx context.Context, by auth.Account, key string) (bool, error) {
	l := read(auth.CounterRow{Key: key})
	if !slices.Contains(d.acts(), l.Act) {
		return false, nil
	}
	return d.store.LiftCounter(ctx, key, auth.LogEntry{
		Type: auth.LogLimits, Action: auth.LogLifted, PerformerID: by.ID, Performer: by.Name, Target: auth.Name(l.Who), Comment: l.Act,
	})
}

// Lifted gives what was lifted lately, newest first.
func (d *Desk) Lifted(ctx context.Context, limit int) ([]auth.LogEntry, error) {
	return d.store.LogEntries(ctx, auth.LogQuery{Type: auth.LogLimits, Limit: limit})
}
