package proofofwork

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var later = time.Date(2231, 5, 6, 7, 18, 9, 0, time.UTC)

func seed(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func puzzle(t *testing.T, s byte, change func(*Terms)) Puzzle {
	t.Helper()
	terms := Terms{ID: "1234567890", Purpose: "createaccount", Difficulty: 5000, Expires: later}
	if change != nil {
		change(&terms)
	}
	p, err := New(seed(s), terms)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func payload(t *testing.T, c Challenge, number int64) string {
	t.Helper()
	text, err := c.Payload(number)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestShape(t *testing.T) {
	p := puzzle(t, 1, nil)
	if want := "1234567890?expires=8247165489&max=5000&purpose=createaccount&"; p.Challenge.Salt != want {
		t.Errorf("salt %s, want %s", p.Challenge.Salt, want)
	}
	text, err := p.Challenge.Text()
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"algorithm":"SHA-256","challenge":%q,"maxnumber":5000,"salt":"%s","signature":%q}`,
		p.Challenge.Challenge, p.Challenge.Salt, p.Challenge.Signature)
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if again := puzzle(t, 1, nil); again != p {
		t.Error("the same seed makes another puzzle")
	}
	if strings.Contains(text, p.Key) {
		t.Error("the challenge shows its key")
	}
}

func TestSolve(t *testing.T) {
	for s := range byte(8) {
		p := puzzle(t, s, nil)
		n, err := p.Challenge.Solve(t.Context())
		if err != nil || n != p.Number {
			t.Errorf("seed %d: solved %d, %v; hidden is %d", s, n, err, p.Number)
		}
		if !p.Solves(payload(t, p.Challenge, n)) {
			t.Errorf("seed %d: its solution is refused", s)
		}
	}
}

func TestUnsolvable(t *testing.T) {
	none := puzzle(t, 1, nil).Challenge
	none.Challenge = strings.Repeat("0", 64)
	other := puzzle(t, 1, nil).Challenge
	other.Algorithm = "SHA-512"
	endless := none
	endless.MaxNumber = MostDifficulty + 1
	odd := none
	odd.Challenge = "no hex"
	for _, c := range []Challenge{none, other, endless, odd} {
		if _, err := c.Solve(t.Context()); !errors.Is(err, ErrUnsolvable) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := none.Solve(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
}

// A difficulty is bounded on both sides, and a seed is none that can be guessed.
func TestBounds(t *testing.T) {
	for _, d := range []int64{LeastDifficulty, MostDifficulty} {
		p := puzzle(t, 3, func(terms *Terms) { terms.Difficulty = d })
		if p.Number < 0 || p.Number > d || p.Challenge.MaxNumber != d {
			t.Errorf("difficulty %d: %+v", d, p)
		}
	}
	for _, d := range []int64{-1, 0, LeastDifficulty - 1, MostDifficulty + 1} {
		if _, err := New(seed(1), Terms{ID: "1", Difficulty: d}); err == nil {
			t.Errorf("difficulty %d is taken", d)
		}
	}
	if _, err := New(make([]byte, 15), Terms{ID: "1", Difficulty: LeastDifficulty}); err == nil {
		t.Error("a short seed is taken")
	}
}

// Security checklist, row 32: whoever changes what the work was asked for has a solution of nothing.
func TestTermsCannotBeChanged(t *testing.T) {
	p := puzzle(t, 1, nil)
	for what, change := range map[string]func(*Terms){
		"id":         func(x *Terms) { x.ID = "1234567891" },
		"purpose":    func(x *Terms) { x.Purpose = "badlogin" },
		"difficulty": func(x *Terms) { x.Difficulty = LeastDifficulty },
		"expiry":     func(x *Terms) { x.Expires = later.Add(time.Second) },
	} {
		changed := puzzle(t, 1, change)
		if p.Solves(payload(t, changed.Challenge, changed.Number)) {
			t.Errorf("%s: the solution of other terms is taken", what)
		}
		mixed := p.Challenge
		mixed.Salt = changed.Challenge.Salt
		if p.Solves(payload(t, mixed, p.Number)) || changed.Solves(payload(t, mixed, p.Number)) {
			t.Errorf("%s: another salt is taken", what)
		}
	}
	if other := puzzle(t, 2, nil); p.Solves(payload(t, other.Challenge, other.Number)) {
		t.Error("the solution of another puzzle is taken")
	}
	// A challenge of one's own, with the number known and the salt right, lacks the signature.
	forged := p.Challenge
	forged.Challenge = digest(forged.Salt, 7)
	forged.Signature = sign("guessed", forged.Challenge)
	if p.Solves(payload(t, forged, 7)) {
		t.Error("a forged challenge is taken")
	}
	// Digits may not wander between the salt and the number.
	spliced := p.Challenge
	spliced.Salt += fmt.Sprint(p.Number)[:1]
	if rest := fmt.Sprint(p.Number)[1:]; rest != "" {
		var n int64
		fmt.Sscan(rest, &n)
		if p.Solves(payload(t, spliced, n)) {
			t.Error("a digit of the number passes for salt")
		}
	}
}

func TestPayloads(t *testing.T) {
	p := puzzle(t, 1, nil)
	right := payload(t, p.Challenge, p.Number)
	plain, err := base64.StdEncoding.DecodeString(right)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	number := fmt.Sprintf(`"number":%d`, p.Number)
	with := func(other string) string { return encoded(strings.Replace(string(plain), number, other, 1)) }
	for _, c := range []struct {
		name, payload string
		right         bool
	}{
		{"ours", right, true},
		{"with what the widget adds", with(number + `,"took":12.5`), true},
		{"empty", "", false},
		{"no Base64", "%%%", false},
		{"no JSON", encoded("solved"), false},
		{"a list", encoded("[]"), false},
		{"nothing", encoded("null"), false},
		{"another number", with(fmt.Sprintf(`"number":%d`, p.Number+1)), false},
		{"no number", with(`"took":1`), false},
		{"a negative number", with(`"number":-1`), false},
		{"a number as text", with(fmt.Sprintf(`"number":"%d"`, p.Number)), false},
		{"a fraction", with(`"number":1.5`), false},
		{"too large a number", with(`"number":9223372036854775808`), false},
		{"another algorithm", encoded(strings.Replace(string(plain), "SHA-256", "SHA-1", 1)), false},
		{"the same bits in another spelling", right + "\n", true}, // Base64 leaves line ends out
		{"too long", right + strings.Repeat("\n", maxPayload), false},
	} {
		if got := p.Solves(c.payload); got != c.right {
			t.Errorf("%s: %v, want %v", c.name, got, c.right)
		}
	}
}

// FuzzSolves holds that nothing but a solution is taken, whatever is sent.
func FuzzSolves(f *testing.F) {
	p, err := New(seed(1), Terms{ID: "1", Purpose: "createaccount", Difficulty: LeastDifficulty, Expires: later})
	if err != nil {
		f.Fatal(err)
	}
	text, err := p.Challenge.Payload(p.Number)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("e30=")
	f.Fuzz(func(t *testing.T, payload string) {
		if !p.Solves(payload) {
			return
		}
		s, ok := parse(payload)
		if !ok || *s.Number != p.Number || s.Salt != p.Challenge.Salt || s.Signature != p.Challenge.Signature {
			t.Errorf("%q is taken", payload)
		}
	})
}
