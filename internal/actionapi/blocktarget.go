package actionapi

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/username"
	"gatehouse/internal/wire"
)

// mayBlock is asked before the parameters are looked at: who may not block is told just that.
func (c *call) mayBlock() error {
	if c.allows(auth.RightBlock) {
		return nil
	}
	return fail(c.module.path, wire.ActionDenied, message.Nested(message.New("action-block")))
}

// blockTarget is an account, or else a range.
type blockTarget struct {
	account auth.Account
	network netip.Prefix
}

// blockTarget reads whom to block: user or userid.
func (c *call) blockTarget(user, id value) (blockTarget, error) {
	if err := c.onlyOne(value{}, user, id); err != nil {
		return blockTarget{}, err
	}
	return c.findTarget(user, id)
}

// findTarget reads a name, an address, a range, or an id: that of userid, or behind "#".
func (c *call) findTarget(user, id value) (blockTarget, error) {
	if id.set {
		return c.targetByID(id.number)
	}
	if digits, ok := strings.CutPrefix(user.text, "#"); ok {
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return c.targetByID(n)
		}
	}
	if p, ok := parseRange(user.text); ok {
		return blockTarget{network: p}, nil
	}
	name, ok := c.api.Names.Canonical(user.text, username.Valid)
	if !ok {
		return blockTarget{}, fail(c.module.path, wire.BadUser, message.Plaintext("user"), message.Plaintext(user.text))
	}
	a, err := c.api.Accounts.AccountByName(c.ctx, name)
	if errors.Is(err, auth.ErrNotFound) {
		return blockTarget{}, fail(c.module.path, wire.NoSuchTarget, message.Text(message.EscapeWikitext(string(name))))
	}
	if err != nil {
		return blockTarget{}, fmt.Errorf("look up account: %w", err)
	}
	return blockTarget{account: a}, nil
}

func (c *call) targetByID(id int64) (blockTarget, error) {
	found, err := c.api.Accounts.AccountsByID(c.ctx, []auth.AccountID{auth.AccountID(id)})
	if err != nil {
		return blockTarget{}, fmt.Errorf("look up account: %w", err)
	}
	if len(found) == 0 {
		return blockTarget{}, fail(c.module.path, wire.NoSuchUserID, message.Int(id))
	}
	return blockTarget{account: found[0]}, nil
}

// longestReason is how many characters of a reason are kept.
const longestReason = 500

func cutReason(s string) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > longestReason {
		return string(r[:longestReason])
	}
	return s
}

// endless reports whether an end is spelled as none.
func endless(s string) bool {
	switch strings.ToLower(s) {
	case "infinite", "infinity", "indefinite", "never":
		return true
	}
	return false
}

// parseExpiry reads an end: none (the zero time), a time, or lengths of time as "2 weeks 3 days".
func parseExpiry(s string, now time.Time) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if endless(s) {
		return time.Time{}, true
	}
	if t, ok := parseTime(s); ok {
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
