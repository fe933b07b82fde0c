package schema

import "gatehouse/internal/actionapi/result"

// Member is one member of an object.
type Member struct {
	Name  string
	Value Schema
	// Always says that it is never left out.
	Always bool
}

// Must is a member that is always there.
func Must(name string, value Schema) Member { return Member{name, value, true} }

// May is a member that may be left out.
func May(name string, value Schema) Member { return Member{Name: name, Value: value} }

// Nothing is no members, of an answer that has none of its own.
func Nothing() []Member { return []Member{} }

// Optional gives the members as ones that may be left out.
func Optional(members []Member) []Member {
	out := make([]Member, len(members))
	for i, m := range members {
		out[i] = May(m.Name, m.Value)
	}
	return out
}

// Object is an object with these members and no others.
func Object(members ...Member) Schema {
	return open(members).with("additionalProperties", result.Flag(false))
}

// Open is an object with these members, and others that fit rest.
func Open(rest Schema, members ...Member) Schema {
	return open(members).with("additionalProperties", rest.Node())
}

func open(members []Member) Schema {
	properties := &result.Object{}
	var always []string
	for _, m := range members {
		properties.Put(m.Name, m.Value.Node())
		if m.Always {
			always = append(always, m.Name)
		}
	}
	s := typed("object").with("properties", result.Of(properties))
	if always != nil {
		s = s.with("required", result.Texts(always))
	}
	return s
}

// NeedsOneOf says that at least one of the members has to be there.
func (s Schema) NeedsOneOf(names ...string) Schema {
	all := make([]Schema, len(names))
	for i, name := range names {
		all[i] = Schema{}.with("required", result.Texts([]string{name}))
	}
	return s.with("anyOf", list(all))
}

// Case is one of several descriptions that a member with a word of its own tells apart.
type Case struct {
	Word string
	// Component is the name of the description in components/schemas.
	Component string
}

// Cases is an object whose member tells which of the descriptions is its own.
func Cases(member string, cases ...Case) Schema {
	all := make([]Schema, len(cases))
	mapping := &result.Object{}
	for i, c := range cases {
		all[i] = Ref(c.Component)
		mapping.Text(c.Word, "#/components/schemas/"+c.Component)
	}
	discriminator := &result.Object{}
	discriminator.Text("propertyName", member)
	discriminator.Child("mapping", mapping)
	return typed("object").with("oneOf", list(all)).with("discriminator", result.Of(discriminator))
}
