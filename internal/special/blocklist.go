package special

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/username"
	"gatehouse/internal/usertext"
)

// Blocks is what the pages read of blocks.
type Blocks interface {
	// ListBlocks gives the blocks that q selects and that hold now.
	ListBlocks(ctx context.Context, q auth.BlockQuery) ([]auth.Block, error)
}

// blockList is Special:BlockList: the blocks in force. Everybody may read it who may read at all.
type blockList struct{ cfg Config }

type blockListData struct {
	Action, Target string
	Kinds          []option
	Keep           []pair
	Rows           []blockRow
	// May says that the reader may block, Block is where.
	May          bool
	Block        string
	Newer, Older string
}

type blockRow struct {
	Target string
	// Hidden targets are of automatic blocks: nobody is to know the address.
	Hidden       string
	Until        time.Time
	Exact        string
	By           auth.Name
	Effects      []string
	Reason       string
	Change, Lift string
}

// blockView is what an address asks the list for.
type blockView struct {
	target, kind string
	query        auth.BlockQuery
	newer        bool
	none         bool // the target is nobody
}

const blockRows = 50

// Serve shows one page of the list.
func (p blockList) Serve(ctx context.Context, v *Visit) (Answer, error) {
	view, kinds := p.view(v)
	blocks, more, err := p.read(ctx, view)
	if err != nil {
		return Answer{}, err
	}
	d := blockListData{
		Action: v.site.articleURL(titleBlockList), Target: view.target, Kinds: kinds, Keep: keep(v, "uselang"),
		May: p.cfg.Manager.Allows(v.Creator.Account, auth.RightBlock), Block: v.link(titleBlock, nil),
	}
	for _, b := range blocks {
		d.Rows = append(d.Rows, blockRowOf(v, b))
	}
	d.Newer, d.Older = turns(view.listing(), blocks, more, func(at auth.Block, dir string) string { return view.link(v, at, dir) })
	return Answer{Template: "blocklist", Title: message.New("gatehouse-blocklist-title"), Data: d}, nil
}

func (p blockList) view(v *Visit) (blockView, []option) {
	kind, kinds := choose([]option{
		{Value: "", Label: v.text("gatehouse-blocklist-kind-any")},
		{Value: string(auth.BlockOfAccount), Label: v.text("gatehouse-blocklist-kind-account")},
		{Value: string(auth.BlockOfAddress), Label: v.text("gatehouse-blocklist-kind-address")},
		{Value: string(auth.BlockOfRange), Label: v.text("gatehouse-blocklist-kind-range")},
	}, v.Query.Get("kind"))
	view := blockView{target: strings.TrimSpace(v.Query.Get("wpTarget")), kind: kind, newer: v.Query.Get("dir") == "prev"}
	if kind != "" {
		view.query.Is = []auth.BlockTrait{auth.BlockTrait(kind)}
	}
	if at, ok := parsePosition(v.Query.Get("offset")); ok {
		view.query.At = auth.BlockPosition{Created: at.Time, ID: at.ID}
	}
	p.find(&view)
	return view, kinds
}

// find reads whose blocks are asked for: a name, an address or range, or the number of a block.
func (p blockList) find(view *blockView) {
	if view.target == "" {
		return
	}
	if network, ok := usertext.Range(view.target); ok {
		view.query.Covering = network
		return
	}
	if digits, ok := strings.CutPrefix(view.target, "#"); ok {
		id, err := strconv.ParseInt(digits, 10, 64)
		view.query.IDs, view.none = []int64{id}, err != nil
		return
	}
	name, ok := p.cfg.Names.Canonical(view.target, username.Valid)
	view.query.Names, view.none = []auth.Name{name}, !ok || len(view.target) > maxTitle
}

// read gives one page, newest first, and whether there are more in the direction of the view. Towards newer ones the block
// that stands at the position is not repeated.
func (p blockList) read(ctx context.Context, view blockView) (blocks []auth.Block, more bool, err error) {
	if view.none {
		return nil, false, nil
	}
	q := view.query
	q.OldestFirst, q.Limit = view.newer, blockRows+2
	if blocks, err = p.cfg.Blocks.ListBlocks(ctx, q); err != nil {
		return nil, false, fmt.Errorf("list blocks: %w", err)
	}
	if q.At.ID != 0 && len(blocks) > 0 && blocks[0].ID == q.At.ID {
		blocks = blocks[1:]
	}
	blocks, more = cut(view.listing(), blocks, blockRows)
	return blocks, more, nil
}

func (view blockView) listing() listing {
	return listing{newer: view.newer, placed: view.query.At.ID != 0}
}

func (view blockView) link(v *Visit, at auth.Block, dir string) string {
	return v.link(titleBlockList, filled(map[string]string{
		"offset":   formatPosition(auth.LogPosition{Time: at.Created, ID: at.ID}),
		"wpTarget": view.target, "kind": view.kind, "dir": dir,
	}))
}

func blockRowOf(v *Visit, b auth.Block) blockRow {
	r := blockRow{Target: b.Target(), Until: b.Expires, By: b.By, Reason: b.Reason, Exact: exact(b.Expires)}
	about := b.Target()
	if b.Auto {
		about, r.Target = "#"+strconv.FormatInt(b.ID, 10), ""
		r.Hidden = v.text("gatehouse-blocklist-auto", message.Int(b.ID))
	} else {
		r.Change = v.link(titleBlock, url.Values{"wpTarget": {about}, "wpReblock": {"1"}})
	}
	r.Lift = v.link(titleUnblock, url.Values{"wpTarget": {about}})
	for _, e := range []struct {
		has bool
		key message.Key
	}{
		{b.PreventCreate, "gatehouse-blocklist-nocreate"}, {b.AnonymousOnly, "gatehouse-blocklist-anononly"},
		{b.Autoblock, "gatehouse-blocklist-autoblock"},
	} {
		if e.has {
			r.Effects = append(r.Effects, v.text(e.key))
		}
	}
	return r
}
