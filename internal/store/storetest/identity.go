package storetest

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/auth"
)

func alice() auth.Identity {
	return auth.Identity{Issuer: "https://openid.example.net", Subject: "alice", Label: "alice@example.net"}
}

// testIdentities: an outside identity has one account, and comes and goes with what it was written with. It covers the
// store's share of row 42 of the security checklist.
func testIdentities(t *testing.T, f *fixture) {
	ctx := t.Context()
	_, err := f.AccountByIdentity(ctx, "https://openid.example.net", "alice")
	f.refused("nobody's", err, auth.ErrNotFound)
	d := draft("Ann")
	d.Identities = []auth.Identity{alice(), {Issuer: "https://other.example", Subject: "alice"}}
	ann, err := f.CreateAccount(ctx, d)
	f.try("create", err)
	got, err := f.AccountByIdentity(ctx, "https://openid.example.net", "alice")
	f.try("look up", err)
	f.want("account", got.ID, ann.ID)
	for _, pair := range [][2]string{{"https://openid.example.net", "Alice"}, {"https://openid.example.net/", "alice"}, {"", "alice"}} {
		_, err = f.AccountByIdentity(ctx, pair[0], pair[1])
		f.refused("another "+pair[0]+pair[1], err, auth.ErrNotFound)
	}
	linked := alice()
	linked.Linked = f.now
	of, err := f.IdentitiesOf(ctx, ann.ID)
	f.try("list", err)
	f.want("identities", of, []auth.Identity{linked, {Issuer: "https://other.example", Subject: "alice", Linked: f.now}})
	again, err := f.CreateAccount(ctx, d)
	f.try("the same creation again", err)
	f.want("again", again.ID, ann.ID)

	for _, counters := range [][]auth.Counter{nil, {{Key: "k", Limit: 5, Window: time.Hour}}} {
		late := draft("Ben")
		late.Identities, late.Counters = []auth.Identity{{Issuer: "https://third.example", Subject: "b"}, alice()}, counters
		_, err = f.CreateAccount(ctx, late)
		f.refused("a late creation", err, auth.ErrIdentityTaken)
	}
	f.want("rows", f.rows(), [3]int{1, 1, 1})
	states, err := f.Read(ctx, []auth.Counter{{Key: "k"}})
	f.try("counters", err)
	f.want("counted", states[0].Count, 0)
	_, err = f.AccountByIdentity(ctx, "https://third.example", "b")
	f.refused("what was undone", err, auth.ErrNotFound)

	ben := f.make("Ben")
	log := auth.LogEntry{Type: "test", Action: "linked", Performer: "Ben", Target: "Ben"}
	err = f.ChangeAccount(ctx, auth.Change{Account: ben.ID, Identities: auth.IdentityChange{Add: []auth.Identity{alice()}}, Log: log})
	f.refused("a link to another's", err, auth.ErrIdentityTaken)
	entries, err := f.LogEntries(ctx, auth.LogQuery{Type: "test", Limit: 9})
	f.try("log", err)
	f.want("log of what was undone", len(entries), 0)
	f.try("another's is not unlinked", f.ChangeAccount(ctx, auth.Change{Account: ben.ID, Identities: auth.IdentityChange{Remove: []auth.Identity{alice()}}}))
	got, err = f.AccountByIdentity(ctx, "https://openid.example.net", "alice")
	f.try("look up", err)
	f.want("still Ann's", got.ID, ann.ID)
	f.try("unlink", f.ChangeAccount(ctx, auth.Change{Account: ann.ID, Identities: auth.IdentityChange{Remove: []auth.Identity{alice()}}}))
	f.try("link", f.ChangeAccount(ctx, auth.Change{Account: ben.ID, Identities: auth.IdentityChange{Add: []auth.Identity{alice()}}}))
	got, err = f.AccountByIdentity(ctx, "https://openid.example.net", "alice")
	f.try("look up", err)
	f.want("Ben's", got.ID, ben.ID)
}

// testIdentityRace: of many creations with one outside identity one wins.
func testIdentityRace(t *testing.T, f *fixture) {
	errs := together(50, func(i int) error {
		d := draft(fmt.Sprintf("Ann %d", i))
		d.Identities = []auth.Identity{alice()}
		_, err := f.CreateAccount(t.Context(), d)
		return err
	})
	good, taken, other := count(errs, auth.ErrIdentityTaken)
	f.want("winners, losers, faults", []any{good, taken, other}, []any{1, 49, nil})
	f.want("rows", f.rows(), [3]int{1, 1, 1})
}

// testHandovers: every step of a handover happens once, in order and in time.
func testHandovers(t *testing.T, f *fixture) {
	ctx := t.Context()
	h := auth.Handover{ID: "a", Network: "192.0.2.1", Sealed: []byte{0, 255}, Expires: f.now.Add(time.Minute)}
	_, err := f.PeekHandover(ctx, "a")
	f.refused("peek at nothing", err, auth.ErrNotFound)
	f.try("begin", f.BeginHandover(ctx, h))
	if f.BeginHandover(ctx, h) == nil {
		t.Error("one id was begun twice")
	}
	got, err := f.PeekHandover(ctx, "a")
	f.try("peek", err)
	f.want("peek", got, h)
	f.refused("finish what nobody claimed", f.FinishHandover(ctx, h), auth.ErrNotFound)
	_, err = f.TakeHandover(ctx, "a")
	f.refused("take what is not finished", err, auth.ErrNotFound)

	errs := together(8, func(int) error { _, err := f.ClaimHandover(ctx, "a"); return err })
	good, lost, other := count(errs, auth.ErrNotFound)
	f.want("claims", []any{good, lost, other}, []any{1, 7, nil})
	_, err = f.PeekHandover(ctx, "a")
	f.refused("peek at a claimed one", err, auth.ErrNotFound)
	h.Sealed, h.Expires = []byte("answer"), f.now.Add(5*time.Minute)
	f.try("finish", f.FinishHandover(ctx, h))
	f.refused("finish again", f.FinishHandover(ctx, h), auth.ErrNotFound)
	errs = together(8, func(int) error { _, err := f.TakeHandover(ctx, "a"); return err })
	good, lost, other = count(errs, auth.ErrNotFound)
	f.want("takers", []any{good, lost, other}, []any{1, 7, nil})

	f.try("begin", f.BeginHandover(ctx, auth.Handover{ID: "late", Network: "n", Expires: f.now.Add(time.Minute)}))
	f.pass(time.Minute)
	_, err = f.ClaimHandover(ctx, "late")
	f.refused("claim an expired one", err, auth.ErrNotFound)
	f.try("purge", f.Purge(ctx))
	f.try("its id is free again", f.BeginHandover(ctx, auth.Handover{ID: "late", Network: "n", Expires: f.now.Add(time.Minute)}))

	for i := range auth.MaxHandovers {
		f.try("begin", f.BeginHandover(ctx, auth.Handover{ID: fmt.Sprint(i), Network: "n", Expires: f.now.Add(time.Duration(i+2) * time.Minute)}))
	}
	_, err = f.PeekHandover(ctx, "late")
	f.refused("the oldest of too many", err, auth.ErrNotFound)
	_, err = f.PeekHandover(ctx, "0")
	f.try("the second oldest", err)
}
