package actionapi

import (
	"time"
)

// kind is what a node of the result tree is.
type kind uint8

const (
	kindText kind = iota
	kindNumber
	kindFlag    // true or false, written as the format version writes them
	kindBoolean // true or false whatever the format version
	kindNull
	kindObject
	kindList
)

// node is one value of the result tree. No node is changed once the document is written.
type node struct {
	kind   kind
	on     bool
	number int64
	text   string
	object *object
	list   *list
}

// member is one named value of an object.
type member struct {
	name  string
	value node
}

// object is a map with an order.
type object struct {
	members []member
	// content names the member that is the element's text: "*" in format version 1, element text in XML.
	content string
	// item, if set, is the name of the members in XML, which then have their own names as an attribute.
	item string
	// assoc marks a map whose names are data, for the format raw.
	assoc bool
	// memo, if set, keeps what was written of it.
	memo *memo
}

// list is a sequence; item is the name of its elements in XML, empty = "_v".
type list struct {
	items []node
	item  string
	memo  *memo
}

func textNode(s string) node    { return node{kind: kindText, text: s} }
func numberNode(n int64) node   { return node{kind: kindNumber, number: n} }
func flagNode(on bool) node     { return node{kind: kindFlag, on: on} }
func objectNode(o *object) node { return node{kind: kindObject, object: o} }
func listNode(l *list) node     { return node{kind: kindList, list: l} }

// timeNode writes a time as the API does everywhere.
func timeNode(t time.Time) node { return textNode(t.UTC().Format("2006-01-02T15:04:05Z")) }

// textsNode is a list of texts.
func textsNode(texts []string) node {
	l := &list{items: make([]node, len(texts))}
	for i, s := range texts {
		l.items[i] = textNode(s)
	}
	return listNode(l)
}

func (o *object) put(name string, v node)          { o.members = append(o.members, member{name, v}) }
func (o *object) text(name, s string)              { o.put(name, textNode(s)) }
func (o *object) number(name string, n int64)      { o.put(name, numberNode(n)) }
func (o *object) flag(name string, on bool)        { o.put(name, flagNode(on)) }
func (o *object) add(members []member)             { o.members = append(o.members, members...) }
func (o *object) child(name string, child *object) { o.put(name, objectNode(child)) }

// get gives a member's value.
func (o *object) get(name string) (node, bool) {
	for i := range o.members {
		if o.members[i].name == name {
			return o.members[i].value, true
		}
	}
	return node{}, false
}

// textContent is the member that is the element's text.
func (o *object) textContent() (node, bool) {
	if o.content == "" {
		return node{}, false
	}
	return o.get(o.content)
}

func (l *list) append(v node) { l.items = append(l.items, v) }

// shown reports whether format version 1 writes a member at all: false is left out there.
func (n node) shown() bool { return n.kind != kindFlag || n.on }
