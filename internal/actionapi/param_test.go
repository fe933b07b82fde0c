package actionapi

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/username"
	"gatehouse/internal/wire"
)

// parsing gives a call that can parse and nothing else.
func parsing(t testing.TB, query string, groups ...string) *call {
	t.Helper()
	in, err := read(t, "GET", query, "", "")
	must(t, err)
	a := &api{Config: Config{Groups: auth.DefaultGroups(), Names: username.NewRules(username.Options{})}}
	c := &call{api: a, in: in, began: time.Unix(1_700_000_000, 0)}
	if groups != nil {
		c.creator.Account = auth.Account{ID: 1, Groups: groups}
	}
	return c
}

func TestParamTypes(t *testing.T) {
	enum := param{name: "p", typ: typeEnum, values: []string{"a", "b"}}
	multi := param{name: "p", typ: typeEnum, values: []string{"a", "b", "c"}, multi: true, all: true}
	list := param{name: "p", multi: true}
	integer := param{name: "p", typ: typeInteger}
	atLeast := param{name: "p", typ: typeInteger, bounded: true}
	limit := param{name: "p", typ: typeLimit, preset: "10", min: 1, max: 500, high: 5000}
	when := param{name: "p", typ: typeTimestamp}
	user := param{name: "p", typ: typeUser}
	tests := []struct {
		about string
		p     param
		query string
		group string
		want  value
		code  string // of the error
		warn  string // of the warning
	}{
		{about: "flag absent", p: param{name: "p", typ: typeFlag}, query: "P=1"},
		{about: "flag false", p: param{name: "p", typ: typeFlag}, query: "p=false", want: value{set: true, text: "false"}},
		{about: "flag repaired", p: param{name: "p", typ: typeFlag}, query: "p=%01", want: value{set: true, text: "\uFFFD"}},
		{about: "flag as array", p: param{name: "p", typ: typeFlag}, query: "p[]=1"},
		{about: "text", p: param{name: "p"}, query: "p=x|y", want: value{set: true, text: "x|y"}},
		{about: "text empty", p: param{name: "p"}, query: "p=", want: value{set: true}},
		{about: "text like a list", p: param{name: "p"}, query: "p=%1Fx", want: value{set: true, text: "\x1fx"}, code: "badvalue"},
		{about: "text repaired", p: param{name: "p"}, query: "p=%01", want: value{set: true, text: "\uFFFD"}, warn: "badutf8"},
		{about: "array", p: param{name: "p"}, query: "p[]=x", warn: "unsupportedarray"},
		{about: "preset", p: param{name: "p", preset: "x"}, want: value{set: true, text: "x"}},
		{about: "required", p: param{name: "p", required: true}, code: "missingparam"},
		{about: "required, empty", p: param{name: "p", required: true}, query: "p=", code: "missingparam"},
		{about: "required, array", p: param{name: "p", required: true}, query: "p[]=x", code: "missingparam", warn: "unsupportedarray"},
		{about: "required by another code", p: param{name: "p", required: true, missing: wire.NoToken}, code: "notoken"},
		{about: "enum", p: enum, query: "p=b", want: value{set: true, text: "b"}},
		{about: "enum, case", p: enum, query: "p=B", want: value{set: true, text: "B"}, code: "badvalue"},
		{about: "enum, empty", p: enum, query: "p=", want: value{set: true}, code: "badvalue"},
		{about: "multi", p: multi, query: "p=c|a|c", want: value{set: true, text: "c|a|c", list: []string{"c", "a"}}},
		{about: "multi, all", p: multi, query: "p=*", want: value{set: true, text: "*", list: []string{"a", "b", "c"}}},
		{about: "multi, none", p: multi, query: "p=", want: value{set: true}},
		{about: "multi, unknown", p: multi, query: "p=a|x|", want: value{set: true, text: "a|x|", list: []string{"a"}}, warn: "unrecognizedvalues"},
		{about: "list by U+001F", p: list, query: "p=%1Fa|b%1Fc", want: value{set: true, text: "\x1fa|b\x1fc", list: []string{"a|b", "c"}}},
		{about: "list, the separator alone", p: list, query: "p=%1F", want: value{set: true, text: "\x1f"}},
		{about: "list, empty parts", p: list, query: "p=%1F%1Fa", want: value{set: true, text: "\x1f\x1fa", list: []string{"", "a"}}},
		{about: "multi by U+001F, unknown", p: multi, query: "p=%1Fa%1Fa|b", want: value{set: true, text: "\x1fa\x1fa|b", list: []string{"a"}}, warn: "unrecognizedvalues"},
		{about: "multi, all and more", p: multi, query: "p=*|a", want: value{set: true, text: "*|a", list: []string{"a"}}, warn: "unrecognizedvalues"},
		{about: "list, no all", p: list, query: "p=*", want: value{set: true, text: "*", list: []string{"*"}}},
		{about: "list, repetitions count", p: list, query: "p=" + strings.Repeat("a|", 51), code: "toomanyvalues"},
		{about: "list, most", p: list, query: "p=" + strings.Repeat("a|", 49) + "a", want: value{set: true, text: strings.Repeat("a|", 49) + "a", list: []string{"a"}}},
		{about: "list, too many", p: list, query: "p=" + strings.Repeat("a|", 50) + "a", code: "toomanyvalues"},
		{about: "list, more for some", p: list, query: "p=" + strings.Repeat("a|", 499) + "a", group: "bot",
			want: value{set: true, text: strings.Repeat("a|", 499) + "a", list: []string{"a"}}},
		{about: "list, too many for them", p: list, query: "p=" + strings.Repeat("a|", 500) + "a", group: "bot", code: "toomanyvalues"},
		{about: "integer", p: integer, query: "p=-12", want: value{set: true, text: "-12", number: -12}},
		{about: "integer with plus", p: integer, query: "p=%2B12", want: value{set: true, text: "+12", number: 12}},
		{about: "integer, huge", p: integer, query: "p=99999999999999999999", want: value{set: true, text: "99999999999999999999", number: math.MaxInt64}},
		{about: "integer, broken", p: integer, query: "p=1.5", code: "badinteger"},
		{about: "integer, empty", p: integer, query: "p=", code: "badinteger"},
		{about: "integer, signs", p: integer, query: "p=--1", code: "badinteger"},
		{about: "bound", p: atLeast, query: "p=0", want: value{set: true, text: "0"}},
		{about: "below the bound", p: atLeast, query: "p=-1", want: value{set: true, text: "-1"}, warn: "outofrange"},
		{about: "limit preset", p: limit, want: value{set: true, text: "10", number: 10}},
		{about: "limit", p: limit, query: "p=500", want: value{set: true, text: "500", number: 500}},
		{about: "limit above", p: limit, query: "p=501", want: value{set: true, text: "501", number: 500}, warn: "outofrange"},
		{about: "limit below", p: limit, query: "p=0", want: value{set: true, text: "0", number: 1}, warn: "outofrange"},
		{about: "limit max", p: limit, query: "p=max", want: value{set: true, text: "max", number: 500, max: true}},
		{about: "limit max for some", p: limit, query: "p=max", group: "sysop", want: value{set: true, text: "max", number: 5000, max: true}},
		{about: "limit for some", p: limit, query: "p=5001", group: "sysop", want: value{set: true, text: "5001", number: 5000}, warn: "outofrange"},
		{about: "limit, broken", p: limit, query: "p=many", code: "badinteger"},
		{about: "time", p: when, query: "p=2024-02-29T12:00:00Z", want: value{set: true, text: "2024-02-29T12:00:00Z", number: 1709208000}},
		{about: "time, digits", p: when, query: "p=20240229120000", want: value{set: true, text: "20240229120000", number: 1709208000}},
		{about: "time, seconds", p: when, query: "p=1709208000", want: value{set: true, text: "1709208000", number: 1709208000}},
		{about: "time, now", p: when, query: "p=now", want: value{set: true, text: "now", number: 1_700_000_000}},
		{about: "time, empty", p: when, query: "p=", want: value{set: true, number: 1_700_000_000}, warn: "unclearnowtimestamp"},
		{about: "time, broken", p: when, query: "p=2024-02-30T12:00:00Z", code: "badtimestamp"},
		{about: "user", p: user, query: "p=ann_b", want: value{set: true, text: "Ann b"}},
		{about: "user, address", p: user, query: "p=192.0.2.1", want: value{set: true, text: "192.0.2.1"}},
		{about: "user, address where there must be a name", p: param{name: "p", typ: typeUser, namesOnly: true}, query: "p=192.0.2.1", code: "baduser"},
		{about: "user, broken", p: user, query: "p=%23", code: "baduser"},
	}
	for _, tt := range tests {
		c := parsing(t, tt.query)
		if tt.group != "" {
			c = parsing(t, tt.query, tt.group)
		}
		got, err := c.parse("m", []param{tt.p})
		var e *usageError
		code := ""
		if errors.As(err, &e) {
			code = e.code()
		}
		if code != tt.code {
			t.Errorf("%s: error %q, want %q", tt.about, code, tt.code)
		}
		if code == "" && !reflect.DeepEqual(got[0], tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.about, got[0], tt.want)
		}
		warned := ""
		for i := range c.warnings {
			warned += c.warnings[i].code()
		}
		if warned != tt.warn {
			t.Errorf("%s: warned %q, want %q", tt.about, warned, tt.warn)
		}
	}
}

// TestWhoWarns: what is said of a parameter is filed under its module, but for arrays, which never get that far.
func TestWhoWarns(t *testing.T) {
	c := parsing(t, "a[]=x&b=%01&c=x|y")
	_, err := c.parse("query+m", []param{{name: "a"}, {name: "b"}, {name: "c", typ: typeEnum, multi: true, values: []string{"x"}}})
	must(t, err)
	var got []string
	for i := range c.warnings {
		got = append(got, c.warnings[i].module+" "+c.warnings[i].code())
	}
	if want := []string{"main unsupportedarray", "query+m badutf8", "query+m unrecognizedvalues"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFirstParameterDecides(t *testing.T) {
	c := parsing(t, "b=x&a=x")
	_, err := c.parse("m", []param{{name: "z", required: true}, {name: "a", typ: typeInteger}, {name: "b", typ: typeEnum}})
	var e *usageError
	if !errors.As(err, &e) || e.code() != "missingparam" {
		t.Errorf("got %v", err)
	}
}

func FuzzParams(f *testing.F) {
	for _, s := range []string{"1", "max", "-99999999999999999999", "\x1f", "a|b|\x1f", "now", "20240101000000", "2024-01-01", "User:x", "#"} {
		f.Add(s)
	}
	table := []param{
		{name: "p"}, {name: "p", typ: typeFlag}, {name: "p", multi: true}, {name: "p", typ: typeEnum, values: []string{"a"}},
		{name: "p", typ: typeEnum, multi: true, all: true, values: []string{"a", "b"}}, {name: "p", typ: typeInteger, bounded: true},
		{name: "p", typ: typeLimit, min: 1, max: 500, high: 5000}, {name: "p", typ: typeTimestamp}, {name: "p", typ: typeUser},
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range table {
			c := parsing(t, form("", "p", text).Encode())
			got, err := c.parse("m", table[i:i+1])
			var e *usageError
			if err != nil && !errors.As(err, &e) {
				t.Fatalf("type %d of %q: %v", table[i].typ, text, err)
			}
			v := got[0]
			if table[i].typ == typeLimit && err == nil && (v.number < 1 || v.number > 500) {
				t.Errorf("limit %q became %d", text, v.number)
			}
			if len(v.list) > multiLimit && err == nil {
				t.Errorf("%q gave %d values", text, len(v.list))
			}
		}
	})
}
