package settings

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// given is a value that came as plain text, from the environment or an option. The setting's type says how to read it.
type given string

// decoder puts values into settings and collects what does not fit.
type decoder struct {
	origin string
	faults Faults
}

func (d *decoder) refuse(key string, t reflect.Type, raw any, want string) {
	d.faults = append(d.faults, Fault{Key: key, Value: shown(t, raw), Origin: d.origin, Want: want})
}

// decode puts raw, a tree of TOML or JSON values or a given text, into v. What does not fit leaves v as it was.
func (d *decoder) decode(v reflect.Value, k Key, raw any) {
	t := v.Type()
	switch {
	case readsText(t), t.Kind() == reflect.String:
		d.decodeText(v, k, raw)
	case t.Kind() == reflect.Bool:
		d.decodeBool(v, k, raw)
	case t.Kind() == reflect.Int64:
		d.decodeInt(v, k, raw)
	case t.Kind() == reflect.Slice:
		d.decodeList(v, k, raw)
	case t.Kind() == reflect.Map:
		d.decodeMap(v, k, raw)
	default:
		d.decodeTable(v, k, raw)
	}
}

func (d *decoder) decodeText(v reflect.Value, k Key, raw any) {
	text, ok := raw.(string)
	if g, isGiven := raw.(given); isGiven {
		text, ok = string(g), true
	}
	switch u, reads := v.Addr().Interface().(encoding.TextUnmarshaler); {
	case !ok:
		d.refuse(k.Path, v.Type(), raw, "write a text in quotes"+exampleOf(k))
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		d.refuse(k.Path, v.Type(), raw, "write a text in UTF-8 without NUL")
	case len(k.Choices) > 0 && !slices.Contains(k.Choices, text):
		d.refuse(k.Path, v.Type(), raw, wantChoice(text, k.Choices))
	case reads:
		if err := u.UnmarshalText([]byte(text)); err != nil {
			d.refuse(k.Path, v.Type(), raw, err.Error())
		}
	default:
		v.SetString(text)
	}
}

func wantChoice(text string, choices []string) string {
	quoted := make([]string, len(choices))
	for i, c := range choices {
		quoted[i] = strconv.Quote(c)
	}
	return fmt.Sprintf("write one of %s; the nearest is %q", strings.Join(quoted, ", "), nearest(text, choices))
}

func (d *decoder) decodeBool(v reflect.Value, k Key, raw any) {
	b, ok := raw.(bool)
	if g, isGiven := raw.(given); isGiven {
		b, ok = g == "true", g == "true" || g == "false"
	}
	if !ok {
		d.refuse(k.Path, v.Type(), raw, "write true or false")
		return
	}
	v.SetBool(b)
}

func (d *decoder) decodeInt(v reflect.Value, k Key, raw any) {
	n, err := int64(0), strconv.ErrSyntax
	switch raw := raw.(type) {
	case int64:
		n, err = raw, nil
	case json.Number:
		n, err = strconv.ParseInt(string(raw), 10, 64)
	case given:
		n, err = strconv.ParseInt(string(raw), 10, 64)
	}
	if err != nil {
		d.refuse(k.Path, v.Type(), raw, "write a whole number"+exampleOf(k))
		return
	}
	v.SetInt(n)
}

func (d *decoder) decodeList(v reflect.Value, k Key, raw any) {
	items, ok := structured(raw).([]any)
	if !ok {
		d.refuse(k.Path, v.Type(), raw, d.wantStructure(k, raw, "a list", "[]"))
		return
	}
	before := len(d.faults)
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		at := Key{Path: fmt.Sprintf("%s[%d]", k.Path, i), Choices: k.Choices}
		d.fillDefaults(list.Index(i))
		d.decode(list.Index(i), at, item)
	}
	if len(d.faults) == before {
		v.Set(list)
	}
}

func (d *decoder) decodeMap(v reflect.Value, k Key, raw any) {
	entries, ok := structured(raw).(map[string]any)
	if !ok {
		d.refuse(k.Path, v.Type(), raw, d.wantStructure(k, raw, "a table", "{}"))
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(entries))
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.fillDefaults(elem)
		d.decode(elem, Key{Path: k.Path + "." + name}, entries[name])
		m.SetMapIndex(reflect.ValueOf(name), elem)
	}
	v.Set(m)
}

// decodeTable sets the fields that raw names and leaves the others.
func (d *decoder) decodeTable(v reflect.Value, k Key, raw any) {
	entries, ok := structured(raw).(map[string]any)
	if !ok {
		d.refuse(k.Path, v.Type(), raw, d.wantStructure(k, raw, "a table", "{}"))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		f, known := fieldNamed(v.Type(), name)
		if !known {
			d.unknown(k.Path+"."+name, pathsIn(v.Type(), k.Path+"."))
			continue
		}
		d.decode(v.FieldByIndex(f.Index), keyOf(f, k.Path+".", nil), entries[name])
	}
}

func (d *decoder) unknown(key string, known []string) {
	d.faults = append(d.faults, Fault{Key: key, Origin: d.origin, Want: "there is no such key; the nearest is " + nearest(key, known)})
}

// fillDefaults gives a new table of a list or map what its tags say.
func (d *decoder) fillDefaults(v reflect.Value) {
	if !isTable(v.Type()) {
		return
	}
	for _, f := range fields(v.Type()) {
		if text := f.tag("default"); text != "" {
			d.decode(v.FieldByIndex(f.Index), keyOf(f, "", nil), given(text))
		}
	}
}

// structured is raw as a tree of lists and tables; a given text is read as JSON. What is none comes back as nil.
func structured(raw any) any {
	switch raw := raw.(type) {
	case given:
		v, err := parseJSON(string(raw))
		if err != nil {
			return nil
		}
		return v
	case []map[string]any: // how the TOML reader gives an array of tables
		list := make([]any, len(raw))
		for i, t := range raw {
			list[i] = t
		}
		return list
	}
	return raw
}

// wantStructure says what is right where a list or table was expected, and how the JSON of a given text is broken.
func (d *decoder) wantStructure(k Key, raw any, kind, empty string) string {
	example := exampleOf(k)
	if example == "" {
		example = ", for example " + empty
	}
	g, isGiven := raw.(given)
	if !isGiven {
		return "write " + kind + example
	}
	want := "write " + kind + " as JSON" + example
	if _, err := parseJSON(string(g)); err != nil {
		want += " (" + err.Error() + ")"
	}
	return want
}

// exampleOf ends a sentence with a value that is right.
func exampleOf(k Key) string {
	for _, text := range []string{k.Example, k.Default} {
		if text != "" && text != "[]" && text != "{}" {
			return ", for example " + literal(k, text)
		}
	}
	return ""
}
