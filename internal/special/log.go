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
)

// logPage is Special:Log: all logs, or the one that the subpage or the parameter type names.
type logPage struct{ cfg Config }

// The numbers of entries on one page.
const (
	defaultLogRows = 50
	maxLogRows     = 500
)

// logData is what the page shows.
type logData struct {
	Rows []logRow
	// Prefix is what the filter says; Performer is whose creations are shown, empty for everybody's.
	Prefix, Performer string
	// Kind is the log that is shown, empty for all; Kinds are those to choose from.
	Kind  string
	Kinds []logKind
	// Action is where the filter's form leads; Keep is what it takes along.
	Action string
	Keep   []pair
	// Newer and Older are the neighbouring pages, empty at the ends; Everybody is the log without a performer.
	Newer, Older, Everybody string
}

// logKind is a log and the address of its page.
type logKind struct {
	Address string
	Name    message.Key
	Here    bool
}

type logRow struct {
	Time    time.Time
	Exact   string
	Target  auth.Name
	By      auth.Name // empty where nobody but the owner took part
	ByLink  string
	How     string
	Comment string
}

// logView is what an address asks the log for.
type logView struct {
	kind              string // empty = every log
	prefix, performer string
	limit             int
	from              auth.LogPosition
	newer             bool // towards newer entries, from the position
}

// Serve shows one page of the log.
func (p logPage) Serve(ctx context.Context, v *Visit) (Answer, error) {
	kind := strings.ToLower(v.Subpage)
	if kind == "" {
		kind = strings.ToLower(v.Query.Get("type"))
	}
	if kind != "" && logName(kind) == "" {
		return notFound{}.Serve(ctx, v)
	}
	view := p.view(v.Query)
	view.kind = kind
	entries, more, err := p.read(ctx, view, view.query())
	if err != nil {
		return Answer{}, err
	}
	data := logData{
		Prefix: view.prefix, Performer: view.performer, Action: v.site.articleURL(logTitle(kind)), Kind: kind, Kinds: logKinds(v, kind),
		Keep: keep(v, "user", "limit", "uselang"), Everybody: v.link(logTitle(kind), nil),
	}
	for _, e := range entries {
		data.Rows = append(data.Rows, logRowOf(v, e))
	}
	data.Newer, data.Older = turns(view.listing(), entries, more, func(at auth.LogEntry, dir string) string {
		return view.link(v, at, dir)
	})
	return Answer{Template: "log", Title: message.New(logName(kind)), Data: data}, nil
}

// logName is the heading of a log, empty where there is no such log; that of all of them is that of "".
func logName(kind string) message.Key {
	switch kind {
	case "":
		return "gatehouse-log-all"
	case auth.LogNewUsers:
		return "gatehouse-log-title"
	case auth.LogBlock:
		return "gatehouse-log-blocks"
	case auth.LogRights:
		return "gatehouse-log-rights"
	}
	return ""
}

func logTitle(kind string) title {
	if kind == "" {
		return titleLog
	}
	return titleLog + title("/"+kind)
}

// logKinds are all logs, the one that is shown marked.
func logKinds(v *Visit, here string) []logKind {
	var out []logKind
	for _, kind := range []string{"", auth.LogNewUsers, auth.LogBlock, auth.LogRights} {
		out = append(out, logKind{v.link(logTitle(kind), nil), logName(kind), kind == here})
	}
	return out
}

// keep lists the parameters of these names that the address has.
func keep(v *Visit, names ...string) []pair {
	var out []pair
	for _, name := range names {
		if value := v.Query.Get(name); value != "" {
			out = append(out, pair{name, value})
		}
	}
	return out
}

func (p logPage) view(query url.Values) logView {
	view := logView{limit: defaultLogRows, newer: query.Get("dir") == "prev"}
	if n, err := strconv.Atoi(query.Get("limit")); err == nil && n > 0 {
		view.limit = min(n, maxLogRows)
	}
	view.prefix = p.cleaned(query.Get("page"))
	view.performer = p.cleaned(query.Get("user"))
	view.from, _ = parsePosition(query.Get("offset"))
	return view
}

// cleaned gives what was typed the form that names have.
func (p logPage) cleaned(raw string) string {
	if strings.TrimSpace(raw) == "" || len(raw) > maxTitle {
		return ""
	}
	name, _ := p.cfg.Names.Canonical(raw, username.None)
	return string(name)
}

// query asks for the entries of a view.
func (view logView) query() auth.LogQuery {
	return auth.LogQuery{
		Type: view.kind, TargetPrefix: view.prefix, Performer: auth.Name(view.performer), After: view.from, OldestFirst: view.newer,
	}
}

func (view logView) listing() listing { return listing{newer: view.newer, placed: view.from.ID != 0} }

// read gives one page of entries, newest first, and whether there are more in the direction of the view.
func (p logPage) read(ctx context.Context, view logView, q auth.LogQuery) (entries []auth.LogEntry, more bool, err error) {
	q.Limit = view.limit + 1
	if entries, err = p.cfg.Log.LogEntries(ctx, q); err != nil {
		return nil, false, fmt.Errorf("read log: %w", err)
	}
	entries, more = cut(view.listing(), entries, view.limit)
	return entries, more, nil
}

func (view logView) link(v *Visit, at auth.LogEntry, dir string) string {
	params := filled(map[string]string{"offset": positionOf(at), "page": view.prefix, "user": view.performer, "dir": dir})
	if view.limit != defaultLogRows {
		params.Set("limit", strconv.Itoa(view.limit))
	}
	return v.link(logTitle(view.kind), params)
}

func positionOf(e auth.LogEntry) string {
	return formatPosition(auth.LogPosition{Time: e.Time, ID: e.ID})
}

// formatPosition writes a place in the log as nanoseconds and id.
func formatPosition(p auth.LogPosition) string {
	return strconv.FormatInt(p.Time.UnixNano(), 10) + "." + strconv.FormatInt(p.ID, 10)
}

// parsePosition reads what formatPosition wrote; anything else is the start of the log.
func parsePosition(s string) (auth.LogPosition, bool) {
	at, id, _ := strings.Cut(s, ".")
	nanos, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return auth.LogPosition{}, false
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 {
		return auth.LogPosition{}, false
	}
	return auth.LogPosition{Time: time.Unix(0, nanos).UTC(), ID: n}, true
}
