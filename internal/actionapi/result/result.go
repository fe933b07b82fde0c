// Package result is the tree that a module of the API fills with its answer, and the writers that turn such a tree into
// bytes, one for each format. A tree keeps the order in which it was filled. It knows what the formats have in common
// (flags, an element's text, the names of items) and nothing of modules, calls or HTTP: its neighbour internal/actionapi
// fills trees, chooses the writer and sends what it wrote.
//
// A tree is built by one goroutine. Once it is written it does not change, and may be written by any number at once.
package result

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
	kindDecimal // a number that is written as its text
)

// Node is one value of the tree; zero is the empty text.
type Node struct {
	kind   kind
	on     bool
	number int64
	text   string
	object *Object
	list   *List
}

// Member is one named value of an object.
type Member struct {
	Name  string
	Value Node
}

// Object is a map with an order.
type Object struct {
	Members []Member
	// Content names the member that is the element's text: "*" in format version 1, element text in XML.
	Content string
	// Item, if set, is the name of the members in XML, which then have their own names as an attribute.
	Item string
	// Assoc marks a map whose names are data, for the format raw.
	Assoc bool
	// Listed marks a map that format version 2 has as the list of its values.
	Listed bool
	// memo, if set, keeps what was written of it.
	memo *memo
}

// List is a sequence.
type List struct {
	Items []Node
	// Item is the name of its elements in XML; empty = "_v".
	Item string
	memo *memo
}

// Text is a text.
func Text(s string) Node { return Node{kind: kindText, text: s} }

// Number is a whole number.
func Number(n int64) Node { return Node{kind: kindNumber, number: n} }

// Decimal is a number in its JSON spelling, such as "0.8".
func Decimal(s string) Node { return Node{kind: kindDecimal, text: s} }

// Flag is true or false, written as the format version writes them.
func Flag(on bool) Node { return Node{kind: kindFlag, on: on} }

// Boolean is true or false in every format version.
func Boolean(on bool) Node { return Node{kind: kindBoolean, on: on} }

// Null is nothing.
func Null() Node { return Node{kind: kindNull} }

// Of is an object as a value.
func Of(o *Object) Node { return Node{kind: kindObject, object: o} }

// OfList is a list as a value.
func OfList(l *List) Node { return Node{kind: kindList, list: l} }

// Time writes a time as the API does everywhere.
func Time(t time.Time) Node { return Text(t.UTC().Format("2006-01-02T15:04:05Z")) }

// Texts is a list of texts.
func Texts(texts []string) Node {
	l := &List{Items: make([]Node, len(texts))}
	for i, s := range texts {
		l.Items[i] = Text(s)
	}
	return OfList(l)
}

// Named is one member of an object.
func Named(name string, v Node) Member { return Member{name, v} }

// Put adds a member. Whoever adds a name twice gets it twice.
func (o *Object) Put(name string, v Node) { o.Members = append(o.Members, Member{name, v}) }

// Text adds a text.
func (o *Object) Text(name, s string) { o.Put(name, Text(s)) }

// Number adds a whole number.
func (o *Object) Number(name string, n int64) { o.Put(name, Number(n)) }

// Flag adds true or false.
func (o *Object) Flag(name string, on bool) { o.Put(name, Flag(on)) }

// Child adds an object.
func (o *Object) Child(name string, child *Object) { o.Put(name, Of(child)) }

// List adds a list.
func (o *Object) List(name string, l *List) { o.Put(name, OfList(l)) }

// Add adds members as they are.
func (o *Object) Add(members []Member) { o.Members = append(o.Members, members...) }

// Get gives a member's value.
func (o *Object) Get(name string) (Node, bool) {
	for i := range o.Members {
		if o.Members[i].Name == name {
			return o.Members[i].Value, true
		}
	}
	return Node{}, false
}

// values is a Listed map as a list.
func (o *Object) values() *List {
	l := &List{Items: make([]Node, len(o.Members)), Item: o.Item}
	for i := range o.Members {
		l.Items[i] = o.Members[i].Value
	}
	return l
}

// textContent is the member that is the element's text.
func (o *Object) textContent() (Node, bool) {
	if o.Content == "" {
		return Node{}, false
	}
	return o.Get(o.Content)
}

// Object is the object that n holds, nil where it is something else.
func (n Node) Object() *Object { return n.object }

// Append adds an item.
func (l *List) Append(v Node) { l.Items = append(l.Items, v) }

// shown reports whether format version 1 writes a member at all: false is left out there.
func (n Node) shown() bool { return n.kind != kindFlag || n.on }
