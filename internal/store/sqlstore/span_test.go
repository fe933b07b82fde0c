package sqlstore

import (
	"net/netip"
	"testing"
)

func TestSpan(t *testing.T) {
	for in, want := range map[string]struct {
		span
		chunk, back string
	}{
		"10.1.2.3/32":         {span{"40a010203", "40a010203"}, "40a01", "10.1.2.3/32"},
		"10.1.2.3/16":         {span{"40a010000", "40a01ffff"}, "40a01", "10.1.0.0/16"},
		"10.1.2.3/15":         {span{"40a000000", "40a01ffff"}, "4", "10.0.0.0/15"},
		"0.0.0.0/0":           {span{"400000000", "4ffffffff"}, "4", "0.0.0.0/0"},
		"255.255.255.255/32":  {span{"4ffffffff", "4ffffffff"}, "4ffff", "255.255.255.255/32"},
		"::ffff:10.1.2.3/128": {span{"40a010203", "40a010203"}, "40a01", "10.1.2.3/32"},
		"::ffff:10.0.0.0/104": {span{"40a000000", "40affffff"}, "4", "10.0.0.0/8"},
		"2001:db8::/32":       {span{"620010db8000000000000000000000000", "620010db8ffffffffffffffffffffffff"}, "620010db8", "2001:db8::/32"},
		"2001:db8::/31":       {span{"620010db8000000000000000000000000", "620010db9ffffffffffffffffffffffff"}, "6", "2001:db8::/31"},
		"2001:db8:0:1::7/128": {span{"620010db8000000010000000000000007", "620010db8000000010000000000000007"}, "620010db8", "2001:db8:0:1::7/128"},
		"2001:db8:0:1::7/64":  {span{"620010db8000000010000000000000000", "620010db800000001ffffffffffffffff"}, "620010db8", "2001:db8:0:1::/64"},
		"::/0":                {span{"600000000000000000000000000000000", "6ffffffffffffffffffffffffffffffff"}, "6", "::/0"},
	} {
		got := spanOf(netip.MustParsePrefix(in))
		if got != want.span || got.chunk() != want.chunk {
			t.Errorf("%s: got %v in %s, want %v in %s", in, got, got.chunk(), want.span, want.chunk)
		}
		if back, err := got.prefix(); err != nil || back.String() != want.back {
			t.Errorf("%s: read back as %v, %v", in, back, err)
		}
	}
}

// FuzzSpan: what a row has is read or refused; and what is a range comes back as the same row.
func FuzzSpan(f *testing.F) {
	f.Add("40a010203", "40a010203")
	f.Add("40a010203", "")
	f.Add("", "x")
	f.Add("4", "4")
	f.Add("620010db8000000000000000000000000", "620010db8ffffffffffffffffffffffff")
	f.Fuzz(func(t *testing.T, low, high string) {
		p, err := span{low, high}.prefix()
		if err != nil || !p.IsValid() || p.Addr().Is4In6() { // the last is never written
			return
		}
		if again, err := spanOf(p).prefix(); err != nil || again != p.Masked() {
			t.Errorf("%v came back as %v, %v", p, again, err)
		}
	})
}
