package actionapi

import (
	"time"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/usertext"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// The places of block's parameters.
const (
	blockUser = iota
	blockUserID
	blockExpiry
	blockReason
	blockAnonOnly
	blockNoCreate
	blockAutoblock
	blockReblock
	blockToken
)

// block is action=block: an administrator keeps an account, an address or a range out.
func block() *module {
	return &module{
		name: "block", path: "block", writes: true, mustPost: true, run: runBlock, answer: blockAnswer(),
		token: websession.TokenCSRF, tokenParam: blockToken,
		params: []param{
			blockUser:      {name: "user"},
			blockUserID:    {name: "userid", typ: typeInteger, deprecated: true},
			blockExpiry:    {name: "expiry", preset: "never"},
			blockReason:    {name: "reason"},
			blockAnonOnly:  {name: "anononly", typ: typeFlag},
			blockNoCreate:  {name: "nocreate", typ: typeFlag},
			blockAutoblock: {name: "autoblock", typ: typeFlag},
			blockReblock:   {name: "reblock", typ: typeFlag},
			blockToken:     {name: "token", typ: typeSecret, required: true, sensitive: true},
		},
		manual: manual{class: "ApiBlock", group: groupAction, pages: []string{"Block"}, examples: []example{
			{"ip", "action=block&user=192.0.2.5&expiry=3%20days&reason=First%20strike&token=" + exampleToken},
			{"user", "action=block&user=Vandal&expiry=never&reason=Vandalism&nocreate=&autoblock=&token=" + exampleToken},
		}},
	}
}

func runBlock(c *call, args []value, out *result.Object) error {
	if err := c.mayBlock(); err != nil {
		return err
	}
	t, err := c.blockTarget(args[blockUser], args[blockUserID])
	if err != nil {
		return err
	}
	asked, reason := args[blockExpiry].text, usertext.Reason(args[blockReason].text)
	ends, ok := usertext.Expiry(asked, c.now())
	if !ok {
		return fail(c.module.path, wire.InvalidExpiry)
	}
	if ends.IsZero() {
		asked = "infinity"
	}
	o := auth.BlockOrder{Replace: args[blockReblock].set, Block: auth.Block{
		Account: t.account.ID, AccountName: t.account.Name, Range: t.network, Reason: reason, Expires: ends,
		PreventCreate: args[blockNoCreate].set, AnonymousOnly: args[blockAnonOnly].set, Autoblock: args[blockAutoblock].set,
	}}
	b, check, err := c.api.Manager.Block(c.ctx, c.creator, o, asked)
	if err != nil {
		return err
	}
	if !check.OK() {
		return refusal(c.module.path, check)
	}
	out.Child("block", blockDone(&b))
	return nil
}

// blockDone tells what the block is. What there is none of here is told as not done, whatever was asked for.
func blockDone(b *auth.Block) *result.Object {
	o := &result.Object{}
	o.Text("user", b.Target())
	o.Number("userID", int64(b.Account))
	o.Put("expiry", expiryNode(b.Expires.Truncate(time.Second), "infinite"))
	o.Number("id", b.ID)
	o.Text("reason", b.Reason)
	o.Flag("anononly", b.AnonymousOnly)
	o.Flag("nocreate", b.PreventCreate)
	o.Flag("autoblock", b.Autoblock)
	for _, name := range blockNever() {
		o.Flag(name, false)
	}
	o.Put("pagerestrictions", result.Null())
	o.Put("namespacerestrictions", result.Null())
	return o
}

// blockNever are the effects that no block has here.
func blockNever() []string {
	return []string{"noemail", "hidename", "allowusertalk", "watchuser", "partial"}
}

func blockAnswer() []schema.Member {
	members := []schema.Member{
		schema.Must("user", schema.Text()), schema.Must("userID", schema.AtLeast(0)), schema.Must("expiry", expirySchema("infinite")),
		schema.Must("id", schema.AtLeast(1)), schema.Must("reason", schema.Text()), schema.Must("anononly", schema.Flag()),
		schema.Must("nocreate", schema.Flag()), schema.Must("autoblock", schema.Flag()),
	}
	for _, name := range blockNever() {
		members = append(members, schema.Must(name, schema.False()))
	}
	members = append(members, schema.Must("pagerestrictions", schema.Null()), schema.Must("namespacerestrictions", schema.Null()))
	return []schema.Member{schema.Must("block", schema.Object(members...))}
}
