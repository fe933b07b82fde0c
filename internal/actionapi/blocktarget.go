package actionapi

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/username"
	"gatehouse/internal/usertext"
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
	if p, ok := usertext.Range(user.text); ok {
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
