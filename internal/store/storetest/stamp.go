package storetest

import (
	"errors"
	"fmt"
	"testing"

	"gatehouse/auth"
)

func (f *fixture) stamp(id auth.AccountID) auth.Stamp {
	f.Helper()
	a, err := f.AccountByID(f.Context(), id)
	f.try("account", err)
	return a.Stamp
}

// newPassword is a change of a password, as its owner makes it who proved who they are at stamp.
func newPassword(id auth.AccountID, stamp auth.Stamp) auth.Change {
	return auth.Change{
		Account: id, Proven: &stamp, EndSessions: true,
		Credentials: []auth.CredentialChange{{Kind: auth.CredentialPassword, Any: true, New: "another"}},
	}
}

// testStamp: what moves an account's stamp, and what a moved one refuses.
func testStamp(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann, ben := f.make("Ann"), f.make("Ben")
	f.want("of a new account", ann.Stamp, auth.Stamp(0))
	put := func(kind auth.CredentialKind) []auth.CredentialChange {
		return []auth.CredentialChange{{Kind: kind, Any: true, New: "new"}}
	}
	for i, tt := range []struct {
		what string
		c    auth.Change
		want auth.Stamp
	}{
		{"an address", auth.Change{Email: &auth.EmailChange{Old: ann.Email, New: "a@example.net"}}, 0},
		{"a mailed password", auth.Change{Credentials: put(auth.CredentialTemporaryPassword)}, 0},
		{"a mailed link", auth.Change{Credentials: put(auth.CredentialPasswordLink)}, 0},
		{"a link for an address", auth.Change{Credentials: put(auth.CredentialEmailLink)}, 0},
		{"a password", auth.Change{Credentials: put(auth.CredentialPassword)}, 1},
		{"any other credential", auth.Change{Credentials: put("totp")}, 2},
		{"its removal", auth.Change{Credentials: []auth.CredentialChange{{Kind: "totp", Any: true}}}, 3},
		{"the end of sessions", auth.Change{EndSessions: true}, 4},
	} {
		tt.c.Account = ann.ID
		f.try(fmt.Sprint(i, " ", tt.what), f.ChangeAccount(ctx, tt.c))
		f.want(tt.what, f.stamp(ann.ID), tt.want)
	}
	f.try("another hash", f.ReplaceCredential(ctx, ann.ID, auth.CredentialPassword, "new", "the same, hashed anew"))
	f.want("another hash", f.stamp(ann.ID), auth.Stamp(4))
	f.want("of another account", f.stamp(ben.ID), auth.Stamp(0))

	f.refused("a change proven before", f.ChangeAccount(ctx, newPassword(ann.ID, 3)), auth.ErrChanged)
	f.want("the password", f.stored(ann.ID, auth.CredentialPassword), "the same, hashed anew")
	row := f.session("a", ann.ID)
	row.Stamp = 3
	f.refused("a session proven before", f.StartSession(ctx, row, ""), auth.ErrChanged)
	f.refused("a session of nobody", f.StartSession(ctx, f.session("n", 99), ""), auth.ErrChanged)
	row.Stamp = 4
	f.try("a session", f.StartSession(ctx, row, ""))
	f.try("a change", f.ChangeAccount(ctx, newPassword(ann.ID, 4)))
	f.want("the stamp", f.stamp(ann.ID), auth.Stamp(5))
	_, _, err := f.Session(ctx, "a")
	f.refused("the session of before", err, auth.ErrNotFound)
}

// testStampRace: whichever of a sign-in and a change of the password comes first, no session that was proven by the old
// password is there afterwards; and of changes proven at one stamp, one is made.
func testStampRace(t *testing.T, f *fixture) {
	ctx := t.Context()
	ann := f.make("Ann")
	for round := range 12 {
		stamp := f.stamp(ann.ID)
		errs := together(8, func(i int) error {
			if i < 2 {
				return f.ChangeAccount(ctx, newPassword(ann.ID, stamp))
			}
			row := f.session(fmt.Sprint(round, "-", i), ann.ID)
			row.Stamp = stamp
			return f.StartSession(ctx, row, auth.SessionID(fmt.Sprint(round-1, "-", i)))
		})
		made := 0
		for i, err := range errs {
			if i < 2 && err == nil {
				made++
			}
			if err != nil && !errors.Is(err, auth.ErrChanged) {
				t.Fatal(err)
			}
		}
		sessions, err := f.SessionsOf(ctx, ann.ID)
		f.try("sessions", err)
		f.want("changes and sessions", []int{made, len(sessions)}, []int{1, 0})
	}
}
