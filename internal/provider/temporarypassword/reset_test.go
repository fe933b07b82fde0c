package temporarypassword

import (
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/authtest"
)

func TestResetRefusals(t *testing.T) {
	f := newFixture(t, nil)
	off := newFixture(t, func(c *Config) { c.MailEnabled = false })
	barred := newFixture(t, nil)
	_, err := barred.store.AddBlock(t.Context(), auth.Block{Account: barred.account("Ann", "").ID, PreventCreate: true, By: "x"})
	barred.try(err)
	for name, tt := range map[string]struct {
		p    *fixture
		r    auth.PasswordResetRequest
		want string
	}{
		"no mail":     {off, auth.PasswordResetRequest{}, "passwordreset-emaildisabled"},
		"nothing":     {f, auth.PasswordResetRequest{}, "passwordreset-nodata"},
		"no address":  {f, auth.PasswordResetRequest{Email: "bad"}, "passwordreset-invalidemail"},
		"nobody":      {f, auth.PasswordResetRequest{Username: "Nobody"}, ""},
		"no name":     {f, auth.PasswordResetRequest{Username: "#"}, ""},
		"no such one": {f, auth.PasswordResetRequest{Email: "x@example.org"}, ""},
	} {
		got := ""
		if check := tt.p.reset(tt.r); !check.OK() {
			got = string(check.Findings[0].Key)
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	who := auth.Client{Creator: auth.Creator{Account: auth.Account{ID: 1, Name: "Ann"}, Addr: authtest.Visitor().Addr}}
	check, err := barred.RequestReset(t.Context(), who, auth.PasswordResetRequest{Username: "Ann"})
	if barred.try(err); check.OK() || check.Findings[0].Key != keyResetBlocked {
		t.Errorf("blocked: %+v", check)
	}
}

// TestChecklist22 (row 22 of the security checklist): for a known and an unknown address the answer, the hashes and the
// writes are the same.
func TestChecklist22(t *testing.T) {
	f := newFixture(t, nil)
	f.account("Ann", "ann@Example.org")
	f.account("Ben", "")
	for i, r := range []auth.PasswordResetRequest{
		{Username: "Ann"}, {Username: "Ben"}, {Username: "Nobody"}, {Email: "nobody@example.org"}, {Username: "Ann", Email: "x@example.org"},
		{Username: "Ann"}, {Username: "Nobody"}, // once more: a limit holds for both
	} {
		f.now = f.now.Add(2 * time.Hour) // the network's own limit is another test
		written, hashed := f.store.Writes(), f.cfg.Budget.Stats().Served
		check := f.reset(r)
		if !check.OK() {
			t.Errorf("%+v: %+v", r, check)
		}
		after := f.cfg.Budget.Stats().Served
		writes := f.store.Writes() - written
		if hashes := after[1] - hashed[1]; hashes != 1 {
			t.Errorf("%+v: %d hashes", r, hashes)
		}
		want := uint64(2)
		if i >= 5 {
			want = 1 // the attempt; the rest was undone
		}
		if writes != want {
			t.Errorf("%+v: %d writes, want %d", r, writes, want)
		}
	}
	if len(f.box.mails) != 2 {
		t.Errorf("%d mails composed", len(f.box.mails))
	}
	queued, err := f.store.Mails(t.Context(), auth.MailQuery{Limit: 9})
	if f.try(err); len(queued) != 1 || queued[0].Kind != auth.MailPasswordReset {
		t.Errorf("queued %+v", queued)
	}
}

// TestResetByAddress: one address, two accounts, letter case of the domain aside.
func TestResetByAddress(t *testing.T) {
	f := newFixture(t, nil)
	f.account("Ann", "a@Example.org")
	f.account("Ben", "a@example.org")
	f.account("Cid", "A@example.org")
	f.reset(auth.PasswordResetRequest{Email: "a@example.ORG"})
	if len(f.box.mails) != 2 {
		t.Fatalf("mails %+v", f.box.mails)
	}
	for _, m := range f.box.mails {
		if r, _ := f.signIn(string(m.Name), m.Values["password"]); r.Status != auth.Pass || m.Name == "Cid" {
			t.Errorf("%s: %+v", m.Name, r)
		}
	}
}

func TestResetLimits(t *testing.T) {
	f := newFixture(t, nil)
	for range 5 {
		f.reset(auth.PasswordResetRequest{Username: "Nobody"})
	}
	if check := f.reset(auth.PasswordResetRequest{Username: "Nobody"}); check.OK() || check.Findings[0].Key != keyTooOften {
		t.Errorf("the sixth: %+v", check)
	}
	boss := auth.Client{Creator: authtest.Member()}
	boss.Creator.Account.Groups = []string{auth.GroupSysop}
	check, err := f.RequestReset(t.Context(), boss, auth.PasswordResetRequest{Username: "Nobody"})
	if f.try(err); !check.OK() {
		t.Errorf("exempt: %+v", check)
	}
}

// TestMailLimitIsNotTold: a limit that protects a mailbox is silent.
func TestMailLimitIsNotTold(t *testing.T) {
	f := newFixture(t, nil)
	f.box.limit = 1
	f.account("Ann", "a@example.org")
	f.account("Ben", "a@example.org")
	for _, name := range []string{"Ann", "Ben"} {
		if check := f.reset(auth.PasswordResetRequest{Username: name}); !check.OK() {
			t.Errorf("%s: %+v", name, check)
		}
	}
	queued, err := f.store.Mails(t.Context(), auth.MailQuery{Limit: 9})
	if f.try(err); len(queued) != 1 {
		t.Errorf("%d mails", len(queued))
	}
}

func linking(c *Config) {
	c.Link = func(l auth.MailedLink) string { return "https://wiki.example/" + string(l.Name) + "/" + l.Token }
}

func chosenPassword(text string) auth.Answers {
	return auth.Answers{{ID: passwordRequest, Values: map[string]string{fieldPassword: text}}}
}

// TestChecklist13 (row 13 of the security checklist): a link has 128 bits and more, is stored hashed, ends, is bound to
// account and address, changes nothing by being opened, and works once.
func TestChecklist13(t *testing.T) {
	f := newFixture(t, linking)
	a := f.create(creation("z@example.org"))
	f.account("Other", "o@example.org")
	address := f.box.last().Values["link"]
	l := auth.MailedLink{Name: "Zane", Token: address[strings.LastIndex(address, "/")+1:]}
	if len(l.Token) != 2*linkBytes || linkBytes*8 < 128 {
		t.Fatalf("link %q", address)
	}
	raw, err := f.store.Credential(t.Context(), a.ID, auth.CredentialPasswordLink)
	if f.try(err); strings.Contains(raw, l.Token) {
		t.Error("it is stored in clear")
	}
	holds := func(l auth.MailedLink) bool {
		t.Helper()
		ok, err := f.LinkHolds(t.Context(), l)
		f.try(err)
		return ok
	}
	before := f.store.Writes()
	for range 2 {
		if !holds(l) {
			t.Error("the link is good for nothing")
		}
	}
	if holds(auth.MailedLink{Name: "Other", Token: l.Token}) || holds(auth.MailedLink{Name: "Zane"}) ||
		holds(auth.MailedLink{Name: "Nobody", Token: l.Token}) || f.store.Writes() != before {
		t.Error("opening the link")
	}
	redeem := func(password string) auth.Check {
		t.Helper()
		check, err := f.RedeemLink(t.Context(), auth.Client{Creator: authtest.Visitor()}, l, chosenPassword(password))
		f.try(err)
		return check
	}
	if check := redeem("ab"); check.OK() || !holds(l) {
		t.Errorf("a bad password: %+v", check)
	}
	f.now = f.now.Add(24 * time.Hour)
	if holds(l) || redeem("good").OK() {
		t.Error("it never ends")
	}
	f.now = f.now.Add(-time.Hour)
	if check := redeem("good"); !check.OK() {
		t.Fatalf("got %+v", check)
	}
	if check := redeem("better"); check.OK() || check.Findings[0].Key != keyLinkGone || holds(l) {
		t.Errorf("again: %+v", check)
	}
	if raw, err := f.store.Credential(t.Context(), a.ID, auth.CredentialPassword); err != nil || raw != "chosen good" {
		t.Errorf("password %q, %v", raw, err)
	}
}

// TestNewLinkEndsOlder: the newest link alone is good, and a changed address ends it.
func TestNewLinkEndsOlder(t *testing.T) {
	f := newFixture(t, linking)
	a := f.account("Ann", "a@example.org")
	var links []auth.MailedLink
	for range 2 {
		f.reset(auth.PasswordResetRequest{Username: "Ann"})
		address := f.box.last().Values["link"]
		links = append(links, auth.MailedLink{Name: "Ann", Token: address[strings.LastIndex(address, "/")+1:]})
		f.now = f.now.Add(resendAfter)
	}
	f.now = f.now.Add(-time.Hour)
	old, err := f.LinkHolds(t.Context(), links[0])
	f.try(err)
	fresh, err := f.LinkHolds(t.Context(), links[1])
	if f.try(err); old || !fresh {
		t.Errorf("the old link %v, the new one %v", old, fresh)
	}
	f.try(f.store.ChangeAccount(t.Context(), auth.Change{Account: a.ID, Email: &auth.EmailChange{Old: a.Email, New: "b@example.org"}}))
	if fresh, err = f.LinkHolds(t.Context(), links[1]); err != nil || fresh {
		t.Errorf("after another address: %v, %v", fresh, err)
	}
}

// TestLinkConfirmsWhereAsked: using the link proves the address on a site that asks for it.
func TestLinkConfirmsWhereAsked(t *testing.T) {
	for _, asked := range []bool{false, true} {
		f := newFixture(t, func(c *Config) { linking(c); c.ConfirmedOnly = asked })
		f.create(creation("z@example.org"))
		address := f.box.last().Values["link"]
		l := auth.MailedLink{Name: "Zane", Token: address[strings.LastIndex(address, "/")+1:]}
		_, err := f.RedeemLink(t.Context(), auth.Client{Creator: authtest.Visitor()}, l, chosenPassword("good"))
		f.try(err)
		a, err := f.store.AccountByName(t.Context(), "Zane")
		if f.try(err); a.EmailConfirmed.IsZero() == asked {
			t.Errorf("asked %v: %+v", asked, a)
		}
	}
}
