package actionapi

import (
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
)

// blocksByAccount are the blocks of several accounts, read at once.
type blocksByAccount map[auth.AccountID][]auth.Block

// blocksOf reads the blocks of accounts.
func (c *call) blocksOf(accounts []auth.Account) (blocksByAccount, error) {
	ids := make([]auth.AccountID, len(accounts))
	for i, a := range accounts {
		ids[i] = a.ID
	}
	blocks, err := c.api.Blocks.BlocksOnAccounts(c.ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read blocks: %w", err)
	}
	by := blocksByAccount{}
	for _, b := range blocks {
		by[b.Account] = append(by[b.Account], b)
	}
	return by, nil
}

// addOwnBlock puts what blocks the caller into o.
func (c *call) addOwnBlock(o *result.Object) error {
	blocks, err := c.api.Blocks.BlocksOn(c.ctx, c.creator)
	if err != nil {
		return fmt.Errorf("read blocks: %w", err)
	}
	c.addBlocks(o, c.api.Manager.HittingBlocks(blocks, c.creator))
	return nil
}

// addBlocks puts what is public of blocks into o: of one block as it is, of several what they are together and each of them.
func (c *call) addBlocks(o *result.Object, blocks []auth.Block) {
	switch len(blocks) {
	case 0:
		return
	case 1:
		b := &blocks[0]
		o.Number("blockid", b.ID)
		o.Text("blockedby", string(b.By))
		o.Number("blockedbyid", int64(b.ByID))
		o.Text("blockreason", b.Reason)
		c.addBlockEffect(o, *b)
		return
	}
	o.Put("blockid", result.Null())
	o.Text("blockedby", "")
	o.Number("blockedbyid", 0)
	o.Text("blockreason", message.Wikitext(message.New("blockedtext-composite-reason"), c.language()))
	c.addBlockEffect(o, together(blocks))
	parts := &result.List{Item: "component"}
	for i := range blocks {
		part := &result.Object{}
		c.addBlocks(part, blocks[i:i+1])
		parts.Append(result.Of(part))
	}
	o.List("blockcomponents", parts)
}

// together is the block that several make: from the first to the last, and as strict as the strictest.
func together(blocks []auth.Block) auth.Block {
	all := auth.Block{Created: blocks[0].Created, Expires: blocks[0].Expires, AnonymousOnly: true}
	for _, b := range blocks {
		if b.Created.Before(all.Created) {
			all.Created = b.Created
		}
		all.Expires = laterEnd(all.Expires, b.Expires)
		all.PreventCreate = all.PreventCreate || b.PreventCreate
		all.AnonymousOnly = all.AnonymousOnly && b.AnonymousOnly
	}
	return all
}

// laterEnd is the later of two ends; the zero time is never.
func laterEnd(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if b.After(a) {
		return b
	}
	return a
}

func (c *call) addBlockEffect(o *result.Object, b auth.Block) {
	o.Put("blockedtimestamp", result.Time(b.Created))
	o.Put("blockexpiry", expiryNode(b.Expires, "infinite"))
	o.Flag("blockpartial", false)
	o.Flag("blocknocreate", b.PreventCreate)
	o.Flag("blockanononly", b.AnonymousOnly)
	o.Flag("blockemail", false)
	o.Flag("blockowntalk", false)
	l := c.language()
	o.Text("blockedtimestampformatted", l.Time(b.Created))
	if !b.Expires.IsZero() {
		o.Text("blockexpiryformatted", l.Time(b.Expires))
		o.Text("blockexpiryrelative", l.Duration(int64(b.Expires.Sub(c.now()).Seconds())))
	}
}

// expiryNode is an end, or the word for none.
func expiryNode(end time.Time, never string) result.Node {
	if end.IsZero() {
		return result.Text(never)
	}
	return result.Time(end)
}

// expirySchema describes what expiryNode writes.
func expirySchema(never string) schema.Schema { return schema.OneOf(schema.Time(), schema.Word(never)) }

// blockMembers are what addBlocks may put into an object.
func blockMembers() []schema.Member {
	flags := schema.Nothing()
	for _, name := range []string{"blockpartial", "blocknocreate", "blockanononly", "blockemail", "blockowntalk"} {
		flags = append(flags, schema.Must(name, schema.Flag()))
	}
	return append(flags,
		schema.Must("blockid", schema.OneOf(schema.AtLeast(1), schema.Null()).About("Null where there are several.")),
		schema.Must("blockedby", schema.Text()), schema.Must("blockedbyid", schema.AtLeast(0)), schema.Must("blockreason", schema.Text()),
		schema.Must("blockedtimestamp", schema.Time()), schema.Must("blockexpiry", expirySchema("infinite")),
		schema.Must("blockedtimestampformatted", schema.Text()), schema.May("blockexpiryformatted", schema.Text()),
		schema.May("blockexpiryrelative", schema.Text()), schema.May("blockcomponents", schema.List(schema.Ref("Block"))),
	)
}
