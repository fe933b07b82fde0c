package actionapi

import (
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/username"
	"gatehouse/internal/wire"
)

// The places of logevents' parameters.
const (
	logProp = iota
	logType
	logAction
	logStart
	logEnd
	logDir
	logUser
	logTitle
	logNamespace
	logPrefix
	logTag
	logLimit
	logContinue
)

// logTimeLayout is how a position in the log spells time.
const logTimeLayout = "20060102150405"

// queryLogEvents is list=logevents: the public logs of new users, of blocks and of rights.
func queryLogEvents() *module {
	return &module{
		name: "logevents", path: "query+logevents", cache: cacheAnonymous, run: runLogEvents, answer: logEventsAnswer(),
		params: prefixed("le", []param{
			logProp: {name: "prop", typ: typeEnum, multi: true, all: true, preset: "ids|title|type|user|timestamp|comment|details",
				described: true, values: []string{"ids", "title", "type", "user", "userid", "timestamp", "comment", "parsedcomment", "details", "tags"}},
			logType:   {name: "type", typ: typeEnum, values: append([]string{""}, logTypes()...)},
			logAction: {name: "action"},
			logStart:  {name: "start", typ: typeTimestamp},
			logEnd:    {name: "end", typ: typeTimestamp},
			logDir: {name: "dir", typ: typeEnum, values: []string{"newer", "older"}, preset: "older",
				help: helpText{key: helpDirection}},
			logUser:      {name: "user", typ: typeUser},
			logTitle:     {name: "title"},
			logNamespace: {name: "namespace", typ: typeInteger},
			logPrefix:    {name: "prefix"},
			logTag:       {name: "tag"},
			logLimit:     {name: "limit", typ: typeLimit, preset: "10", min: 1, max: 500, high: 5000},
			logContinue:  {name: "continue", help: helpText{key: helpPaging}},
		}),
		manual: manual{class: "ApiQueryLogEvents", group: groupList, prefix: "le", pages: []string{"Logevents"}, examples: []example{
			{"simple", "action=query&list=logevents"},
		}},
	}
}

func runLogEvents(c *call, args []value, out *result.Object) error {
	l := &result.List{Item: "item"}
	limit := c.query.rowLimit("logevents", args[logLimit])
	q, some, err := c.logQuery(args)
	if err != nil {
		return err
	}
	out.List("logevents", l)
	if !some {
		return nil
	}
	q.Limit = limit + 1
	entries, err := c.api.Log.LogEntries(c.ctx, q)
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	for i := range entries {
		e := &entries[i]
		if i == limit {
			c.query.continueWith("logevents", "lecontinue", e.Time.UTC().Format(logTimeLayout)+"|"+strconv.FormatInt(e.ID, 10))
			break
		}
		l.Append(result.Of(c.logEntry(e, args[logProp].list)))
	}
	return nil
}

// logQuery turns parameters into a query; some is false where nothing can match.
func (c *call) logQuery(args []value) (q auth.LogQuery, some bool, err error) {
	q.Type = args[logType].text
	q.OldestFirst = args[logDir].text == "newer"
	q.Performer = auth.Name(args[logUser].text)
	from, to := args[logEnd], args[logStart]
	if q.OldestFirst {
		from, to = to, from
	}
	if from.set {
		q.From = time.Unix(from.number, 0).UTC()
	}
	if to.set {
		q.To = time.Unix(to.number, 0).UTC()
	}
	if q.Type, q.Action, err = logActionOf(q.Type, args[logAction]); err != nil {
		return q, false, err
	}
	if q.After, err = logPosition(args[logContinue].text, q.OldestFirst); err != nil {
		return q, false, err
	}
	some = q.Type != noLog && (!args[logNamespace].set || args[logNamespace].number == 2)
	if v := args[logTag]; v.set {
		q.Tag, some = v.text, some && v.text != ""
	}
	if v := args[logTitle]; v.set {
		name, ok := c.userOfTitle(v.text)
		q.Target, some = name, some && ok
	}
	if v := args[logPrefix]; v.set {
		prefix, ok := cutUserNamespace(v.text)
		q.TargetPrefix, some = string(c.nameStart(prefix)), some && ok
	}
	return q, some, nil
}

// logTypes are the public logs.
func logTypes() []string { return []string{wire.LogBlock, wire.LogRights, wire.LogNewUsers} }

// logActions are what a log tells of.
func logActions(typ string) []string {
	switch typ {
	case wire.LogBlock:
		return []string{wire.LogBlock, wire.LogReblock, wire.LogUnblock}
	case wire.LogRights:
		return []string{wire.LogRights}
	case wire.LogNewUsers:
		return []string{
			wire.LogNewUsersCreate, wire.LogNewUsersCreate2, wire.LogNewUsersByEmail, wire.LogNewUsersAutoCreate, wire.LogNewUsersOld,
		}
	}
	return nil
}

// noLog is a type that no entry has.
const noLog = "-"

// logActionOf reads leaction: a log and one of its actions, or all of them. It gives the log and the action to look for,
// noLog where leaction and letype name two.
func logActionOf(typ string, v value) (of, action string, err error) {
	if !v.set {
		return typ, "", nil
	}
	of, action, _ = strings.Cut(v.text, "/")
	known := logActions(of)
	if known == nil || action != "*" && !slices.Contains(known, action) {
		e := fail("query+logevents", wire.UnrecognizedValue)
		e.msg = wire.UnrecognizedValue.MessageAbout("leaction", message.Text("leaction"), message.Text(message.EscapeWikitext(v.text)))
		return "", "", e
	}
	if action == "*" {
		action = ""
	}
	if typ != "" && typ != of {
		of = noLog
	}
	return of, action, nil
}

// logPosition reads where to go on: at the entry that the last answer did not give any more.
func logPosition(s string, oldestFirst bool) (auth.LogPosition, error) {
	if s == "" {
		return auth.LogPosition{}, nil
	}
	when, number, _ := strings.Cut(s, "|")
	t, err := time.Parse(logTimeLayout, when)
	id, err2 := strconv.ParseInt(number, 10, 64)
	if err != nil || err2 != nil || id < 1 {
		return auth.LogPosition{}, fail("query+logevents", wire.BadContinue)
	}
	// The store goes on behind a position, the protocol at it.
	if oldestFirst {
		return auth.LogPosition{Time: t, ID: id - 1}, nil
	}
	return auth.LogPosition{Time: t, ID: id + 1}, nil
}

// userOfTitle is the account whose page the title is.
func (c *call) userOfTitle(title string) (auth.Name, bool) {
	rest, ok := cutUserNamespace(title)
	if !ok {
		return "", false
	}
	return c.api.Names.Canonical(rest, username.Valid)
}

func cutUserNamespace(title string) (string, bool) {
	space, rest, ok := strings.Cut(title, ":")
	return strings.TrimSpace(rest), ok && strings.EqualFold(strings.TrimSpace(space), "user")
}

func (c *call) logEntry(e *auth.LogEntry, props []string) *result.Object {
	has := func(p string) bool { return slices.Contains(props, p) }
	o := &result.Object{Members: make([]result.Member, 0, 14)}
	if has("ids") {
		o.Number("logid", e.ID)
	}
	if has("title") {
		o.Number("ns", 2)
		o.Text("title", "User:"+string(e.Target))
	}
	if has("ids") {
		o.Number("pageid", 0)
		o.Number("logpage", 0)
	}
	if has("details") {
		o.Child("params", logDetails(e))
	}
	if has("type") {
		o.Text("type", e.Type)
		o.Text("action", e.Action)
	}
	if has("user") {
		o.Text("user", string(e.Performer))
	}
	if has("userid") {
		o.Number("userid", int64(e.PerformerID))
	}
	if has("timestamp") {
		o.Put("timestamp", result.Time(e.Time))
	}
	if has("comment") {
		o.Text("comment", e.Comment)
	}
	if has("parsedcomment") {
		o.Text("parsedcomment", c.parseComment(e.Comment))
	}
	if has("tags") {
		tags := &result.List{Item: "tag"}
		if e.Tag != "" {
			tags.Append(result.Text(e.Tag))
		}
		o.List("tags", tags)
	}
	return o
}

// logDetails are what there is to tell of an entry beside its target.
func logDetails(e *auth.LogEntry) *result.Object {
	o := &result.Object{}
	d := e.Details
	switch {
	case e.Type == wire.LogNewUsers:
		o.Number("userid", int64(e.TargetID))
	case d == nil:
	case e.Type == wire.LogRights:
		o.List("oldgroups", groupNames(d.OldGroups))
		o.List("newgroups", groupNames(d.NewGroups))
		o.List("oldmetadata", memberships("group", d.OldGroups, d.OldEnds))
		o.List("newmetadata", memberships("group", d.NewGroups, d.NewEnds))
	default:
		o.Text("duration", d.Duration)
		o.Put("flags", result.Texts(d.Flags))
		o.Flag("sitewide", true)
		if !d.Expires.IsZero() {
			o.Put("expiry", result.Time(d.Expires))
		}
	}
	return o
}

// logDetailsSchema describes what logDetails writes.
func logDetailsSchema() schema.Schema {
	return schema.Object(
		schema.May("userid", schema.AtLeast(1)), schema.May("duration", schema.Text()), schema.May("flags", schema.List(schema.Text())),
		schema.May("sitewide", schema.True()), schema.May("expiry", schema.Time()),
		schema.May("oldgroups", schema.List(schema.Text())), schema.May("newgroups", schema.List(schema.Text())),
		schema.May("oldmetadata", membershipsSchema()), schema.May("newmetadata", membershipsSchema()),
	)
}

// parseComment makes the links of a comment work; nothing else in it is markup.
func (c *call) parseComment(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "[[")
		inside, after, closed := strings.Cut(rest, "]]")
		if !found || !closed {
			b.WriteString(html.EscapeString(s))
			return b.String()
		}
		target, label, _ := strings.Cut(inside, "|")
		if label == "" {
			label = target
		}
		address := c.api.Site.ArticlePath + url.PathEscape(strings.ReplaceAll(strings.TrimSpace(target), " ", "_"))
		b.WriteString(html.EscapeString(before) + `<a href="` + html.EscapeString(address) + `">` + html.EscapeString(label) + "</a>")
		s = after
	}
}

func logEventsAnswer() []schema.Member {
	return []schema.Member{schema.Must("logevents", schema.List(schema.Object(
		schema.May("logid", schema.AtLeast(1)), schema.May("ns", schema.Integer()), schema.May("title", schema.Text()),
		schema.May("pageid", schema.Integer()), schema.May("logpage", schema.Integer()),
		schema.May("params", logDetailsSchema()),
		schema.May("type", schema.Words(logTypes()...)),
		schema.May("action", schema.Words(slices.Concat(logActions(wire.LogNewUsers), logActions(wire.LogBlock), logActions(wire.LogRights))...)),
		schema.May("user", schema.Text()), schema.May("userid", schema.AtLeast(0)), schema.May("timestamp", schema.Time()),
		schema.May("comment", schema.Text()), schema.May("parsedcomment", schema.Text().About("As HTML.")),
		schema.May("tags", schema.List(schema.Text())),
	)))}
}
