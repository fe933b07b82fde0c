package actionapi

import (
	"math"
	"net/netip"
	"strconv"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/username"
	"gatehouse/internal/usertext"
	"gatehouse/internal/wire"
)

func (c *call) parseInteger(module string, p *param, v *value) error {
	n, ok := parseInteger(v.text)
	if !ok {
		return fail(module, wire.BadInteger, message.Plaintext(p.name), message.Plaintext(v.text))
	}
	v.number = n
	if p.bounded && n < p.min {
		v.number = p.min
		c.warn(module, wire.BelowMinimum, message.Plaintext(p.name), message.Plaintext(v.text), message.Num(p.min))
	}
	return nil
}

func (c *call) parseLimit(module string, p *param, v *value) error {
	highest := p.max
	if c.allows(auth.RightAPIHighLimits) {
		highest = p.high
	}
	if v.text == "max" {
		v.number, v.max = highest, true
		return nil
	}
	n, ok := parseInteger(v.text)
	if !ok {
		return fail(module, wire.BadInteger, message.Plaintext(p.name), message.Plaintext(v.text))
	}
	v.number = min(max(n, p.min), highest)
	if v.number != n {
		c.warn(module, wire.Clamped, message.Plaintext(p.name), message.Plaintext(v.text),
			message.Num(p.min), message.Num(highest))
	}
	return nil
}

// parseInteger reads an optional sign and digits. What does not fit becomes the nearest number that does.
func parseInteger(s string) (int64, bool) {
	digits := strings.TrimLeft(s, "+-")
	if digits == "" || len(s)-len(digits) > 1 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && s[0] == '-' {
		return math.MinInt64, true
	}
	if err != nil {
		return math.MaxInt64, true
	}
	return n, true
}

func (c *call) parseTimestamp(module string, p *param, v *value) error {
	if v.text == "" || v.text == "0" {
		c.warn(module, wire.UnclearNow, message.Plaintext(p.name), message.Plaintext(v.text))
		v.number = c.now().Unix()
		return nil
	}
	t, ok := usertext.Time(v.text)
	if v.text == "now" {
		t, ok = c.now(), true
	}
	if !ok {
		return fail(module, wire.BadTimestamp, message.Plaintext(p.name), message.Plaintext(v.text))
	}
	v.number = t.Unix()
	return nil
}

// parseUser makes a name canonical. An address is a user too where it is only looked for.
func (c *call) parseUser(module string, p *param, v *value) error {
	if name, ok := c.api.Names.Canonical(v.text, username.Valid); ok {
		v.text = string(name)
		return nil
	}
	if addr, err := netip.ParseAddr(v.text); err == nil && !p.namesOnly {
		v.text = addr.String()
		return nil
	}
	return fail(module, wire.BadUser, message.Plaintext(p.name), message.Plaintext(v.text))
}
