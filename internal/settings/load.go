package settings

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Loader fills settings from one source after the other; a later source wins. It belongs to one goroutine.
type Loader struct {
	schema  *Schema
	target  reflect.Value
	origins map[string]string
	faults  Faults
}

// NewLoader prepares to fill the struct that target points to, and puts the defaults of its tags in.
func NewLoader(target any) (*Loader, error) {
	schema, err := SchemaOf(target)
	if err != nil {
		return nil, err
	}
	l := &Loader{schema: schema, target: reflect.ValueOf(target).Elem(), origins: map[string]string{}}
	d := decoder{origin: "default"}
	for _, section := range schema.sections {
		for _, k := range section.Keys {
			if k.Default != "" {
				d.decode(l.target.FieldByIndex(k.index), k, given(k.Default))
			}
		}
	}
	return l, d.faults.Err()
}

// Faults are all faults found so far.
func (l *Loader) Faults() Faults { return l.faults }

// Origin is where the value of key, or the table around it, came from; empty for a default.
func (l *Loader) Origin(key string) string {
	for key = baseKey(key); key != ""; {
		if origin, ok := l.origins[key]; ok {
			return origin
		}
		i := strings.LastIndexByte(key, '.')
		key = key[:max(i, 0)]
	}
	return ""
}

// File takes the settings of a TOML text; path names it in faults.
func (l *Loader) File(path string, text []byte) {
	tree := map[string]any{}
	if _, err := toml.Decode(string(text), &tree); err != nil {
		l.faults = append(l.faults, Fault{Key: path, Want: explainTOML(err)})
		return
	}
	for name, v := range tree {
		l.note(name, v, path)
	}
	d := decoder{origin: path}
	d.decodeRoot(l, tree)
	l.faults = append(l.faults, d.faults...)
}

func explainTOML(err error) string {
	var at toml.ParseError
	if errors.As(err, &at) {
		return fmt.Sprintf("not TOML: line %d: %s", at.Position.Line, at.Message)
	}
	return "not TOML: " + strings.TrimPrefix(err.Error(), "toml: ")
}

// Set takes pairs written as key=value; origin names them in faults. The last of one key wins.
func (l *Loader) Set(pairs []string, origin string) {
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			l.faults = append(l.faults, Fault{Key: pair, Origin: origin, Want: "write key=value"})
			continue
		}
		l.set(strings.TrimSpace(key), value, origin)
	}
}

// Environ takes the variables that begin with prefix: the prefix, then a key in capitals with "_" for ".". Variables
// that are somebody else's (foreign) are passed over, others without a key are faults.
func (l *Loader) Environ(environ []string, prefix string, foreign func(name string) bool) {
	sorted := slices.Clone(environ)
	slices.SortStableFunc(sorted, func(a, b string) int { return strings.Compare(variable(a), variable(b)) })
	for _, pair := range sorted {
		name := variable(pair)
		rest, ours := strings.CutPrefix(name, prefix)
		if !ours || foreign(name) {
			continue
		}
		key, known := l.keyOfVariable(rest)
		if !known {
			l.faults = append(l.faults, Fault{Key: name, Want: "there is no such variable; the nearest is " + l.nearestVariable(name, prefix)})
			continue
		}
		l.set(key, pair[len(name)+1:], name)
	}
}

// variable is the name in NAME=value. A pair without "=", which no system makes, has none.
func variable(pair string) string {
	name, _, ok := strings.Cut(pair, "=")
	if !ok {
		return ""
	}
	return name
}

// VariableName is the part of a variable's name that stands for key.
func VariableName(key string) string { return strings.ToUpper(strings.ReplaceAll(key, ".", "_")) }

func (l *Loader) keyOfVariable(rest string) (string, bool) {
	for _, path := range l.schema.Paths() {
		head, tail, free := strings.Cut(VariableName(path), "<NAME>")
		if !free && head == rest {
			return path, true
		}
		if name, ok := between(rest, head, tail); free && ok {
			return strings.Replace(path, anyName, strings.ToLower(name), 1), true
		}
	}
	return "", false
}

// between is what stands in s between head and tail, if anything.
func between(s, head, tail string) (string, bool) {
	s, ok := strings.CutPrefix(s, head)
	if !ok {
		return "", false
	}
	s, ok = strings.CutSuffix(s, tail)
	return s, ok && s != ""
}

func (l *Loader) nearestVariable(name, prefix string) string {
	var known []string
	for _, path := range l.schema.Paths() {
		known = append(known, prefix+VariableName(path))
	}
	return nearest(name, known)
}

func (l *Loader) set(key, value, origin string) {
	d := decoder{origin: origin}
	if d.assign(l.target, assignment{l.schema, strings.Split(key, "."), given(value)}) {
		maps.DeleteFunc(l.origins, func(k, _ string) bool { return strings.HasPrefix(k, key+".") })
		l.origins[key] = origin
	}
	l.faults = append(l.faults, d.faults...)
}

// note remembers the origin of every key of a tree.
func (l *Loader) note(key string, v any, origin string) {
	l.origins[key] = origin
	if table, ok := v.(map[string]any); ok {
		for name, v := range table {
			l.note(key+"."+name, v, origin)
		}
	}
}

// ResolveSecrets replaces every secret written as file:PATH by what the file holds, without the line's end.
func (l *Loader) ResolveSecrets() { l.resolve(l.target, "") }

func (l *Loader) resolve(v reflect.Value, path string) {
	switch {
	case v.Type() == reflect.TypeFor[Secret](), v.Type() == reflect.TypeFor[SecretURL]():
		l.resolveOne(v, path)
	case isTable(v.Type()):
		for _, f := range fields(v.Type()) {
			l.resolve(v.FieldByIndex(f.Index), strings.TrimPrefix(path+"."+f.name, "."))
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			l.resolve(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	}
}

func (l *Loader) resolveOne(v reflect.Value, path string) {
	file, ok := strings.CutPrefix(v.String(), referencePrefix)
	if !ok {
		return
	}
	secret, err := ReadSecretFile(file)
	if err != nil {
		l.faults = append(l.faults, Fault{
			Key: path, Value: Show(v.String()), Origin: l.Origin(path), Want: err.Error() + "; write file: and the path of a file that can be read",
		})
		return
	}
	v.SetString(secret)
}

const largestSecret = 64 << 10

// ReadSecretFile gives the content of a small file without the end of its last line.
func ReadSecretFile(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if len(text) > largestSecret {
		return "", fmt.Errorf("%s is larger than a secret may be (64 KiB)", path)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}
