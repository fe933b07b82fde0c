package settings

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// decodeRoot takes a whole tree, as a file gives it.
func (d *decoder) decodeRoot(l *Loader, tree map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		if f, known := fieldNamed(l.target.Type(), name); known {
			d.decode(l.target.FieldByIndex(f.Index), keyOf(f, "", nil), tree[name])
			continue
		}
		for _, key := range leaves(name, tree[name]) {
			d.unknown(key, l.schema.Paths())
		}
	}
}

// leaves lists the keys of a tree that nobody knows.
func leaves(key string, v any) []string {
	table, ok := v.(map[string]any)
	if !ok || len(table) == 0 {
		return []string{key}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(table)) {
		out = append(out, leaves(key+"."+name, table[name])...)
	}
	return out
}

// assignment is a value on its way to the key that path names.
type assignment struct {
	schema *Schema
	path   []string
	raw    any
}

// assign puts a value at the end of its path, beginning with v, and reports whether there is such a key.
func (d *decoder) assign(v reflect.Value, a assignment) bool { return d.descend(v, a, Key{}, 0) }

// descend goes on from the part number at of the path; v is what the parts before lead to, and k its key.
func (d *decoder) descend(v reflect.Value, a assignment, k Key, at int) bool {
	if at == len(a.path) {
		d.decode(v, k, a.raw)
		return true
	}
	switch part := a.path[at]; {
	case isTable(v.Type()):
		if f, known := fieldNamed(v.Type(), part); known {
			return d.descend(v.FieldByIndex(f.Index), a, keyOf(f, prefixOf(k), nil), at+1)
		}
	case v.Kind() == reflect.Map && part != "":
		return d.descendMap(v, a, k, at)
	}
	d.unknown(strings.Join(a.path, "."), candidates(a.schema, a.path))
	return false
}

func prefixOf(k Key) string {
	if k.Path == "" {
		return ""
	}
	return k.Path + "."
}

// descendMap changes a copy of one entry and puts it back, since entries of a map cannot be changed in place.
func (d *decoder) descendMap(v reflect.Value, a assignment, k Key, at int) bool {
	name := reflect.ValueOf(a.path[at])
	elem := reflect.New(v.Type().Elem()).Elem()
	d.fillDefaults(elem)
	if old := v.MapIndex(name); old.IsValid() && at+1 < len(a.path) {
		elem.Set(old)
	}
	if !d.descend(elem, a, Key{Path: prefixOf(k) + a.path[at]}, at+1) {
		return false
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	v.SetMapIndex(name, elem)
	return true
}

// candidates are the keys that an unknown one is compared with; a free part takes the name that was given.
func candidates(s *Schema, path []string) []string {
	out := s.Paths()
	for i, key := range out {
		if len(path) > 1 && path[1] != "" {
			out[i] = strings.Replace(key, anyName, path[1], 1)
		}
	}
	return out
}

// pathsIn lists the keys right inside a table.
func pathsIn(t reflect.Type, prefix string) []string {
	var out []string
	for _, f := range fields(t) {
		out = append(out, prefix+f.name)
	}
	return out
}

// shown is raw as a fault may show it: secrets masked, and nothing of a structure that may hold one.
func shown(t reflect.Type, raw any) string {
	text, isText := raw.(string)
	if g, ok := raw.(given); ok {
		text, isText = string(g), true
	}
	switch {
	case raw == nil:
		return "null"
	case t == reflect.TypeFor[SecretURL]() && isText:
		return Show(SecretURL(text))
	case holdsSecret(t):
		return ""
	case isText:
		return Show(text)
	}
	return Show(raw)
}

// holdsSecret reports whether a secret can stand in a value of type t.
func holdsSecret(t reflect.Type) bool {
	switch {
	case t == reflect.TypeFor[Secret](), t == reflect.TypeFor[SecretURL]():
		return true
	case isTable(t):
		return slices.ContainsFunc(fields(t), func(f field) bool { return holdsSecret(f.Type) })
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Map:
		return holdsSecret(t.Elem())
	}
	return false
}
