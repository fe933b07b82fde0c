package usertext

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// LongestReason is how many characters of a reason are kept.
const LongestReason = 500

// Reason is a reason as it is kept.
func Reason(s string) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > LongestReason {
		return string(r[:LongestReason])
	}
	return s
}

// Range reads a range of addresses, or an address as one.
func Range(s string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(s); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return p, false
	}
	return p.Masked(), true
}

// longestTime is more than any spelling of a time needs, with fractions of seconds.
const longestTime = 64

// Time reads a point in time in any of the usual spellings; without a zone it is UTC.
func Time(s string) (time.Time, bool) {
	if len(s) > longestTime {
		return time.Time{}, false
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "20060102T150405Z", "2006-01-02", "20060102150405",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return inFourDigits(t)
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < -1<<36 || n > 1<<37 {
		return time.Time{}, false
	}
	return inFourDigits(time.Unix(n, 0))
}

// inFourDigits refuses a time whose year has more than four digits, or is before the first, wherever it was written.
func inFourDigits(t time.Time) (time.Time, bool) {
	t = t.UTC()
	return t, t.Year() > 0 && t.Year() < 10000
}

// endless reports whether an end is spelled as none.
func endless(s string) bool {
	switch strings.ToLower(s) {
	case "infinite", "infinity", "indefinite", "never":
		return true
	}
	return false
}

// Expiry reads an end: none (the zero time), a time, or lengths of time as "2 weeks 3 days".
func Expiry(s string, now time.Time) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if endless(s) {
		return time.Time{}, true
	}
	if t, ok := Time(s); ok {
		return t, true
	}
	words := strings.Fields(s)
	if len(s) > longestTime || len(words) == 0 || len(words)%2 != 0 {
		return time.Time{}, false
	}
	end := now
	for i := 0; i < len(words); i += 2 {
		n, err := strconv.ParseUint(strings.TrimPrefix(words[i], "+"), 10, 16)
		if err != nil {
			return time.Time{}, false
		}
		var ok bool
		if end, ok = later(end, int(n), words[i+1]); !ok {
			return time.Time{}, false
		}
	}
	return inFourDigits(end)
}

// later is n units behind t.
func later(t time.Time, n int, unit string) (time.Time, bool) {
	switch strings.TrimSuffix(strings.ToLower(unit), "s") {
	case "sec", "second":
		return t.Add(time.Duration(n) * time.Second), true
	case "min", "minute":
		return t.Add(time.Duration(n) * time.Minute), true
	case "hour":
		return t.Add(time.Duration(n) * time.Hour), true
	case "day":
		return t.AddDate(0, 0, n), true
	case "week":
		return t.AddDate(0, 0, 7*n), true
	case "fortnight":
		return t.AddDate(0, 0, 14*n), true
	case "month":
		return t.AddDate(0, n, 0), true
	case "year":
		return t.AddDate(n, 0, 0), true
	}
	return t, false
}
