package websession

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var tokenShape = regexp.MustCompile(`^[0-9a-f]{32}[0-9a-f]{8}\+\\$`)

func TestTokenTypesAreSorted(t *testing.T) {
	if types := TokenTypes(); !slices.IsSorted(types) || len(types) != 7 {
		t.Errorf("%v", types)
	}
}

func TestTokensOfNobody(t *testing.T) {
	b := newSite(t, nil).browser()
	for _, typ := range TokenTypes() {
		token := b.token(typ)
		real := typ == TokenLogin || typ == TokenCreateAccount
		if real != tokenShape.MatchString(token) || real == (token == `+\`) {
			t.Errorf("%s: %q", typ, token)
		}
		if !b.check(typ, token) {
			t.Errorf("%s: its own token does not hold", typ)
		}
		if real == b.check(typ, `+\`) {
			t.Errorf("%s: +\\ holds: %v", typ, real)
		}
	}
}

func TestTokensOfAnAccount(t *testing.T) {
	b := newSite(t, nil, norm).browser()
	b.signIn(norm, SignIn{})
	tokens := map[TokenType]string{}
	for _, typ := range TokenTypes() {
		tokens[typ] = b.token(typ)
		if !tokenShape.MatchString(tokens[typ]) {
			t.Errorf("%s: %q", typ, tokens[typ])
		}
		if b.check(typ, `+\`) {
			t.Errorf("%s: +\\ holds", typ)
		}
	}
	for made, token := range tokens {
		for _, typ := range TokenTypes() {
			if got := b.check(typ, token); got != (made == typ) {
				t.Errorf("a %s token as %s: %v", made, typ, got)
			}
		}
	}
}

func TestTokensHoldSideBySide(t *testing.T) {
	site := newSite(t, nil)
	b := site.browser()
	first, same := b.token(TokenLogin), b.token(TokenLogin)
	site.advance(time.Second)
	second := b.token(TokenLogin)
	if first != same || first == second {
		t.Errorf("tokens %q, %q and, a second later, %q", first, same, second)
	}
	for range 2 { // a token is not used up
		if !b.check(TokenLogin, first) || !b.check(TokenLogin, second) {
			t.Error("one token makes the other worthless")
		}
	}
	if other := site.browser(); other.token(TokenLogin) == second || other.check(TokenLogin, second) {
		t.Error("another client's token holds")
	}
}

func TestRefusedTokens(t *testing.T) {
	site := newSite(t, nil)
	b := site.browser()
	token := b.token(TokenCreateAccount)
	body := strings.TrimSuffix(token, `+\`)
	refused := []string{
		"", `+\`, body, body + "+", body + " \\", body + "%2B%5C", token + `+\`, " " + token, token + "\n",
		strings.ToUpper(body) + `+\`, body[:32] + "0" + body[32:] + `+\`, body[:32] + `+\`, body[:32] + `g+\`,
		body[:32] + `-1+\`, body[:32] + `ffffffffffffffff+\`, body[:32] + `7fffffffff+\`, body[:31] + `+\`,
	}
	for i := range token {
		changed := []byte(token)
		changed[i] ^= 1
		refused = append(refused, string(changed))
	}
	for _, bad := range refused {
		if b.check(TokenCreateAccount, bad) {
			t.Errorf("%q holds", bad)
		}
	}
	if !b.check(TokenCreateAccount, token) {
		t.Error("the token itself does not hold")
	}
}

func TestTokensFromTheFuture(t *testing.T) {
	for _, tt := range []struct {
		ahead time.Duration
		holds bool
	}{{time.Minute, true}, {time.Minute + time.Second, false}} {
		site := newSite(t, nil, norm)
		b := site.browser()
		b.signIn(norm, SignIn{})
		token := b.token(TokenCSRF)
		site.advance(-tt.ahead)
		if got := b.check(TokenCSRF, token); got != tt.holds {
			t.Errorf("made %v ahead: %v", tt.ahead, got)
		}
	}
}

func BenchmarkVisitorToken(b *testing.B) {
	site := newSite(b, nil)
	client := site.browser()
	client.token(TokenCreateAccount)
	line := "wiki_session=" + client.jar["wiki_session"]
	b.ReportAllocs()
	for b.Loop() {
		site.loadCookie(line).Token(TokenCreateAccount)
	}
}

// FuzzToken holds that only what the server made is a token, in the one spelling it was made in, for the type it was made for.
func FuzzToken(f *testing.F) {
	site := newSite(f, nil)
	b := site.browser()
	token := b.token(TokenLogin)
	for _, s := range []string{token, strings.ToUpper(token), token + " ", "0" + token, token[:32] + "0" + token[32:], `+\`, "", token[:32]} {
		f.Add(s)
	}
	line := "wiki_session=" + b.jar["wiki_session"]
	f.Fuzz(func(t *testing.T, sent string) {
		s, err := site.Load(t.Context(), requestWith(line))
		if err != nil {
			t.Fatal(err)
		}
		if s.CheckToken(TokenLogin, sent) && !tokenShape.MatchString(sent) || s.CheckToken(TokenCreateAccount, sent) ||
			s.CheckToken(TokenCSRF, sent) && sent != AnonymousToken {
			t.Errorf("%q holds", sent)
		}
		made, ok := tokenTime(sent)
		if again, fine := tokenTime(mint(nil, TokenLogin, made)); ok && (!fine || again != made) && made < 1<<40 {
			t.Errorf("%q is of %d, written it is of %d", sent, made, again)
		}
	})
}

// TestSign: it is HMAC-SHA256, whatever the lengths.
func TestSign(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789abcdef"), 8)
	for key := 0; key <= len(long); key += 7 {
		for data := 0; data <= sha256.BlockSize; data += 8 {
			want := hmac.New(sha256.New, long[:key])
			want.Write(long[:data])
			if got := sign(long[:key], long[:data]); !hmac.Equal(got[:], want.Sum(nil)) {
				t.Fatalf("a key of %d and %d bytes: %x", key, data, got)
			}
		}
	}
}
