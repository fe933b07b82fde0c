package actionapi

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/username"
	"gatehouse/internal/usertext"
	"gatehouse/internal/wire"
)

// The places of blocks' parameters.
const (
	blocksStart = iota
	blocksEnd
	blocksDir
	blocksIDs
	blocksUsers
	blocksIP
	blocksLimit
	blocksProp
	blocksShow
	blocksContinue
)

const blocksPath = "query+blocks"

// queryBlocks is list=blocks: the blocks that hold now.
func queryBlocks() *module {
	return &module{
		name: "blocks", path: blocksPath, cache: cacheAnonymous, run: runBlocks, answer: blocksAnswer(),
		params: prefixed("bk", []param{
			blocksStart: {name: "start", typ: typeTimestamp},
			blocksEnd:   {name: "end", typ: typeTimestamp},
			blocksDir: {name: "dir", typ: typeEnum, values: []string{"newer", "older"}, preset: "older",
				help: helpText{key: helpDirection, params: []string{""}}},
			blocksIDs:   {name: "ids", typ: typeInteger, multi: true},
			blocksUsers: {name: "users", multi: true},
			blocksIP:    {name: "ip"},
			blocksLimit: {name: "limit", typ: typeLimit, preset: "10", min: 1, max: 500, high: 5000},
			blocksProp: {name: "prop", typ: typeEnum, multi: true, all: true, described: true,
				preset: "id|user|by|timestamp|expiry|reason|flags",
				values: []string{"id", "user", "userid", "by", "byid", "timestamp", "expiry", "reason", "parsedreason", "range", "flags",
					"restrictions"}},
			blocksShow: {name: "show", typ: typeEnum, multi: true, values: []string{
				"account", "!account", "temp", "!temp", "ip", "!ip", "range", "!range",
			}},
			blocksContinue: {name: "continue", help: helpText{key: helpPaging}},
		}),
		manual: manual{class: "ApiQueryBlocks", group: groupList, prefix: "bk", pages: []string{"Blocks"}, examples: []example{
			{"simple", "action=query&list=blocks"},
			{"users", "action=query&list=blocks&bkusers=Alice|Bob"},
		}},
	}
}

func runBlocks(c *call, args []value, out *result.Object) error {
	l := &result.List{Item: "block"}
	out.List("blocks", l)
	limit := c.query.rowLimit("blocks", args[blocksLimit])
	q, err := c.blockQuery(args)
	if err != nil {
		return err
	}
	q.Limit = limit + 1
	blocks, err := c.api.Blocks.ListBlocks(c.ctx, q)
	if err != nil {
		return fmt.Errorf("list blocks: %w", err)
	}
	for i := range blocks {
		b := &blocks[i]
		if i == limit {
			c.query.continueWith("blocks", "bkcontinue", b.Created.UTC().Format(blockTimeLayout)+"|"+strconv.FormatInt(b.ID, 10))
			break
		}
		l.Append(result.Of(c.block(b, args[blocksProp].list)))
	}
	return nil
}

func (c *call) blockQuery(args []value) (q auth.BlockQuery, err error) {
	if args[blocksUsers].set && args[blocksIP].set {
		return q, about(blocksPath, wire.InvalidParamMix, "bkusers", "bkip")
	}
	q.OldestFirst = args[blocksDir].text == "newer"
	q.From, q.To = timesBetween(args[blocksStart], args[blocksEnd], q.OldestFirst)
	for _, s := range args[blocksIDs].list {
		id, _ := parseInteger(s) // every one was read before
		q.IDs = append(q.IDs, id)
	}
	if err = c.readTargets(args[blocksUsers].list, &q); err != nil {
		return q, err
	}
	if v := args[blocksIP]; v.set {
		if q.Covering, err = blockedRange(v.text); err != nil {
			return q, err
		}
	}
	if q.Is, q.IsNot, err = blockTraits(args[blocksShow].list); err != nil {
		return q, err
	}
	q.At, err = blockPosition(args[blocksContinue].text)
	return q, err
}

// timesBetween gives the older and the newer bound of start and end.
func timesBetween(start, end value, oldestFirst bool) (from, to time.Time) {
	if !oldestFirst {
		start, end = end, start
	}
	if start.set {
		from = time.Unix(start.number, 0).UTC()
	}
	if end.set {
		to = time.Unix(end.number, 0).Add(time.Second - time.Microsecond).UTC() // blocks are told to the second
	}
	return from, to
}

// readTargets reads names, addresses and ranges.
func (c *call) readTargets(targets []string, q *auth.BlockQuery) error {
	for _, raw := range targets {
		if p, ok := usertext.Range(raw); ok {
			q.Ranges = append(q.Ranges, p)
			continue
		}
		name, ok := c.api.Names.Canonical(raw, username.Valid)
		if !ok {
			return fail(blocksPath, wire.BadUser, message.Plaintext("bkusers"), message.Plaintext(raw))
		}
		q.Names = append(q.Names, name)
	}
	return nil
}

// The widest ranges that may be asked for, in bits.
const (
	widestIPv4 = 16
	widestIPv6 = 19
)

func blockedRange(s string) (netip.Prefix, error) {
	p, ok := usertext.Range(s)
	family, widest := "IPv4", widestIPv4
	if p.Addr().Is6() {
		family, widest = "IPv6", widestIPv6
	}
	switch {
	case !ok:
		return p, fail(blocksPath, wire.BadIP)
	case p.Bits() < widest:
		return p, fail(blocksPath, wire.CIDRTooBroad, message.Text(family), message.Int(int64(widest)))
	}
	return p, nil
}

// blockTraits reads what blocks have to be and what not.
func blockTraits(show []string) (is, isNot []auth.BlockTrait, err error) {
	traits := map[string]auth.BlockTrait{
		"account": auth.BlockOfAccount, "ip": auth.BlockOfAddress, "range": auth.BlockOfRange, "temp": auth.BlockWithEnd,
	}
	for _, s := range show {
		name, no := strings.CutPrefix(s, "!")
		switch {
		case !no:
			is = append(is, traits[name])
		case slices.Contains(show, name):
			return nil, nil, fail(blocksPath, wire.ShowConflict)
		default:
			isNot = append(isNot, traits[name])
		}
	}
	return is, isNot, nil
}

// blockTimeLayout is how a position in the list spells time.
const blockTimeLayout = "20060102150405.000000"

func blockPosition(s string) (auth.BlockPosition, error) {
	if s == "" {
		return auth.BlockPosition{}, nil
	}
	when, number, _ := strings.Cut(s, "|")
	t, err := time.Parse(blockTimeLayout, when)
	id, err2 := strconv.ParseInt(number, 10, 64)
	if err != nil || err2 != nil || id < 1 {
		return auth.BlockPosition{}, fail(blocksPath, wire.BadContinue)
	}
	return auth.BlockPosition{Created: t, ID: id}, nil
}

func blocksAnswer() []schema.Member {
	flags := schema.Nothing()
	for _, name := range []string{"automatic", "anononly", "nocreate", "autoblock", "noemail", "hidden", "allowusertalk", "partial"} {
		flags = append(flags, schema.May(name, schema.Flag()))
	}
	return []schema.Member{schema.Must("blocks", schema.List(schema.Object(append([]schema.Member{
		schema.May("id", schema.AtLeast(1)), schema.May("user", schema.Text()), schema.May("userid", schema.AtLeast(0)),
		schema.May("by", schema.Text()), schema.May("byid", schema.AtLeast(0)), schema.May("timestamp", schema.Time()),
		schema.May("expiry", expirySchema("infinity")), schema.May("reason", schema.Text()), schema.May("parsedreason", schema.Text().About("As HTML.")),
		schema.May("rangestart", schema.Text()), schema.May("rangeend", schema.Text()), schema.May("restrictions", schema.EmptyList()),
	}, flags...)...)))}
}
