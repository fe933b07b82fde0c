package websession

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

func TestSignIn(t *testing.T) {
	site := newSite(t, nil, norm, admin)
	b := site.browser()
	visitorsToken := b.token(TokenCreateAccount)
	planted := b.copy()
	flow := b.request(nil).FlowID()
	b.signIn(admin, SignIn{})

	if !isSessionID(b.jar["wiki_session"]) {
		t.Errorf("session id %q", b.jar["wiki_session"])
	}
	s := b.request(nil)
	if !reflect.DeepEqual(s.Account(), admin) || !s.AuthenticatedAt().Equal(site.now) || !s.Established() {
		t.Errorf("account %v at %v, established %v", s.Account(), s.AuthenticatedAt(), s.Established())
	}
	if b.check(TokenCreateAccount, visitorsToken) {
		t.Error("a token of before the sign-in holds")
	}
	if s.FlowID() == flow {
		t.Error("the flow of before the sign-in is still the client's")
	}
	if planted.account().ID != 0 {
		t.Error("the cookie of before the sign-in is signed in")
	}
	for id := range site.store.rows {
		if strings.Contains(b.jar["wiki_session"], string(id)) || string(id) == b.jar["wiki_session"] {
			t.Error("the store knows the cookie")
		}
	}
}

func TestSignInAgain(t *testing.T) {
	site := newSite(t, nil, norm, admin)
	b := site.browser()
	b.signIn(norm, SignIn{Remember: true})
	before, token := b.copy(), b.token(TokenCSRF)
	b.signIn(admin, SignIn{})
	if got := b.account(); got.ID != admin.ID {
		t.Errorf("account %v", got)
	}
	if _, kept := b.jar["wikiToken"]; kept || before.account().ID != 0 || b.check(TokenCSRF, token) || len(site.store.rows) != 1 {
		t.Error("something of the session of before is left")
	}
	after := b.copy()
	b.signIn(admin, SignIn{})
	if after.account().ID != 0 || b.account().ID != admin.ID {
		t.Error("signing in as the same account keeps the old session")
	}
}

func TestSignOut(t *testing.T) {
	for _, o := range []SignIn{{}, {Remember: true}} {
		site := newSite(t, nil, norm)
		b := site.browser()
		b.signIn(norm, o)
		before, token := b.copy(), b.token(TokenCSRF)
		b.signOut()
		if b.account().ID != 0 || before.account().ID != 0 || b.check(TokenCSRF, token) || len(site.store.rows) != 0 {
			t.Errorf("%+v: something of the session is left", o)
		}
		if names := keysOf(b.jar); !slices.Equal(names, []string{"wikiUserName"}) {
			t.Errorf("%+v: cookies left: %v", o, names)
		}
		if s := b.request(nil); s.Established() || !s.AuthenticatedAt().IsZero() {
			t.Errorf("%+v: established %v, authenticated %v", o, s.Established(), s.AuthenticatedAt())
		}
	}
}

func keysOf(jar map[string]string) []string {
	var out []string
	for name := range jar {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func TestSignInNobody(t *testing.T) {
	newSite(t, nil).browser().request(func(s *Session) {
		if err := s.SignIn(t.Context(), auth.Account{}, SignIn{}); err == nil {
			t.Error("no error")
		}
	})
}

func TestSignedInSessionsSlide(t *testing.T) {
	site := newSite(t, nil, norm)
	b := site.browser()
	b.signIn(norm, SignIn{})
	for _, step := range []struct {
		after  time.Duration
		writes int
		holds  bool
	}{
		{30 * time.Minute, 0, true},
		{time.Second, 1, true},
		{0, 0, true},
		{time.Hour - time.Second, 1, true},
		{time.Hour, 0, false},
	} {
		site.advance(step.after)
		reads, writes := site.store.reads, site.store.writes
		if got := b.account().ID != 0; got != step.holds {
			t.Errorf("at %v: signed in %v", site.now, got)
		}
		if got := site.store.writes - writes; got != step.writes {
			t.Errorf("at %v: %d writes, want %d", site.now, got, step.writes)
		}
		if got := site.store.reads - reads; got != 1 {
			t.Errorf("at %v: %d reads, want 1", site.now, got)
		}
	}
}

func TestSessionsStayOnAReadOnlySite(t *testing.T) {
	site := newSite(t, func(c *Config) { c.ReadOnly = true }, norm)
	b := site.browser()
	b.signIn(norm, SignIn{})
	site.advance(time.Hour - time.Second)
	writes := site.store.writes
	if b.account().ID == 0 || site.store.writes != writes {
		t.Errorf("signed in %v, %d writes", b.account().ID != 0, site.store.writes-writes)
	}
}

func TestRemember(t *testing.T) {
	site := newSite(t, nil, norm)
	b := site.browser()
	b.signIn(norm, SignIn{Remember: true})
	signedIn := site.now
	token := b.token(TokenCSRF)
	delete(b.jar, "wiki_session") // the browser was closed
	for _, step := range []struct {
		after time.Duration
		holds bool
	}{{time.Hour, true}, {179 * 24 * time.Hour, true}, {23*time.Hour - time.Second, true}, {time.Second, false}} {
		site.advance(step.after)
		reads, writes := site.store.reads, site.store.writes
		s := b.request(nil)
		if got := s.Account().ID != 0; got != step.holds {
			t.Errorf("at %v: signed in %v", site.now, got)
		}
		if step.holds && (!s.AuthenticatedAt().Equal(signedIn) || !b.check(TokenCSRF, token)) {
			t.Errorf("at %v: authenticated %v, or the token is lost", site.now, s.AuthenticatedAt())
		}
		if site.store.writes != writes || site.store.reads > reads+2 {
			t.Errorf("at %v: %d reads, %d writes", site.now, site.store.reads-reads, site.store.writes-writes)
		}
	}
}

// The session cookie alone carries a remembered session too, for clients that keep no other.
func TestRememberedSessionByItsID(t *testing.T) {
	site := newSite(t, nil, norm)
	b := site.browser()
	b.signIn(norm, SignIn{Remember: true})
	b.jar = map[string]string{"wiki_session": b.jar["wiki_session"]}
	token := b.token(TokenCSRF)
	if b.account().ID != norm.ID || !b.check(TokenCSRF, token) {
		t.Error("the session does not hold")
	}
}

// Cookies that do not belong together are no session.
func TestMismatch(t *testing.T) {
	site := newSite(t, nil, norm, admin)
	b := site.browser()
	b.signIn(norm, SignIn{Remember: true})
	id, token := b.jar["wiki_session"], b.jar["wikiToken"]
	v := site.browser()
	v.token(TokenLogin)
	visitor := v.jar["wiki_session"]

	tests := []struct {
		name                   string
		session, userID, token string
		account                auth.AccountID
		established            bool
	}{
		{"all", id, "3", token, 3, true},
		{"id alone", id, "", "", 3, true},
		{"id and account", id, "3", "", 3, true},
		{"account and token", "", "3", token, 3, true},
		{"account and token beside a visitor", visitor, "3", token, 3, true},
		{"another account", id, "4", "", 0, false},
		{"another account, token", id, "4", token, 0, false},
		{"another token", id, "3", "0123456789abcdef0123456789abcdef", 0, false},
		{"the id as token", "", "3", id, 0, false},
		{"the token as id", token, "3", "", 0, false},
		{"token without account", "", "", token, 0, false},
		{"account alone", "", "3", "", 0, false},
		{"account beside a visitor", visitor, "3", "", 0, false},
		{"visitor alone", visitor, "", "", 0, true},
		{"unknown id", strings.Repeat("0", 32), "3", "", 0, false},
		{"padded account", id, "03", "", 0, false},
		{"no number", id, "x", "", 0, false},
		{"deleted", "deleted", "deleted", "deleted", 0, false},
		{"deleted beside a visitor", visitor, "deleted", "deleted", 0, true},
		{"deleted beside an id", id, "deleted", "deleted", 3, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := site.browser()
			for name, value := range map[string]string{"wiki_session": tt.session, "wikiUserID": tt.userID, "wikiToken": tt.token} {
				if value != "" {
					c.jar[name] = value
				}
			}
			s := c.request(nil)
			if s.Account().ID != tt.account || s.Established() != tt.established {
				t.Errorf("account %d, established %v", s.Account().ID, s.Established())
			}
			if len(c.last) != 0 {
				t.Errorf("a read sets cookies: %v", c.last)
			}
			// Whatever was sent, the token that is fetched next holds.
			if got := c.token(TokenLogin); !c.check(TokenLogin, got) {
				t.Error("the next token does not hold")
			}
		})
	}
}

func TestAccountIsReadAfresh(t *testing.T) {
	site := newSite(t, nil, norm)
	b := site.browser()
	b.signIn(norm, SignIn{})
	promoted := norm
	promoted.Groups = []string{"sysop"}
	site.store.accounts[norm.ID] = promoted
	if !b.account().InGroup("sysop") {
		t.Error("an old account")
	}
	delete(site.store.accounts, norm.ID)
	if b.account().ID != 0 {
		t.Error("an account that is gone is signed in")
	}
}

func TestListAndRevoke(t *testing.T) {
	site := newSite(t, nil, norm, admin)
	desk, phone, other := site.browser(), site.browser(), site.browser()
	desk.signIn(norm, SignIn{})
	site.advance(time.Minute)
	phone.signIn(norm, SignIn{Remember: true})
	other.signIn(admin, SignIn{})

	rows, err := site.List(t.Context(), norm.ID)
	if err != nil || len(rows) != 2 || rows[0].Remember == "" {
		t.Fatalf("List = %v, %v", rows, err)
	}
	if err := site.Revoke(t.Context(), rows[0].ID); err != nil {
		t.Fatal(err)
	}
	if phone.account().ID != 0 || desk.account().ID != norm.ID {
		t.Error("Revoke ended the wrong session")
	}
	site.advance(time.Hour)
	if rows, err := site.List(t.Context(), norm.ID); err != nil || len(rows) != 0 {
		t.Errorf("an expired session is listed: %v, %v", rows, err)
	}
	desk.signIn(norm, SignIn{})
	phone.signIn(norm, SignIn{Remember: true})
	other.signIn(admin, SignIn{})
	if err := site.RevokeAll(t.Context(), norm.ID); err != nil {
		t.Fatal(err)
	}
	if desk.account().ID != 0 || phone.account().ID != 0 || other.account().ID != admin.ID {
		t.Error("RevokeAll ended the wrong sessions")
	}
}

func TestStoreFaults(t *testing.T) {
	site := newSite(t, nil, norm)
	b := site.browser()
	b.signIn(norm, SignIn{})
	s := b.request(nil)
	site.store.fail = errStore
	calls := map[string]func() error{
		"Load": func() error {
			_, err := site.Load(t.Context(), requestWith("wiki_session="+b.jar["wiki_session"]))
			return err
		},
		"SignIn":    func() error { return s.SignIn(t.Context(), norm, SignIn{}) },
		"SignOut":   func() error { return s.SignOut(t.Context()) },
		"List":      func() error { _, err := site.List(t.Context(), norm.ID); return err },
		"Revoke":    func() error { return site.Revoke(t.Context(), "x") },
		"RevokeAll": func() error { return site.RevokeAll(t.Context(), norm.ID) },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, errStore) {
			t.Errorf("%s: %v, want the store's error", name, err)
		}
	}
	if v := site.browser(); v.token(TokenLogin) == AnonymousToken {
		t.Error("a visitor notices that the store is away")
	}
}

func TestFlows(t *testing.T) {
	site := newSite(t, nil, norm)
	b := site.browser()
	token := b.token(TokenCreateAccount)
	planted := b.copy() // somebody else knows the cookie
	id := b.request(nil).FlowID()
	if id == "" || b.request(nil).FlowSecret() != nil {
		t.Error("a visitor who began no flow has a flow secret, or no flow id")
	}
	var secret []byte
	b.request(func(s *Session) { secret = s.NewFlowSecret() })
	s := b.request(nil)
	if len(secret) < 16 || !bytes.Equal(s.FlowSecret(), secret) || s.FlowID() != id {
		t.Errorf("secret %x, then %x; id %q, then %q", secret, s.FlowSecret(), id, s.FlowID())
	}
	if !b.check(TokenCreateAccount, token) {
		t.Error("the begin of a flow makes tokens worthless")
	}
	if planted.request(nil).FlowSecret() != nil {
		t.Error("a planted cookie follows its victim")
	}
	b.request(func(s *Session) {
		if bytes.Equal(s.NewFlowSecret(), secret) {
			t.Error("the second flow has the secret of the first")
		}
	})

	b.signIn(norm, SignIn{})
	s = b.request(nil)
	if s.FlowID() == id || len(s.FlowSecret()) < 16 || !bytes.Equal(s.NewFlowSecret(), s.FlowSecret()) {
		t.Errorf("signed in: id %q, secret %x", s.FlowID(), s.FlowSecret())
	}
	b.signOut()
	if s := b.request(nil); s.FlowID() != "" || s.FlowSecret() != nil {
		t.Errorf("signed out: id %q, secret %x", s.FlowID(), s.FlowSecret())
	}
}

// Without randomness nothing is handed out.
func TestNoRandomness(t *testing.T) {
	b := newSite(t, func(c *Config) { c.Random = bytes.NewReader(nil) }, norm).browser()
	b.request(func(s *Session) {
		if s.Token(TokenLogin) != AnonymousToken || s.CheckToken(TokenLogin, AnonymousToken) || s.NewFlowSecret() != nil {
			t.Error("a visitor without a secret gets something")
		}
		if err := s.SignIn(t.Context(), norm, SignIn{}); err == nil {
			t.Error("SignIn: no error")
		}
	})
	if len(b.last) != 0 {
		t.Errorf("cookies %v", b.last)
	}
}
