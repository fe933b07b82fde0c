package actionapi

import (
	"strings"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/wire"
)

// The places of query's parameters.
const (
	queryProp = iota
	queryList
	queryMeta
	queryIndexPageIDs
	queryContinue
	queryRawContinue
	queryTitles
	queryPageIDs
	queryRevIDs
	queryGenerator
	queryRedirects
	queryConvertTitles
	queryCount
)

// query is action=query: it runs the parts that meta and list name, and joins what they give.
func query(metas, lists []*module) *module {
	table := make([]param, queryCount)
	// Pages are not kept here, so prop has no values; clients send it all the same.
	table[queryProp] = param{name: "prop", typ: typeEnum, multi: true, submodules: []*module{}}
	table[queryList] = param{name: "list", typ: typeEnum, multi: true, values: names(lists), submodules: lists}
	table[queryMeta] = param{name: "meta", typ: typeEnum, multi: true, values: names(metas), submodules: metas}
	table[queryIndexPageIDs] = param{name: "indexpageids", typ: typeFlag}
	table[queryContinue] = param{name: "continue"}
	table[queryRawContinue] = param{name: "rawcontinue", typ: typeFlag}
	table[queryTitles] = param{name: "titles", multi: true, help: helpText{key: "api-pageset-param-titles"}}
	table[queryPageIDs] = param{name: "pageids", typ: typeInteger, multi: true, help: helpText{key: "api-pageset-param-pageids"}}
	table[queryRevIDs] = param{name: "revids", typ: typeInteger, multi: true, help: helpText{key: "api-pageset-param-revids"}}
	// pywikibot does not start without this one.
	table[queryGenerator] = param{name: "generator", typ: typeEnum, submodules: []*module{}, help: helpText{key: "api-pageset-param-generator"}}
	table[queryRedirects] = param{name: "redirects", typ: typeFlag, help: helpText{key: "api-pageset-param-redirects-nogenerator"}}
	table[queryConvertTitles] = param{name: "converttitles", typ: typeFlag, help: helpText{key: "api-pageset-param-converttitles"}}
	return &module{
		name: "query", path: "query", params: table, public: true, cache: cachePublic, run: runQuery,
		answer: pagesAnswer(),
		manual: manual{
			class: "ApiQuery", group: groupAction, pages: []string{"Query", "Meta", "Properties", "Lists"}, reads: true,
			examples: []example{
				{"sign-up", "action=query&meta=authmanagerinfo|tokens&amirequestsfor=create&type=createaccount"},
				{"name", "action=query&list=users&ususers=Example&usprop=cancreate"},
			},
		},
	}
}

// queryRun is one call of action=query.
type queryRun struct {
	c     *call
	parts []*module
	// finished are the names of parts that are done, whether now or in an earlier call.
	finished []string
	// next holds what continues the others, by part.
	next []result.Member
	// limits tells what "max" was taken as.
	limits result.Object
	data   result.Object
}

func runQuery(c *call, args []value, out *result.Object) error {
	q := &c.room.query
	q.c, q.data.Members = c, c.takeMembers(4)
	for _, name := range args[queryMeta].list {
		q.parts = append(q.parts, find(c.api.metas, name))
	}
	for _, name := range args[queryList].list {
		q.parts = append(q.parts, find(c.api.lists, name))
	}
	done, err := finishedParts(args[queryContinue].text)
	if err != nil {
		return err
	}
	source, pages, err := pageSource(args)
	if err != nil {
		return err
	}
	if pages && c.mayNotRead() {
		return fail(mainModule, wire.ReadDenied)
	}
	for _, m := range q.parts {
		if m.needsRead(c) {
			return fail(mainModule, wire.ReadDenied)
		}
	}
	c.query = q
	if pages {
		c.addPages(args, source, &q.data)
	}
	for _, m := range q.parts {
		if err := q.run(m, hasPart(done, m.name)); err != nil {
			return err
		}
	}
	q.finish(args[queryRawContinue].set, out)
	return nil
}

// finishedParts reads which parts an earlier call has finished, separated by bars: what follows "-||".
func finishedParts(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	_, done, ok := strings.Cut(s, "||")
	if !ok || strings.Contains(done, "||") {
		return "", fail("query", wire.BadContinue)
	}
	return done, nil
}

// hasPart reports whether the list has the name. Clients send the list, so it is read where it stands, however long it is.
func hasPart(list, name string) bool {
	for part := range strings.SplitSeq(list, "|") {
		if part == name {
			return true
		}
	}
	return false
}

func (q *queryRun) run(m *module, skip bool) error {
	args, err := q.c.parse(m.path, m.params)
	if err != nil {
		return err
	}
	q.c.cache = min(q.c.cache, m.cache)
	before := len(q.next)
	if !skip {
		if err := m.run(q.c, args, &q.data); err != nil {
			return err
		}
	}
	if len(q.next) == before {
		q.finished = append(q.finished, m.name)
	}
	return nil
}

// continueWith tells how to go on behind what the part gave.
func (q *queryRun) continueWith(part, name, value string) {
	o := &result.Object{}
	o.Text(name, value)
	q.next = append(q.next, result.Named(part, result.Of(o)))
}

// finish puts the answer together.
func (q *queryRun) finish(raw bool, out *result.Object) {
	head := &q.c.head
	q.c.headFirst = len(q.c.warnings) > 0
	if !raw {
		head.Flag("batchcomplete", true)
	}
	switch {
	case len(q.next) == 0:
	case raw:
		head.Child("query-continue", &result.Object{Members: q.next})
	default:
		o := &result.Object{}
		for _, part := range q.next {
			o.Add(part.Value.Object().Members)
		}
		o.Text("continue", "-||"+strings.Join(q.finished, "|"))
		head.Child("continue", o)
	}
	if len(q.limits.Members) > 0 {
		head.Child("limits", &q.limits)
	}
	if len(q.data.Members) > 0 {
		out.Child("query", &q.data)
	}
}

// rowLimit is how many rows a list gives; it tells of "max".
func (q *queryRun) rowLimit(part string, v value) int {
	if v.max {
		q.limits.Number(part, v.number)
	}
	return int(v.number)
}
