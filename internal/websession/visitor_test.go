package websession

import (
	"bytes"
	"encoding/base64"
	"testing"
	"time"
)

func TestVisitorsCostTheStoreNothing(t *testing.T) {
	site := newSite(t, nil)
	b := site.browser()
	b.check(TokenCreateAccount, "")
	token := b.token(TokenCreateAccount)
	b.token(TokenLogin)
	b.request(func(s *Session) { s.NewFlowSecret() })
	b.request(func(s *Session) {
		if err := s.SignOut(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if !b.check(TokenCreateAccount, token) {
		t.Error("the token does not hold")
	}
	if site.store.reads+site.store.writes != 0 {
		t.Errorf("%d reads, %d writes", site.store.reads, site.store.writes)
	}
}

// When a visitor gets a session, and when not.
func TestVisitorGetsASession(t *testing.T) {
	tests := []struct {
		name string
		act  func(*Session)
		want bool
	}{
		{"looks", func(*Session) {}, false},
		{"csrf token", func(s *Session) { s.Token(TokenCSRF) }, false},
		{"watch token", func(s *Session) { s.Token(TokenWatch) }, false},
		{"login token", func(s *Session) { s.Token(TokenLogin) }, true},
		{"createaccount token", func(s *Session) { s.Token(TokenCreateAccount) }, true},
		{"bad csrf token", func(s *Session) { s.CheckToken(TokenCSRF, "x") }, false},
		{"bad login token", func(s *Session) { s.CheckToken(TokenLogin, "x") }, true},
		{"bad createaccount token", func(s *Session) { s.CheckToken(TokenCreateAccount, AnonymousToken) }, true},
		{"looks for a flow", func(s *Session) { s.FlowID(); s.FlowSecret() }, false},
		{"begins a flow", func(s *Session) { s.NewFlowSecret() }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newSite(t, nil).browser()
			if s := b.request(tt.act); s.Established() {
				t.Error("a session that the client did not send counts as established")
			}
			if got := len(b.last) == 1; got != tt.want {
				t.Errorf("cookies set: %v", b.last)
			}
			b.request(tt.act)
			if s := b.request(nil); s.Established() != tt.want {
				t.Errorf("Established = %v", s.Established())
			}
		})
	}
}

func TestVisitorCookieIsKept(t *testing.T) {
	site := newSite(t, nil)
	b := site.browser()
	token := b.token(TokenCreateAccount)
	cookie := b.jar["wiki_session"]
	if len(cookie) > 120 {
		t.Errorf("the cookie has %d bytes", len(cookie))
	}

	for _, step := range []struct {
		after   time.Duration
		renewed bool
	}{
		{12 * time.Hour, false}, {time.Second, true}, {0, false}, {12 * time.Hour, false}, {12*time.Hour - time.Second, true},
	} {
		site.advance(step.after)
		b.request(nil)
		if renewed := len(b.last) == 1; renewed != step.renewed {
			t.Errorf("at %v: cookies set: %v", site.now, b.last)
		}
		if !b.check(TokenCreateAccount, token) {
			t.Errorf("at %v: the token is lost", site.now)
		}
	}
	if b.jar["wiki_session"] == cookie {
		t.Error("the renewed cookie is the old one")
	}
}

func TestVisitorCookieExpires(t *testing.T) {
	for _, tt := range []struct {
		after time.Duration
		holds bool
	}{
		{24*time.Hour - time.Second, true},
		{24 * time.Hour, false},
		{-time.Minute, true}, // made by a server whose clock is ahead
		{-time.Minute - time.Second, false},
	} {
		site := newSite(t, nil)
		b := site.browser()
		b.token(TokenLogin)
		site.advance(tt.after)
		if got := b.request(nil).Established(); got != tt.holds {
			t.Errorf("after %v: Established = %v", tt.after, got)
		}
	}
}

func TestRefusedCookies(t *testing.T) {
	site := newSite(t, nil)
	b := site.browser()
	b.request(func(s *Session) { s.NewFlowSecret() })
	good := b.jar["wiki_session"]
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]string{
		"empty": "", "deleted": "deleted", "quoted": `"` + good + `"`, "padded": good + "=", "cut": good[:len(good)-1],
		"longer": good + "A", "line break": good[:10] + "\n" + good[10:],
		"without its flow": base64.RawURLEncoding.EncodeToString(append(bytes.Clone(raw[:visitorFlowAt]), raw[visitorFlowSize-visitorTagSize:]...)),
	}
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 0x10
		refused["byte "+string(rune('0'+i))] = base64.RawURLEncoding.EncodeToString(changed)
	}
	for i := range good {
		changed := []byte(good)
		if changed[i]++; changed[i] == good[i] {
			t.Fatal("nothing changed")
		}
		refused["character "+string(rune('0'+i))] = string(changed)
	}
	for name, value := range refused {
		if site.loadCookie("wiki_session=" + value).Established() {
			t.Errorf("%s: %q holds", name, value)
		}
	}
	if !site.loadCookie("a=b; wiki_session=" + good + ";c").Established() {
		t.Error("the cookie itself does not hold")
	}
}

func (s *site) loadCookie(line string) *Session {
	s.t.Helper()
	session, err := s.Load(s.t.Context(), requestWith(line))
	if err != nil {
		s.t.Fatal(err)
	}
	return session
}

func TestCookiesOfAnotherSiteAreRefused(t *testing.T) {
	a, b := newSite(t, nil), newSite(t, nil)
	visitor := a.browser()
	visitor.token(TokenLogin)
	if b.loadCookie("wiki_session=" + visitor.jar["wiki_session"]).Established() {
		t.Error("a cookie signed with other keys holds")
	}
}

// A cookie signed before a rotation holds, keeps its tokens, and is signed with the new key once it is renewed.
func TestKeysRotateMidSession(t *testing.T) {
	site := newSite(t, nil)
	b := site.browser()
	token := b.token(TokenCreateAccount)
	b.request(func(s *Session) { s.NewFlowSecret() })
	flow := b.request(nil).FlowSecret()
	if err := site.keys.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{11 * time.Hour, 12 * time.Hour, 20 * time.Hour, 20 * time.Hour} {
		site.advance(after)
		s := b.request(nil)
		if !bytes.Equal(s.FlowSecret(), flow) || !b.check(TokenCreateAccount, token) {
			t.Errorf("at %v the session is lost", site.now)
		}
	}
}

// FuzzCookie: whatever a client sends, loading neither fails nor signs anybody in, and only what the server itself wrote
// is a session.
func FuzzCookie(f *testing.F) {
	site := newSite(f, nil, norm)
	b := site.browser()
	b.token(TokenLogin)
	plain := "wiki_session=" + b.jar["wiki_session"]
	b.request(func(s *Session) { s.NewFlowSecret() })
	flow := "wiki_session=" + b.jar["wiki_session"]
	for _, seed := range []string{
		plain, flow, "", ";", "=", "wiki_session", "wiki_session=deleted", "wikiUserID=3; wikiToken=0123456789abcdef0123456789abcdef",
		"wiki_session=0123456789abcdefghijklmnopqrstuv; wikiUserID=3", "wikiUserID=3; " + plain, plain + "; " + flow,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		s, err := site.Load(t.Context(), requestWith(line))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if s.Account().ID != 0 {
			t.Fatalf("%q signs in", line)
		}
		if s.visitor == nil {
			if s.Established() || s.CheckToken(TokenLogin, AnonymousToken) {
				t.Fatalf("%q is a session", line)
			}
			return
		}
		written, err := s.visitor.encode(site.keys)
		if err != nil || written != s.sent.session {
			t.Fatalf("%q is not what the server writes: %q, %v", s.sent.session, written, err)
		}
	})
}
