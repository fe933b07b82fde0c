package actionapi

import (
	"strconv"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/usertext"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// The places of unblock's parameters.
const (
	unblockID = iota
	unblockUser
	unblockUserID
	unblockReason
	unblockToken
)

// unblock is action=unblock: what action=block did comes to an end.
func unblock() *module {
	return &module{
		name: "unblock", path: "unblock", writes: true, mustPost: true, run: runUnblock, answer: unblockAnswer(),
		token: websession.TokenCSRF, tokenParam: unblockToken,
		params: []param{
			unblockID:     {name: "id", typ: typeInteger},
			unblockUser:   {name: "user"},
			unblockUserID: {name: "userid", typ: typeInteger, deprecated: true},
			unblockReason: {name: "reason"},
			unblockToken:  {name: "token", typ: typeSecret, required: true, sensitive: true},
		},
		manual: manual{class: "ApiUnblock", group: groupAction, pages: []string{"Block"}, examples: []example{
			{"id", "action=unblock&id=105&token=" + exampleToken},
			{"user", "action=unblock&user=Bob&reason=Sorry%20Bob&token=" + exampleToken},
		}},
	}
}

func runUnblock(c *call, args []value, out *result.Object) error {
	if err := c.mayBlock(); err != nil {
		return err
	}
	q, asked, err := c.blocksToLift(args)
	if err != nil {
		return err
	}
	reason := usertext.Reason(args[unblockReason].text)
	b, check, err := c.api.Manager.Unblock(c.ctx, c.creator, q, asked, reason)
	if err != nil {
		return err
	}
	if !check.OK() {
		return refusal(c.module.path, check)
	}
	o := &result.Object{}
	o.Number("id", b.ID)
	o.Text("user", blockedUser(&b))
	o.Number("userid", int64(b.Account))
	o.Text("reason", reason)
	o.Flag("watchuser", false)
	out.Child("unblock", o)
	return nil
}

// blocksToLift selects the blocks, by id or by their target.
func (c *call) blocksToLift(args []value) (q auth.BlockQuery, asked string, err error) {
	id := args[unblockID]
	if err := c.onlyOne(id, args[unblockUser], args[unblockUserID]); err != nil {
		return q, "", err
	}
	if id.set {
		return auth.BlockQuery{IDs: []int64{id.number}}, "#" + strconv.FormatInt(id.number, 10), nil
	}
	t, err := c.findTarget(args[unblockUser], args[unblockUserID])
	if err != nil {
		return q, "", err
	}
	asked = message.EscapeWikitext(args[unblockUser].text)
	if t.account.ID != 0 {
		return auth.BlockQuery{Names: []auth.Name{t.account.Name}}, string(t.account.Name), nil
	}
	q.Ranges = append(q.Ranges, t.network)
	return q, asked, nil
}

// onlyOne wants exactly one of id, user and userid.
func (c *call) onlyOne(id, user, userID value) error {
	var sent []string
	names := []string{"id", "user", "userid"}
	for i, v := range []value{id, user, userID} {
		if v.set {
			sent = append(sent, names[i])
		}
	}
	if c.module.name != "unblock" {
		names = names[1:]
	}
	switch len(sent) {
	case 0:
		return about(c.module.path, wire.MissingOneOf, names...)
	case 1:
		return nil
	}
	return about(c.module.path, wire.InvalidParamMix, sent...)
}

func unblockAnswer() []schema.Member {
	return []schema.Member{schema.Must("unblock", schema.Object(
		schema.Must("id", schema.AtLeast(1)), schema.Must("user", schema.Text()), schema.Must("userid", schema.AtLeast(0)),
		schema.Must("reason", schema.Text()), schema.Must("watchuser", schema.False()),
	))}
}
