package totp

import (
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

func (f *fixture) said(check auth.Check, err error) message.Key {
	f.Helper()
	f.try(err)
	if check.OK() {
		return ""
	}
	return check.Findings[0].Key
}

func (f *fixture) signedIn(a auth.Account, ids ...auth.SessionID) {
	f.Helper()
	for _, id := range ids {
		row := auth.SessionRow{ID: id, Account: a.ID, Stamp: f.fresh(a).Stamp, Expires: f.clock().Add(time.Hour)}
		f.try(f.store.StartSession(f.Context(), row, ""))
	}
}

func (f *fixture) sessions(a auth.Account) string {
	f.Helper()
	rows, err := f.store.SessionsOf(f.Context(), a.ID)
	f.try(err)
	var ids []string
	for _, row := range rows {
		ids = append(ids, string(row.ID))
	}
	return strings.Join(ids, " ")
}

// TestAddAndRemove: an app counts once it showed a code; every change ends other sessions and is told; recovery codes come
// with the first factor and go with the last.
func TestAddAndRemove(t *testing.T) {
	onBoth(t, Off, func(f *fixture) {
		a := f.account("Ann")
		f.signedIn(a, "here", "there")
		offer, err := f.OfferApp(f.client(a))
		f.try(err)
		if codes, check, err := f.AddApp(f.Context(), f.client(a), auth.NewApp{Ticket: offer.Ticket, Code: "000000"}); f.said(check, err) != keySetupFailed || codes != nil {
			f.Errorf("a wrong code: %v", check)
		}
		again, holds := f.ReopenApp(f.client(a), offer.Ticket)
		if !holds || again != offer || f.told.told != 0 || f.sessions(a) != "here there" {
			f.Errorf("after a wrong code: %v %+v, %d told, %s", holds, again, f.told.told, f.sessions(a))
		}
		add := auth.NewApp{Ticket: offer.Ticket, Name: "  My\tphone ", Code: f.code(offer.Secret, 0)}
		codes, check, err := f.AddApp(f.Context(), f.client(a), add)
		if f.said(check, err) != "" || len(codes) != recoveryCodes || f.told.told != 1 || f.sessions(a) != "here" {
			f.Fatalf("added: %v, %v, %d told, %s", codes, check, f.told.told, f.sessions(a))
		}
		if _, check, err := f.AddApp(f.Context(), f.client(a), add); f.said(check, err) != keyTicketOver {
			f.Errorf("the same again: %v", check)
		}
		second, err := f.OfferApp(f.client(a))
		f.try(err)
		codes, check, err = f.AddApp(f.Context(), f.client(a), auth.NewApp{Ticket: second.Ticket, Code: f.code(second.Secret, 1)})
		if f.said(check, err) != "" || codes != nil {
			f.Errorf("a second one: %v, %v", codes, check)
		}
		factors, err := f.Factors(f.Context(), a)
		f.try(err)
		names := map[string]auth.CredentialKind{}
		for _, factor := range factors {
			names[factor.Name] = factor.ID
		}
		if len(factors) != 2 || names["My phone"] == "" || names["App 2"] == "" {
			f.Fatalf("factors %+v", factors)
		}
		f.removals(a, names["My phone"], names["App 2"])
	})
}

func (f *fixture) removals(a auth.Account, ids ...auth.CredentialKind) {
	f.Helper()
	for i, id := range ids {
		if key := f.said(f.RemoveFactor(f.Context(), f.client(a), id)); key != "" {
			f.Errorf("remove %s: %s", id, key)
		}
		left, err := f.CodesLeft(f.Context(), a)
		f.try(err)
		if want := recoveryCodes * (len(ids) - 1 - i) / max(len(ids)-1, 1); left != want {
			f.Errorf("%d codes are left after %d removals", left, i+1)
		}
		if key := f.said(f.RemoveFactor(f.Context(), f.client(a), id)); key != keyGone {
			f.Errorf("remove %s again: %s", id, key)
		}
	}
}

// TestTickets: a secret that was offered is good for one browser of one account, and a quarter of an hour.
func TestTickets(t *testing.T) {
	f := newFixture(t, Off, "memory:")
	a, b := f.account("Ann"), f.account("Ben")
	offer, err := f.OfferApp(f.client(a))
	f.try(err)
	elsewhere := f.client(a)
	elsewhere.SessionID = "there"
	for name, c := range map[string]auth.Client{"another account": f.client(b), "another browser": elsewhere} {
		if _, holds := f.ReopenApp(c, offer.Ticket); holds {
			t.Errorf("%s can use it", name)
		}
	}
	for _, bad := range []string{"", "x", offer.Ticket + "AAAA", "!"} {
		if _, holds := f.ReopenApp(f.client(a), bad); holds {
			t.Errorf("%q holds", bad)
		}
	}
	f.now = f.now.Add(ticketLife)
	if _, check, err := f.AddApp(t.Context(), f.client(a), auth.NewApp{Ticket: offer.Ticket, Code: f.code(offer.Secret, 0)}); f.said(check, err) != keyTicketOver {
		t.Errorf("a quarter of an hour later: %v", check)
	}
}

func TestNames(t *testing.T) {
	f := newFixture(t, Off, "memory:")
	a := f.enrolled("Ann")
	f.signedIn(a, "here", "there")
	factors, err := f.Factors(t.Context(), a)
	f.try(err)
	for name, want := range map[string]message.Key{
		"Phone": "", "": "gatehouse-factor-bad-name", "  ": "gatehouse-factor-bad-name", strings.Repeat("é", auth.MaxFactorName): "", strings.Repeat("é", auth.MaxFactorName+1): "gatehouse-factor-bad-name", "a\u202eb": "gatehouse-factor-bad-name",
	} {
		if key := f.said(f.RenameFactor(t.Context(), f.client(a), factors[0].ID, name)); key != want {
			t.Errorf("%q: %s", name, key)
		}
	}
	if key := f.said(f.RenameFactor(t.Context(), f.client(a), "totp:none", "x")); key != keyGone {
		t.Errorf("no such app: %s", key)
	}
	if f.sessions(a) != "here there" || f.told.told != 0 {
		t.Errorf("a name ended sessions: %s, %d told", f.sessions(a), f.told.told)
	}
	if ok, _, err := f.Check(t.Context(), a, f.code(someSecret, 0)); err != nil || !ok {
		t.Errorf("after renaming: %v, %v", ok, err)
	}
}

// TestNewCodes (row 46 of the security checklist): new codes end the old ones.
func TestNewCodes(t *testing.T) {
	f := newFixture(t, Off, "memory:")
	a := f.enrolled("Ann")
	codes, check, err := f.NewCodes(t.Context(), f.client(a))
	if f.said(check, err) != "" || len(codes) != recoveryCodes {
		t.Fatalf("%v, %v", codes, check)
	}
	for code, want := range map[string]bool{"AAAABBBBCCCCDDDD": false, codes[0]: true} {
		if ok, _, err := f.Check(t.Context(), a, code); err != nil || ok != want {
			t.Errorf("%s: %v, %v", code, ok, err)
		}
	}
	if n, err := f.CodesLeft(t.Context(), a); err != nil || n != recoveryCodes-1 {
		t.Errorf("%d left, %v", n, err)
	}
	if _, check, err := f.NewCodes(t.Context(), f.client(f.account("Ben"))); f.said(check, err) != keyGone {
		t.Errorf("without a factor: %v", check)
	}
}

func TestTooMany(t *testing.T) {
	f := newFixture(t, Off, "memory:")
	a := f.account("Ann")
	for i := range maxApps + 1 {
		offer, err := f.OfferApp(f.client(a))
		f.try(err)
		_, check, err := f.AddApp(t.Context(), f.client(a), auth.NewApp{Ticket: offer.Ticket, Code: f.code(offer.Secret, 0)})
		if key := f.said(check, err); (key == keyTooMany) != (i == maxApps) {
			t.Errorf("app %d: %q", i+1, key)
		}
	}
}

// TestOperator: what an operator sets takes the place of everything, and what they remove is gone.
func TestOperator(t *testing.T) {
	onBoth(t, Off, func(f *fixture) {
		a := f.enrolled("Ann")
		f.signedIn(a, "here")
		f.try(f.Import(f.Context(), a, Imported{Secret: "JBSW Y3DP EHPK 3PXP"}))
		factors, err := f.Factors(f.Context(), a)
		left, err2 := f.CodesLeft(f.Context(), a)
		f.try(err)
		f.try(err2)
		if len(factors) != 1 || left != 0 || f.sessions(a) != "" {
			f.Errorf("%+v, %d codes, signed in at %q", factors, left, f.sessions(a))
		}
		if n, err := f.RemoveAll(f.Context(), a); err != nil || n != 1 {
			f.Errorf("removed %d, %v", n, err)
		}
		if all, err := f.store.Credentials(f.Context(), a.ID); err != nil || len(all) != 0 {
			f.Errorf("%v is left, %v", all, err)
		}
	})
}
