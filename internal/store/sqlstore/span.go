package sqlstore

import (
	"encoding/hex"
	"fmt"
	"math/bits"
	"net/netip"
)

// span is a range of addresses as a row has it: its first and its last address. It is empty for what is no range.
type span struct{ low, high string }

// spanOf gives the span of a valid prefix.
func spanOf(p netip.Prefix) span {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	p = p.Masked()
	last := p.Addr().AsSlice()
	for i := p.Bits(); i < len(last)*8; i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	end, _ := netip.AddrFromSlice(last)
	return span{digits(p.Addr()), digits(end)}
}

// digits writes an address so that addresses of one family sort by value and never mix with those of the other.
func digits(a netip.Addr) string {
	if a.Is4() {
		return "4" + hex.EncodeToString(a.AsSlice())
	}
	return "6" + hex.EncodeToString(a.AsSlice())
}

// chunk is what narrows a look-up to a part of the index: what the two addresses begin with alike, cut to 16 (IPv4) or 32
// (IPv6) bits. A wider range has the family alone.
func (s span) chunk() string {
	if s.low == "" {
		return ""
	}
	n := 1 + 16/4
	if s.low[0] == '6' {
		n = 1 + 32/4
	}
	if s.low[:n] != s.high[:n] {
		n = 1
	}
	return s.low[:n]
}

// prefix reads back what spanOf wrote; an empty span gives the invalid prefix.
func (s span) prefix() (netip.Prefix, error) {
	if s.low == "" {
		return netip.Prefix{}, nil
	}
	low, errLow := hex.DecodeString(s.low[1:])
	high, errHigh := hex.DecodeString(s.high[min(1, len(s.high)):])
	addr, ok := netip.AddrFromSlice(low)
	if errLow != nil || errHigh != nil || !ok || len(low) != len(high) {
		return netip.Prefix{}, fmt.Errorf("read range: %q to %q is none", s.low, s.high)
	}
	length := len(low) * 8
	for i := range low {
		if d := low[i] ^ high[i]; d != 0 {
			length = i*8 + bits.LeadingZeros8(d)
			break
		}
	}
	return netip.PrefixFrom(addr, length), nil
}
