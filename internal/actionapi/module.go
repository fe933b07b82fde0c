package actionapi

import (
	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/websession"
)

// module is one unit of the API: an action, or a part of action=query. Modules are built once and then only read.
type module struct {
	// name is what selects it, path how errors and warnings call it.
	name, path string
	params     []param
	// token is the type of token it needs, tokenParam the parameter's place in params; "" needs none.
	token      websession.TokenType
	tokenParam int
	// needs are the places of parameters of which one has to be there.
	needs []int
	// writes says that it changes something: not on a read-only site.
	writes bool
	// public modules work without the right to read, on private sites too.
	public bool
	// mustPost modules work by POST only.
	mustPost bool
	// disabled modules answer that they are.
	disabled bool
	cache    cacheMode
	// answer is what it puts into the document, under query if it is action=query or a part of it; schema.Nothing where it is
	// nothing.
	answer []schema.Member
	// manual is what paraminfo and help tell of it.
	manual manual
	// run does the work. It puts its data into c.body or, as a part of a query, into out.
	run func(c *call, args []value, out *result.Object) error
}

// needsRead reports whether the module may be used only by those who may read.
func (m *module) needsRead(c *call) bool {
	return !m.public && c.mayNotRead()
}

// mayNotRead reports whether the caller is kept from what the site has to read.
func (c *call) mayNotRead() bool {
	return c.api.Private && c.creator.Anonymous() || !c.allows(auth.RightRead)
}

// prefixed gives the table with every name behind the prefix.
func prefixed(prefix string, table []param) []param {
	for i := range table {
		table[i].name = prefix + table[i].name
	}
	return table
}

// names lists modules as the values of an enum.
func names(ms []*module) []string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = m.name
	}
	return out
}

func find(ms []*module, name string) *module {
	for _, m := range ms {
		if m.name == name {
			return m
		}
	}
	return nil
}
