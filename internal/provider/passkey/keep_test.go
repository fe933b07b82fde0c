package passkey

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/provider/passkey/passkeytest"
)

// member is an account with a password.
func (f *fixture) member(name auth.Name) auth.Account {
	f.Helper()
	a, err := f.store.CreateAccount(f.Context(), auth.Draft{
		Nonce: string(name), Account: auth.Account{Name: name},
		Credentials: []auth.Credential{{Kind: auth.CredentialPassword, Value: "x"}},
	})
	f.try(err)
	return a
}

func (f *fixture) add(a auth.Account, d *passkeytest.Device, name string) ([]string, auth.Check) {
	f.Helper()
	c := f.client(a)
	o, err := f.OfferPasskey(f.Context(), c)
	f.try(err)
	codes, check, err := f.AddPasskey(f.Context(), c, auth.NewPasskey{Ticket: o.Ticket, Name: name, Answer: d.Make(asked(o.Request))})
	f.try(err)
	return codes, check
}

func said(c auth.Check) string {
	if c.OK() {
		return ""
	}
	return string(c.Findings[0].Key)
}

// TestAdd adds passkeys to an account with a password: recovery codes come with the first, the second shares its handle, and
// both are good as a second factor and alone.
func TestAdd(t *testing.T) {
	onBoth(t, func(f *fixture) {
		a := f.member("Alice")
		one, two := passkeytest.New(f.T, testOrigin), passkeytest.New(f.T, testOrigin)
		codes, check := f.add(a, one, "")
		if len(codes) != 1 || !check.OK() {
			f.Fatalf("got %v, %s", codes, said(check))
		}
		if codes, check = f.add(a, two, " my  key "); len(codes) != 0 || !check.OK() {
			f.Fatalf("got %v, %s", codes, said(check))
		}
		if passkeytest.Base64(one.Handle) != passkeytest.Base64(two.Handle) {
			f.Error("an account has two handles")
		}
		all, err := f.Factors(f.Context(), a)
		f.try(err)
		if len(all) != 2 || all[0].Name == all[1].Name || !all[0].Used.IsZero() {
			f.Errorf("got %+v", all)
		}
		l, r := f.waiting(f.client(a).Creator.Account)
		if got := optionsOf(f.T, r); len(got["allowCredentials"].([]any)) != 2 || got["userVerification"] != "preferred" {
			f.Errorf("options %v", got)
		}
		two.Flags &^= passkeytest.Verified
		l.Answers = answered(proveID, two.Prove(asked(r)))
		if tried, proven, err := f.ProveFactor(f.Context(), l); err != nil || !tried || !proven {
			f.Errorf("%v, %v, %v", tried, proven, err)
		}
		f.signIn(one, auth.Pass)
		f.signIn(two, auth.UI) // alone its holder is to be verified
	})
}

// TestTicket holds a new passkey to the offer that was made: row 47 of the security checklist, used once and bound.
func TestTicket(t *testing.T) {
	f := newFixture(t, "memory:")
	a, b := f.member("Alice"), f.member("Ben")
	mine := f.client(a)
	o, err := f.OfferPasskey(t.Context(), mine)
	f.try(err)
	d := passkeytest.New(t, testOrigin)
	n := auth.NewPasskey{Ticket: o.Ticket, Answer: d.Make(asked(o.Request))}
	elsewhere := mine
	elsewhere.SessionID = "there"
	for about, c := range map[string]auth.Client{"another account": f.client(b), "another session": elsewhere} {
		if _, check, err := f.AddPasskey(t.Context(), c, n); err != nil || said(check) != string(keyTicketOver) {
			t.Errorf("%s: %s, %v", about, said(check), err)
		}
	}
	f.now = f.now.Add(ticketLife)
	if _, check, _ := f.AddPasskey(t.Context(), mine, n); said(check) != string(keyTicketOver) {
		t.Errorf("too late: %s", said(check))
	}
	f.now = f.now.Add(-time.Second)
	long := n
	long.Name = strings.Repeat("x", auth.MaxFactorName+1)
	if _, check, _ := f.AddPasskey(t.Context(), mine, long); said(check) != "gatehouse-factor-bad-name" {
		t.Errorf("a long name: %s", said(check))
	}
	if _, check, err := f.AddPasskey(t.Context(), mine, n); err != nil || !check.OK() {
		t.Fatalf("in time: %s, %v", said(check), err)
	}
	fresh := f.client(a)
	if _, check, err := f.AddPasskey(t.Context(), fresh, n); err != nil || said(check) != string(keyTicketOver) {
		t.Errorf("a second time: %s, %v", said(check), err)
	}
	if _, check := f.add(b, d, ""); said(check) != string(keyNotMade) {
		t.Errorf("another's passkey: %s", said(check))
	}
}

func TestLimits(t *testing.T) {
	f := newFixture(t, "memory:")
	a := f.member("Alice")
	for range maxPasskeys {
		if _, check := f.add(a, passkeytest.New(t, testOrigin), ""); !check.OK() {
			t.Fatal(said(check))
		}
	}
	if _, check := f.add(a, passkeytest.New(t, testOrigin), ""); said(check) != string(keyTooMany) {
		t.Errorf("one too many: %s", said(check))
	}
	long := f.member("Ben")
	for i, want := range []string{"", "", string(keyTooMany)} {
		d := passkeytest.New(t, testOrigin)
		d.ID = bytes.Repeat([]byte{byte(i)}, 1001)
		if _, check := f.add(long, d, ""); said(check) != want {
			t.Errorf("long id %d: %q", i, said(check))
		}
	}
}

// TestRemove takes passkeys away and gives them free, but not the last way into an account.
func TestRemove(t *testing.T) {
	onBoth(t, func(f *fixture) {
		d := passkeytest.New(f.T, testOrigin)
		a := f.created("Alice", d)
		which := kindOf(d.ID)
		check, err := f.RemoveFactor(f.Context(), f.client(a), which)
		if f.try(err); said(check) != string(keyLast) {
			f.Fatalf("got %q", said(check))
		}
		second := passkeytest.New(f.T, testOrigin)
		if _, check := f.add(a, second, "spare"); !check.OK() {
			f.Fatal(said(check))
		}
		check, err = f.RemoveFactor(f.Context(), f.client(a), which)
		if f.try(err); !check.OK() {
			f.Fatalf("got %q", said(check))
		}
		f.signIn(d, auth.UI)
		f.signIn(second, auth.Pass)
		b := f.member("Ben")
		if _, check := f.add(b, d, ""); !check.OK() {
			f.Errorf("it is not free: %s", said(check))
		}
		check, err = f.RenameFactor(f.Context(), f.client(b), which, "new\u00a0name")
		if f.try(err); !check.OK() {
			f.Errorf("rename: %s", said(check))
		}
		if all, err := f.Factors(f.Context(), b); err != nil || all[0].Name != "new name" {
			f.Errorf("got %+v, %v", all, err)
		}
		check, err = f.RemoveFactor(f.Context(), f.client(b), which)
		if f.try(err); !check.OK() {
			f.Errorf("remove: %s", said(check))
		}
		if all, err := f.store.Credentials(f.Context(), b.ID); err != nil || len(all) != 1 {
			f.Errorf("recovery codes outlive the last factor: %v, %v", all, err)
		}
		if check, err := f.RemoveFactor(f.Context(), f.client(b), which); err != nil || said(check) != string(keyGone) {
			f.Errorf("got %q, %v", said(check), err)
		}
	})
}
