package actionapi

import (
	"strconv"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// pageSet is what a query says of the pages that it names. No page is kept here, so every one is missing; but special pages
// exist, and titles have a form.
type pageSet struct {
	c          *call
	normalized result.List
	// placed have their places in the order in which they were read: invalid titles and special pages.
	invalid, special []page
	missing          []page
	seen             map[string]bool
	// next is the place of the next page, counted down from -1: nothing that is missing has an id.
	next int
}

// page is one of them: its place and what is said of it.
type page struct {
	id int
	o  *result.Object
}

// pageSource gives the place of the parameter that names pages, false if none does.
func pageSource(args []value) (int, bool, error) {
	source := -1
	for _, i := range []int{queryTitles, queryPageIDs, queryRevIDs} {
		if !args[i].set {
			continue
		}
		if source >= 0 {
			table := [...]string{queryTitles: "titles", queryPageIDs: "pageids", queryRevIDs: "revids"}
			return 0, false, fail("query", wire.Multisource, message.Text(table[i]), message.Text(table[source]))
		}
		source = i
	}
	return source, source >= 0, nil
}

// addPages puts into out what is known of the pages that source names.
func (c *call) addPages(args []value, source int, out *result.Object) {
	s := &pageSet{c: c, next: -1, seen: map[string]bool{}, normalized: result.List{Item: "n"}}
	switch source {
	case queryTitles:
		for _, raw := range args[source].list {
			s.addTitle(raw)
		}
	case queryPageIDs:
		for _, raw := range args[source].list {
			s.addID(raw)
		}
	case queryRevIDs:
		addRevisions(args[source].list, out)
	}
	s.write(args[queryIndexPageIDs].set, out)
}

func (s *pageSet) addTitle(raw string) {
	t, why := s.c.api.spaces.parseTitle(raw)
	o := &result.Object{}
	if !why.IsZero() {
		o.Text("title", raw)
		s.c.addReason(o, "invalidreason", why)
		o.Flag("invalid", true)
		s.invalid = append(s.invalid, s.place(o))
		return
	}
	name := t.String()
	if name != raw {
		n := &result.Object{}
		n.Flag("fromencoded", false)
		n.Text("from", raw)
		n.Text("to", name)
		s.normalized.Append(result.Of(n))
	}
	if s.seen[name] {
		return
	}
	s.seen[name] = true
	o.Number("ns", int64(t.space.id))
	o.Text("title", name)
	if t.space.id >= spaceMain {
		o.Flag("missing", true)
		// The first page is there, though nobody wrote it.
		if name == s.c.api.Site.MainPage {
			o.Flag("known", true)
		}
		s.missing = append(s.missing, page{o: o})
		return
	}
	if !s.c.api.specialPages.has(t) {
		o.Flag("missing", true)
	}
	o.Flag("special", true)
	s.special = append(s.special, s.place(o))
}

// place gives a page the next place.
func (s *pageSet) place(o *result.Object) page {
	p := page{s.next, o}
	s.next--
	return p
}

func (s *pageSet) addID(raw string) {
	id, _ := parseInteger(raw) // every one was read before
	if id < 1 {
		return
	}
	o := &result.Object{}
	o.Number("pageid", id)
	o.Flag("missing", true)
	s.missing = append(s.missing, page{int(id), o})
}

// addRevisions says of every revision that there is none of that id.
func addRevisions(ids []string, out *result.Object) {
	bad := &result.Object{Item: "rev"}
	for _, raw := range ids {
		id, _ := parseInteger(raw)
		if id < 1 {
			continue
		}
		o := &result.Object{}
		o.Number("revid", id)
		o.Flag("missing", true)
		bad.Child(strconv.FormatInt(id, 10), o)
	}
	if len(bad.Members) > 0 {
		out.Child("badrevids", bad)
	}
}

// write puts everything together: what is missing, what is no title, what is special.
func (s *pageSet) write(index bool, out *result.Object) {
	if len(s.normalized.Items) > 0 {
		out.List("normalized", &s.normalized)
	}
	for i := range s.missing {
		if s.missing[i].id == 0 {
			s.missing[i] = s.place(s.missing[i].o)
		}
	}
	pages, ids := &result.Object{Listed: true, Item: "page"}, &result.List{Item: "id"}
	for _, group := range [][]page{s.missing, s.invalid, s.special} {
		for _, p := range group {
			id := strconv.Itoa(p.id)
			pages.Child(id, p.o)
			ids.Append(result.Text(id))
		}
	}
	if len(pages.Members) == 0 {
		return
	}
	if index {
		out.List("pageids", ids)
	}
	out.Child("pages", pages)
}

// addReason puts a text into o: in the error format bc as plain English, else as errors are told.
func (c *call) addReason(o *result.Object, name string, why message.Message) {
	format := c.errorFormat()
	if format == errorFormatBC {
		o.Text(name, message.Plain(why, c.api.english))
		return
	}
	reason := &result.Object{}
	reason.Text("code", wire.Code(why))
	c.addText(reason, why, format)
	o.Child(name, reason)
}

// pagesAnswer is what a query puts under query for the pages that it names.
func pagesAnswer() []schema.Member {
	page := schema.Object(
		schema.May("pageid", schema.AtLeast(1)), schema.May("ns", schema.Integer()), schema.May("title", schema.Text()),
		schema.May("invalidreason", toldSchema(schema.Pattern("^title-invalid-"))),
		schema.May("invalid", schema.True()), schema.May("missing", schema.True()), schema.May("known", schema.True()),
		schema.May("special", schema.True()),
	)
	return []schema.Member{
		schema.May("normalized", schema.List(schema.Object(
			schema.Must("fromencoded", schema.Flag()), schema.Must("from", schema.Text()), schema.Must("to", schema.Text()),
		))),
		schema.May("pageids", schema.List(schema.Pattern("^-?[0-9]+$"))),
		schema.May("pages", schema.List(page).About("There are no pages here: all are missing, invalid or special.")),
		schema.May("badrevids", schema.MapOf("^[0-9]+$", schema.Object(
			schema.Must("revid", schema.AtLeast(1)), schema.Must("missing", schema.True()),
		))),
	}
}
