// Package settings fills a struct from its defaults, a TOML file, the environment and key=value pairs, and prints the
// manual that the struct's tags carry.
//
// It knows the shape of settings but none of their meaning: which keys exist and what values are right is the business
// of the root package, its only user. It collects every fault and stops at none.
//
// The tags of a field are
//
//	toml     the key's last part; a field without it is no setting
//	manual   what the setting does; a "|" starts a new paragraph
//	default  the value in the form that --set takes: text, number, true or false, JSON for lists and tables
//	choices  the values allowed, separated by commas
//	example  the value shown where the default is empty, in the form of default
//
// A field is a bool, an int64, a kind of string, a type of this package, a list, a table (struct), a list of tables or a
// map of tables.
package settings

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
)

// Key is one setting.
type Key struct {
	// Path is the whole key, for example "server.listen". The part of a map that its owner names is "<name>".
	Path string
	// Manual is what the tag says, its paragraphs separated by "|".
	Manual  string
	Default string
	Example string
	Choices []string

	typ   reflect.Type
	index []int
}

// Section is a table that groups settings.
type Section struct {
	Path   string
	Manual string
	Keys   []Key
}

// Schema is what a struct type says about its settings. It is immutable.
type Schema struct {
	typ      reflect.Type
	sections []Section
}

// SchemaOf reads the tags of the struct that target points to.
func SchemaOf(target any) (*Schema, error) {
	t := reflect.TypeOf(target)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("read settings of %T: not a pointer to a struct", target)
	}
	s := &Schema{typ: t.Elem()}
	for _, f := range fields(t.Elem()) {
		section := Section{Path: f.name, Manual: f.tag("manual")}
		if isTable(f.Type) {
			section.Keys = keysOf(f.Type, f.name+".", f.Index)
		} else {
			section.Keys = []Key{keyOf(f, "", nil)}
		}
		s.sections = append(s.sections, section)
	}
	return s, nil
}

// Sections gives every table of the settings in the order of the struct.
func (s *Schema) Sections() []Section { return s.sections }

// Paths lists every key that can be set, with "<name>" for what its owner names.
func (s *Schema) Paths() []string {
	var out []string
	for _, section := range s.sections {
		for _, k := range section.Keys {
			out = append(out, k.Path)
			if k.typ.Kind() == reflect.Map {
				for _, sub := range keysOf(k.typ.Elem(), k.Path+"."+anyName+".", nil) {
					out = append(out, sub.Path)
				}
			}
		}
	}
	return out
}

// anyName stands for a part of a key that its owner names.
const anyName = "<name>"

func keysOf(t reflect.Type, prefix string, index []int) []Key {
	var out []Key
	for _, f := range fields(t) {
		out = append(out, keyOf(f, prefix, index))
	}
	return out
}

func keyOf(f field, prefix string, index []int) Key {
	k := Key{
		Path: prefix + f.name, Manual: f.tag("manual"), Default: f.tag("default"), Example: f.tag("example"),
		typ: f.Type, index: append(append([]int(nil), index...), f.Index...),
	}
	if c := f.tag("choices"); c != "" {
		k.Choices = strings.Split(c, ",")
	}
	return k
}

// field is a struct field that holds a setting or a table of them.
type field struct {
	reflect.StructField
	name string
}

func (f field) tag(name string) string { return f.Tag.Get(name) }

func fields(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get("toml"); name != "" {
			out = append(out, field{f, name})
		}
	}
	return out
}

func fieldNamed(t reflect.Type, name string) (field, bool) {
	for _, f := range fields(t) {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// isTable tells a table from a struct that reads itself from text.
func isTable(t reflect.Type) bool { return t.Kind() == reflect.Struct && !readsText(t) }

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}
