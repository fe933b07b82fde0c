package actionapi

import (
	"slices"
	"strings"
	"sync"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// paramType is how a declared parameter is read.
type paramType uint8

const (
	typeText paramType = iota
	typeFlag
	typeEnum
	typeInteger
	typeLimit
	typeTimestamp
	typeUser
	typeSecret   // a text that is never logged
	typePassword // a secret that people type
)

// param declares one parameter of a module. Tables of them are built once.
type param struct {
	// name is what clients send, the module's prefix included.
	name string
	typ  paramType
	// multi takes several values; single ones must not begin with the list separator.
	multi    bool
	required bool
	// sensitive values have to stand in the body of a POST.
	sensitive bool
	// repeats lets a list have one value several times.
	repeats bool
	// values are those of an enum, in declared order.
	values []string
	// all lets "*" stand for every value.
	all bool
	// preset is the value where nothing is sent; empty = none.
	preset string
	// min and max bound integers and limits; high is max for those with apihighlimits. max 0 = unbounded.
	min, max, high int64
	// bounded says that min holds for an integer.
	bounded bool
	// namesOnly refuses addresses for a user.
	namesOnly bool
	// missing is what is told when a required parameter is missing; zero = wire.MissingParam.
	missing wire.Notice

	// What follows is only told (manual.go).

	// subtypes are what a user may be, where it is not the usual.
	subtypes []string
	// help is the parameter's text where it is not the module's own "apihelp-<path>-param-<name>"; ownToo puts the
	// module's own behind it.
	help   helpText
	ownToo bool
	// described says that each value of the enum has a text, "apihelp-<path>-paramvalue-<name>-<value>".
	described bool
	// textsOf is the path whose texts tell of the parameter; empty = the module's own.
	textsOf string
	// submodules are what the values of the enum name.
	submodules []*module
	// blank says that the preset is the empty text.
	blank      bool
	deprecated bool
}

// The number of values a multi-valued parameter takes, and that of those with the right apihighlimits.
const (
	multiLimit     = 50
	multiHighLimit = 500
)

// value is a parsed parameter.
type value struct {
	// set says that it was sent, or has a preset.
	set  bool
	text string
	list []string
	// number is an integer, a limit, or the seconds since 1970 of a timestamp.
	number int64
	// max says that a limit was given as "max".
	max bool
}

// parse reads the parameters of table in their order. The first one that cannot be read ends it with a *usageError.
func (c *call) parse(module string, table []param) ([]value, error) {
	values := c.takeValues(len(table))
	for i := range table {
		if err := c.parseOne(module, &table[i], &values[i]); err != nil {
			return values, err
		}
	}
	return values, nil
}

// room is what nearly every call needs, in one piece that the next call uses again: the call itself, room for its parameters, all
// modules together, and for the members of the objects that every answer has.
type room struct {
	call    call
	query   queryRun
	root    result.Object
	values  [48]value
	members [24]result.Member
}

var rooms = sync.Pool{New: func() any { return new(room) }}

// takeValues gives n empty values, out of the call's room while there is some.
func (c *call) takeValues(n int) []value {
	if n > len(c.free) {
		return make([]value, n)
	}
	values := c.free[:n:n]
	c.free = c.free[n:]
	return values
}

// takeMembers gives an object room for n members, out of the call's room while there is some.
func (c *call) takeMembers(n int) []result.Member {
	if n > len(c.freeMembers) {
		return make([]result.Member, 0, n)
	}
	members := c.freeMembers[:0:n]
	c.freeMembers = c.freeMembers[n:]
	return members
}

// release gives the room back. Nothing of the call is read afterwards.
func (c *call) release() {
	r := c.room
	*r = room{}
	rooms.Put(r)
}

func (c *call) parseOne(module string, p *param, v *value) error {
	s := c.takeDeclared(module, p)
	if s == nil || p.required && s.text == "" {
		return p.absent(module, v)
	}
	v.set, v.text = true, s.text
	if p.deprecated {
		c.deprecated(module, wire.DeprecatedParameter, c.feature(module, p), message.Plaintext(p.name), message.Plaintext(v.text))
	}
	if p.typ == typeFlag {
		return nil
	}
	if p.multi {
		return c.parseMulti(module, p, v)
	}
	if strings.HasPrefix(v.text, listSeparator) {
		return fail(module, wire.NotMulti, message.Plaintext(p.name), message.Plaintext(v.text))
	}
	return c.parseSingle(module, p, v)
}

// takeDeclared gives what was sent for p, nil if nothing was. An array is nothing. Of a flag only its being there counts: no
// word is lost about what was sent with it.
func (c *call) takeDeclared(module string, p *param) *sent {
	s := c.in.take(p.name)
	switch {
	case s == nil:
	case s.isList:
		if p.typ != typeFlag {
			c.warn(mainModule, wire.UnsupportedArray, message.Text(p.name))
		}
		return nil
	case s.repaired && p.typ != typeFlag:
		c.warn(module, wire.BadUTF8, message.Text(p.name))
	}
	return s
}

// feature names a parameter of a module as logs of what is out of date do: "action=paraminfo&mainmodule".
func (c *call) feature(module string, p *param) string {
	m, e := c.api.moduleAt(module, module)
	if e != nil || m.manual.group == "" {
		return p.name
	}
	feature := string(m.manual.group) + "=" + m.name + "&" + p.name
	if strings.Contains(module, "+") {
		return "action=query&" + feature
	}
	return feature
}

func (p *param) absent(module string, v *value) error {
	if p.required {
		return fail(module, p.missing, message.Plaintext(p.name))
	}
	if p.preset == "" {
		return nil
	}
	v.set, v.text = true, p.preset
	if p.multi {
		v.list = strings.Split(p.preset, "|")
	}
	if p.typ == typeInteger || p.typ == typeLimit {
		v.number, _ = parseInteger(p.preset)
	}
	return nil
}

func (c *call) parseSingle(module string, p *param, v *value) error {
	switch p.typ {
	case typeEnum:
		if !slices.Contains(p.values, v.text) {
			return fail(module, wire.BadValueEnum, message.Plaintext(p.name), message.Plaintext(v.text),
				message.List(message.ListText, plaintexts(p.values)...), message.Num(int64(len(p.values))))
		}
	case typeInteger:
		return c.parseInteger(module, p, v)
	case typeLimit:
		return c.parseLimit(module, p, v)
	case typeTimestamp:
		return c.parseTimestamp(module, p, v)
	case typeUser:
		return c.parseUser(module, p, v)
	}
	return nil
}

// parseMulti splits a list. What is not among the values of an enum is dropped with a warning.
func (c *call) parseMulti(module string, p *param, v *value) error {
	limit, n := multiLimit, countMulti(v.text)
	if n > limit && c.allows(auth.RightAPIHighLimits) {
		limit = multiHighLimit
	}
	if n > limit {
		return tooMany(module, p.name, limit)
	}
	v.list = splitMulti(v.text)
	if p.all && len(v.list) == 1 && v.list[0] == "*" {
		v.list = p.values
		return nil
	}
	switch p.typ {
	case typeEnum:
		c.keepKnown(module, p, v)
	case typeInteger:
		for _, s := range v.list {
			if _, ok := parseInteger(s); !ok {
				return fail(module, wire.BadInteger, message.Plaintext(p.name), message.Plaintext(s))
			}
		}
	}
	if !p.repeats {
		v.list = unique(v.list)
	}
	return nil
}

func (c *call) keepKnown(module string, p *param, v *value) {
	var unknown []string
	v.list = slices.DeleteFunc(v.list, func(s string) bool {
		if slices.Contains(p.values, s) {
			return false
		}
		unknown = append(unknown, s)
		return true
	})
	if len(unknown) == 0 {
		return
	}
	f := c.warn(module, wire.UnrecognizedValues, message.Plaintext(p.name), message.Plaintext(v.text),
		message.List(message.ListComma, plaintexts(unknown)...), message.Num(int64(len(unknown))))
	f.data = []result.Member{result.Named("values", result.Texts(unknown))}
}

// splitMulti splits at bars, or at the separator that the value begins with. Nothing, or the separator alone, has no parts.
func splitMulti(s string) []string {
	if s == "" || s == listSeparator {
		return nil
	}
	if rest, ok := strings.CutPrefix(s, listSeparator); ok {
		return strings.Split(rest, listSeparator)
	}
	return strings.Split(s, "|")
}

// countMulti is how many parts splitMulti gives, without making them.
func countMulti(s string) int {
	if s == "" || s == listSeparator {
		return 0
	}
	if rest, ok := strings.CutPrefix(s, listSeparator); ok {
		return strings.Count(rest, listSeparator) + 1
	}
	return strings.Count(s, "|") + 1
}

// unique removes repetitions, keeping the order. Lists are short: the limits were checked before.
func unique(ss []string) []string {
	kept := ss[:0]
	for _, s := range ss {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

func plaintexts(ss []string) []message.Param {
	out := make([]message.Param, len(ss))
	for i, s := range ss {
		out[i] = message.Plaintext(s)
	}
	return out
}
