// Package schema describes values: which members an object has, which of them are always there, and what may stand in
// them. A description is written as JSON Schema 2020-12, the dialect of OpenAPI 3.1.
//
// It is a vocabulary and nothing else. What an answer of the API looks like, its neighbour internal/actionapi says, beside
// the module that gives the answer; what is sent is checked by nobody here, for that a validator is better.
//
// Descriptions are values: they are built once and may be read by many goroutines.
package schema

import (
	"slices"

	"gatehouse/internal/actionapi/result"
)

// Schema is the description of a value. Zero describes every value there is.
type Schema struct{ keywords []result.Member }

// Node is the description as JSON.
func (s Schema) Node() result.Node { return result.Of(&result.Object{Members: s.keywords}) }

// with adds a keyword.
func (s Schema) with(keyword string, v result.Node) Schema {
	return Schema{append(slices.Clone(s.keywords), result.Named(keyword, v))}
}

func typed(name string) Schema { return Schema{}.with("type", result.Text(name)) }

// About says what people should know of the value.
func (s Schema) About(text string) Schema {
	if text == "" {
		return s
	}
	return s.with("description", result.Text(text))
}

// Example shows a value.
func (s Schema) Example(text string) Schema {
	return s.with("examples", result.Texts([]string{text}))
}

// Default is what a value is where nothing is sent.
func (s Schema) Default(v result.Node) Schema { return s.with("default", v) }

// Deprecated warns whoever begins to use the value.
func (s Schema) Deprecated() Schema { return s.with("deprecated", result.Flag(true)) }

// Text is any text.
func Text() Schema { return typed("string") }

// Pattern is a text that fits a regular expression of ECMAScript.
func Pattern(expression string) Schema { return Text().with("pattern", result.Text(expression)) }

// Time is a time as the API writes it: "2026-11-22T15:41:06Z".
func Time() Schema {
	return Pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$").with("format", result.Text("date-time"))
}

// Secret is a text that is sent and never shown.
func Secret() Schema { return Text().with("format", result.Text("password")) }

// Word is one text.
func Word(text string) Schema { return Text().with("const", result.Text(text)) }

// Words is one of several texts.
func Words(texts ...string) Schema { return Text().with("enum", result.Texts(texts)) }

// Integer is a whole number.
func Integer() Schema { return typed("integer") }

// AtLeast is a whole number that is not below least.
func AtLeast(least int64) Schema { return Integer().with("minimum", result.Number(least)) }

// Between is a whole number that is not below least nor above greatest.
func Between(least, greatest int64) Schema {
	return AtLeast(least).with("maximum", result.Number(greatest))
}

// Decimal is any number.
func Decimal() Schema { return typed("number") }

// Flag is true or false.
func Flag() Schema { return typed("boolean") }

// True is true: what is left out otherwise.
func True() Schema { return Flag().with("const", result.Flag(true)) }

// False is false.
func False() Schema { return Flag().with("const", result.Flag(false)) }

// Null is nothing.
func Null() Schema { return typed("null") }

// List is a list of items.
func List(item Schema) Schema { return typed("array").with("items", item.Node()) }

// EmptyList is a list without items.
func EmptyList() Schema { return typed("array").with("maxItems", result.Number(0)) }

// Map is an object whose names are data.
func Map(value Schema) Schema { return typed("object").with("additionalProperties", value.Node()) }

// MapOf is an object whose names are data that fits a regular expression.
func MapOf(names string, value Schema) Schema {
	return typed("object").with("propertyNames", Schema{}.with("pattern", result.Text(names)).Node()).
		with("additionalProperties", value.Node())
}

// Ref is the description that components/schemas has under the name.
func Ref(name string) Schema {
	return Schema{}.with("$ref", result.Text("#/components/schemas/"+name))
}

// OneOf is a value that fits exactly one of several descriptions.
func OneOf(all ...Schema) Schema { return Schema{}.with("oneOf", list(all)) }

// AnyOf is a value that fits one of several descriptions or more.
func AnyOf(all ...Schema) Schema { return Schema{}.with("anyOf", list(all)) }

func list(all []Schema) result.Node {
	l := &result.List{Items: make([]result.Node, len(all))}
	for i, s := range all {
		l.Items[i] = s.Node()
	}
	return result.OfList(l)
}
