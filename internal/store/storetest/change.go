package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"gatehouse/auth"
)

// stored gives a credential, "" where there is none.
func (f *fixture) stored(id auth.AccountID, kind auth.CredentialKind) string {
	f.Helper()
	value, err := f.Credential(f.Context(), id, kind)
	if !errors.Is(err, auth.ErrNotFound) {
		f.try("credential", err)
	}
	return value
}

// testChange: everything of a change is there afterwards, and nothing of another account is touched.
func testChange(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann, ben := f.make("Ann"), f.make("Ben")
	for _, id := range []string{"here", "there"} {
		f.try("session", f.StartSession(ctx, f.session(id, ann.ID), ""))
	}
	f.try("session", f.StartSession(ctx, f.session("ben", ben.ID), ""))
	before := f.rows()
	counter := auth.Counter{Key: "changes", Limit: 3, Window: time.Hour}
	c := auth.Change{
		Account: ann.ID,
		Credentials: []auth.CredentialChange{
			{Kind: "temporary-password", New: "mailed"},
			{Kind: auth.CredentialPassword, Old: "hash of Ann", New: "another"},
			{Kind: "email-link", Any: true},
		},
		Email:       &auth.EmailChange{Old: ann.Email, New: "ann@example.net", Confirmed: f.now},
		EndSessions: true, KeepSession: "here",
		Log:      auth.LogEntry{Type: "newusers", Action: "changed", PerformerID: ben.ID, Performer: "Ben", TargetID: ann.ID, Target: "Ann"},
		Outbox:   []auth.OutboxItem{draft("Ann change").Outbox[0]},
		Counters: []auth.Counter{counter},
	}
	f.try("change", f.ChangeAccount(ctx, c))

	got, err := f.AccountByID(ctx, ann.ID)
	f.try("read", err)
	ann.Email, ann.EmailConfirmed, ann.Stamp = "ann@example.net", f.now, 1
	f.want("account", got, ann)
	f.want("password", f.stored(ann.ID, auth.CredentialPassword), "another")
	f.want("temporary password", f.stored(ann.ID, "temporary-password"), "mailed")
	f.want("the other's password", f.stored(ben.ID, auth.CredentialPassword), "hash of Ben")
	sessions, err := f.SessionsOf(ctx, ann.ID)
	f.try("sessions", err)
	if len(sessions) != 1 || sessions[0].ID != "here" {
		t.Errorf("sessions %+v", sessions)
	}
	_, _, err = f.Session(ctx, "ben")
	f.try("the other's session", err)
	f.want("rows", f.rows(), [3]int{before[0], before[1] + 1, before[2] + 1})
	f.states("counter", []auth.Counter{counter}, auth.CounterState{Count: 1, Wait: time.Hour})

	c = auth.Change{Account: ann.ID, Credentials: []auth.CredentialChange{{Kind: "temporary-password", Old: "mailed"}}, EndSessions: true}
	f.try("remove", f.ChangeAccount(ctx, c))
	f.want("removed", f.stored(ann.ID, "temporary-password"), "")
	sessions, err = f.SessionsOf(ctx, ann.ID)
	f.try("sessions", err)
	f.want("sessions", len(sessions), 0)
	for _, value := range []string{"one", "two"} {
		c = auth.Change{Account: ann.ID, Credentials: []auth.CredentialChange{{Kind: "email-link", Any: true, New: value}}}
		f.try("put whatever is there", f.ChangeAccount(ctx, c))
		f.want("put", f.stored(ann.ID, "email-link"), value)
	}
}

// testChangeByHalves: what is refused leaves nothing behind, whatever refused it.
func testChangeByHalves(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann := f.make("Ann")
	f.try("session", f.StartSession(ctx, f.session("here", ann.ID), ""))
	before := f.rows()
	full := auth.Counter{Key: "full", Limit: 1, Window: time.Hour}
	f.try("fill", f.Rise(ctx, []auth.Counter{full}))
	whole := func() auth.Change {
		return auth.Change{
			Account:     ann.ID,
			Credentials: []auth.CredentialChange{{Kind: auth.CredentialPassword, Old: "hash of Ann", New: "another"}},
			Email:       &auth.EmailChange{Old: ann.Email, New: "x@example.net"}, EndSessions: true,
			Log:      auth.LogEntry{Type: "newusers", Action: "changed", Target: "Ann"},
			Outbox:   []auth.OutboxItem{draft("Ann change").Outbox[0]},
			Counters: []auth.Counter{{Key: "free", Limit: 5, Window: time.Hour}},
		}
	}
	for name, tt := range map[string]struct {
		spoil func(*auth.Change)
		want  error
	}{
		"no account":          {func(c *auth.Change) { c.Account = 99 }, auth.ErrNotFound},
		"another password":    {func(c *auth.Change) { c.Credentials[0].Old = "older" }, auth.ErrChanged},
		"there is one":        {func(c *auth.Change) { c.Credentials[0].Old = "" }, auth.ErrChanged},
		"there is none":       {func(c *auth.Change) { c.Credentials[0].Kind = "totp" }, auth.ErrChanged},
		"none to remove":      {func(c *auth.Change) { c.Credentials[0] = auth.CredentialChange{Kind: "totp", Old: "x"} }, auth.ErrChanged},
		"another address":     {func(c *auth.Change) { c.Email.Old = "older@example.org" }, auth.ErrChanged},
		"a counter that full": {func(c *auth.Change) { c.Counters = append(c.Counters, full) }, nil},
	} {
		c := whole()
		tt.spoil(&c)
		err := f.ChangeAccount(ctx, c)
		var limit *auth.LimitError
		if tt.want == nil && !errors.As(err, &limit) || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := f.AccountByID(ctx, ann.ID)
	f.try("read", err)
	f.want("account", got, ann)
	f.want("password", f.stored(ann.ID, auth.CredentialPassword), "hash of Ann")
	f.want("rows", f.rows(), before)
	f.states("counter", []auth.Counter{{Key: "free"}}, auth.CounterState{})
	_, _, err = f.Session(ctx, "here")
	f.try("session", err)
	f.try("the whole", f.ChangeAccount(ctx, whole()))
}

// testChangeRace: of many changes that each replace what they saw, one wins, and its traces are the only ones.
func testChangeRace(t *testing.T, f *fixture) {
	ann := f.make("Ann")
	before := f.rows()
	errs := together(40, func(i int) error {
		item := draft(fmt.Sprint("change ", i)).Outbox[0]
		return f.ChangeAccount(f.Context(), auth.Change{
			Account: ann.ID, Outbox: []auth.OutboxItem{item},
			Credentials: []auth.CredentialChange{
				{Kind: auth.CredentialPassword, Old: "hash of Ann", New: fmt.Sprint("hash ", i)},
				{Kind: "temporary-password", Any: true},
			},
		})
	})
	good, lost, other := count(errs, auth.ErrChanged)
	f.want("winners, losers, faults", []any{good, lost, other}, []any{1, 39, nil})
	f.want("rows", f.rows(), [3]int{before[0], before[1], before[2] + 1})
}

// testAccountsByEmail: letter case is the caller's business, so the look-up ignores it.
func testAccountsByEmail(t *testing.T, f *fixture) {
	ctx := t.Context()
	for name, address := range map[string]string{"Ann": "a@Example.org", "Ben": "A@example.org", "Cid": "b@example.org", "Dan": ""} {
		d := draft(name)
		d.Account.Email = address
		_, err := f.CreateAccount(ctx, d)
		f.try("create", err)
	}
	found, err := f.AccountsByEmail(ctx, "a@EXAMPLE.org", 5)
	f.try("look up", err)
	f.want("found", len(found), 2)
	found, err = f.AccountsByEmail(ctx, "a@EXAMPLE.org", 1)
	f.try("look up", err)
	f.want("found at most", len(found), 1)
	found, err = f.AccountsByEmail(ctx, "", 5)
	f.try("look up nothing", err)
	f.want("found by nothing", len(found), 0)
}

// testLanguage: an account has the language it was given last, and no other account has it.
func testLanguage(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann, ben := f.make("Ann"), f.make("Ben")
	f.try("set language", f.SetLanguage(ctx, ann.ID, "zh-hant"))
	f.try("set language of nobody", f.SetLanguage(ctx, ben.ID+1000, "ar"))
	for id, want := range map[auth.AccountID]string{ann.ID: "zh-hant", ben.ID: ben.Language} {
		a, err := f.AccountByID(ctx, id)
		f.try("look up account", err)
		f.want("language of "+string(a.Name), a.Language, want)
		f.want("stamp of "+string(a.Name), a.Stamp, ben.Stamp)
	}
}
