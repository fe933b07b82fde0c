package captcha

import (
	"context"
	"net/netip"
	"slices"
	"testing"

	"gatehouse/auth"
)

// named is a kind that is nothing but its name.
type named struct {
	code Code
	name string
}

func (n named) Code() Code   { return n.code }
func (n named) Name() string { return n.name }

func rung(first Choice, others ...Choice) Rung { return Rung{First: first, Others: others} }

func from(addr string, p Purpose, wish string) Asker {
	return Asker{Purpose: p, Creator: auth.Creator{Addr: netip.MustParseAddr(addr)}, Wish: wish}
}

func TestLadder(t *testing.T) {
	image, math := Choice{Kind: named{CodeImage, "image"}}, Choice{Kind: named{CodeMath, "math"}}
	easy, hard := Choice{Kind: named{CodeWork, "work"}, Difficulty: 1000}, Choice{Kind: named{CodeWork, "work"}, Difficulty: 9000}
	mail := Choice{Kind: Mail{}}
	l, err := NewLadder(Policy{
		Creation: rung(image, easy, mail),
		Networks: []NetworkRung{
			{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Rung: rung(math)},
			{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.0.0/16"), netip.MustParsePrefix("2001:db8::/32")}, Rung: rung(hard)},
		},
		Login: rung(math, easy),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who  Asker
		kind Choice
		ways []string
	}{
		{from("198.51.100.1", Creation, ""), image, []string{"image", "work", "mail"}},
		{from("198.51.100.1", Creation, "mail"), mail, []string{"image", "work", "mail"}},
		{from("198.51.100.1", Creation, "work"), easy, []string{"image", "work", "mail"}},
		{from("198.51.100.1", Creation, "math"), image, []string{"image", "work", "mail"}},
		{from("198.51.100.1", Login, "mail"), math, []string{"math", "work"}},
		{from("192.0.2.1", Creation, "image"), math, []string{"math"}},
		{from("::ffff:192.0.2.1", Creation, ""), math, []string{"math"}},
		{from("192.0.3.1", Creation, ""), hard, []string{"work"}},
		{from("2001:db8::1", Creation, ""), hard, []string{"work"}},
		{from("192.0.2.1", Login, ""), math, []string{"math", "work"}},
	} {
		got, ways, err := l.Choose(t.Context(), c.who)
		if err != nil || got != c.kind || !slices.Equal(ways, c.ways) {
			t.Errorf("%+v: %v %v, %v; want %v %v", c.who, got, ways, err, c.kind, c.ways)
		}
	}
	// Security checklist, row 32: an easier challenge than was asked for is none.
	for _, c := range []struct {
		who      Asker
		answered Choice
		good     bool
	}{
		{from("198.51.100.1", Creation, ""), image, true}, {from("198.51.100.1", Creation, ""), math, false},
		{from("198.51.100.1", Creation, ""), easy, true}, {from("198.51.100.1", Creation, ""), hard, true},
		{from("192.0.3.1", Creation, ""), easy, false}, {from("192.0.3.1", Creation, ""), hard, true},
		{from("192.0.3.1", Creation, ""), image, false}, {from("198.51.100.1", Login, ""), image, false},
		{from("198.51.100.1", Login, ""), math, true},
	} {
		if got, err := l.Accepts(context.Background(), c.who, c.answered); err != nil || got != c.good {
			t.Errorf("%+v answers %v: %v, %v", c.who, c.answered, got, err)
		}
	}
}

func TestNoLadder(t *testing.T) {
	math := Choice{Kind: named{CodeMath, "math"}}
	for _, p := range []Policy{
		{}, {Creation: rung(math, math)}, {Creation: rung(math, Choice{})}, {Creation: rung(math), Login: rung(Choice{Kind: Mail{}})},
		{Creation: rung(math), Login: rung(math, Choice{Kind: Mail{}})}, {Creation: rung(math), Networks: []NetworkRung{{Rung: rung(math)}}},
		{Creation: rung(math), Networks: []NetworkRung{{Networks: []netip.Prefix{netip.MustParsePrefix("::/0")}}}},
	} {
		if _, err := NewLadder(p); err == nil {
			t.Errorf("%+v is taken", p)
		}
	}
	if _, err := NewLadder(Policy{Creation: rung(math)}); err != nil {
		t.Error(err)
	}
}
