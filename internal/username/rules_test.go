package username

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// refused is below every level that judges.
const refused = None

// row is one typed name, its canonical form and the highest level it reaches.
type row struct {
	raw   string
	want  Name
	level Rigor
}

func fine(raw string, want Name) row { return row{raw, want, Creatable} }

// kept is a name that may exist but is not for new accounts.
func kept(raw string, want Name) row { return row{raw, want, Usable} }

func reserved(raw string, want Name) row { return row{raw, want, Valid} }

func bad(raws ...string) []row {
	var out []row
	for _, raw := range raws {
		out = append(out, row{raw: raw, level: refused})
	}
	return out
}

func same(names ...string) []row {
	var out []row
	for _, n := range names {
		out = append(out, fine(n, Name(n)))
	}
	return out
}

func checkRows(t *testing.T, r *Rules, rows []row) {
	t.Helper()
	for _, c := range rows {
		for _, level := range []Rigor{Valid, Usable, Creatable} {
			got, ok := r.Canonical(c.raw, level)
			want, wantOK := c.want, level <= c.level
			if !wantOK {
				want = ""
			}
			if got != want || ok != wantOK {
				t.Errorf("Canonical(%+q, %d) = %+q, %v; want %+q, %v", c.raw, level, got, ok, want, wantOK)
			}
		}
	}
}

func TestBlanksAndMarks(t *testing.T) {
	r := NewRules(Options{})
	var rows []row
	for _, raw := range []string{"foo", "Foo", "  foo  ", "_foo_", "Foo ", " _ foo _", "\u200efoo", "foo\u00a0"} {
		rows = append(rows, fine(raw, "Foo"))
	}
	for _, blank := range blanks() {
		rows = append(rows, fine("foo"+blank+"bar", "Foo bar"), fine(blank+"foo"+blank+blank+"bar"+blank, "Foo bar"))
	}
	for _, mark := range []rune{0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E} {
		rows = append(rows, fine("foo"+string(mark)+"bar", "Foobar"))
	}
	checkRows(t, r, append(rows, bad("", " ", "   ", "_", "\u3000", "\u200e", "\u202e _")...))
}

// blanks are all characters that count as a blank.
func blanks() []string {
	out := []string{" ", "_", "\u00a0", "\u1680", "\u180e", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"}
	for c := rune(0x2000); c <= 0x200A; c++ {
		out = append(out, string(c))
	}
	return out
}

func TestPrefixes(t *testing.T) {
	r := NewRules(Options{SiteName: "My Site", Interwiki: []string{"mw", "Other_wiki", "user"}})
	rows := []row{
		fine("User:Foo", "Foo"), fine("user:foo", "Foo"), fine("USER : foo", "Foo"), fine("_user_:_foo", "Foo"),
		fine("User&colon;foo", "Foo"), fine("User:\u00dfx", "Ssx"),
		kept("Foo:x", "Foo:x"), kept("http:foo", "Http:foo"), kept("w:Foo", "W:Foo"), kept("Foo:", "Foo:"),
		kept("Foo@x", "Foo@x"), kept("Foo : x", "Foo : x"), kept("user:foo:x", "Foo:x"), kept("Portal:x", "Portal:x"),
		kept("Othersite:x", "Othersite:x"), kept("Foo:Talk:x", "Foo:Talk:x"), kept("someone@client.example", "Someone@client.example"),
	}
	rows = append(rows, bad(":Foo", "::Foo", ":", " :Foo", "User:", "User::Foo", "User: :Foo", "User:User:Foo", "User:Talk:Foo",
		"User:mw:Foo", "mw:Foo", "MW : Foo", "other wiki:x", "My site:x", "my_site : x", "MY SITE TALK:x",
		"http://client.example/")...)
	for _, ns := range []string{
		"Talk", "User talk", "Project", "Project talk", "File", "File talk", "Image", "Image talk", "MediaWiki", "MediaWiki talk",
		"Template", "Template talk", "Help", "Help talk", "Category", "Category talk", "Special", "Media",
	} {
		under := strings.ReplaceAll(ns, " ", "_")
		rows = append(rows, bad(ns+":x", strings.ToLower(ns)+":x", strings.ToUpper(ns)+" : x", under+":x", ns+":")...)
	}
	checkRows(t, r, rows)
}

func TestPrefixesByDefault(t *testing.T) {
	checkRows(t, NewRules(Options{}), []row{
		kept("My Site:x", "My Site:x"), kept("mw:Foo", "Mw:Foo"), fine("User:x", "X"), kept("Talks:x", "Talks:x"),
	})
	checkRows(t, NewRules(Options{SiteName: "User"}), []row{fine("User:x", "X"), {raw: "user talk:x"}})
}

func TestCharacters(t *testing.T) {
	r := NewRules(Options{})
	rows := same("*foo", "!Foo", "$x", "^foo", "`x", `\x`, `Foo"bar`, "Foo'bar", "Foo?", "Foo+bar", "Foo;bar", "Foo,bar", "(foo)",
		"-foo", "-1", "0", "%4", "%zz", "%", "Per%c", "Foo..", "Foo~~", "...", "1.2.3", "A.b.c.d", "'''Bold'''", "12345678",
		"Emoji \U0001F600", "\U0001F600", "Un\u0378assigned", "\uff76ana", "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627",
		"Plane fifteen \U000F0000", "Signs \u0600\u06dd", "&", "&amp", "Foo&bar", "Foo&;", "& a;")
	for c := range 0x20 {
		rows = append(rows, bad("Foo"+string(rune(c))+"x")...)
	}
	rows = append(rows, bad("#", "#x", "Foo#x", "Foo|bar", "Foo[bar", "Foo]", "Foo{x", "Foo}", "Foo<", "Foo>", "Foo/bar", "/x", "x/",
		"Foo\x7f", "Foo\u0085x", "Foo\u009fx", "Foo\ufffdx", "Foo\xffx", "Foo\xed\xa0\x80", "Foo\xc0\xafbar",
		"%41", "Per%cent", "foo%2Fbar", "foo%aF", "~~~", "~~~~x", "Foo~~~x", ".", "..", "./x", "../x", "x/.", "x/..", "a/./b", "a/../b",
		"Foo\u200bx", "Foo\u200cx", "Foo\u200dx", "Foo\ue000x", "Foo\uf8ffx",
		"{{Template}}", "<script>alert(1)</script>", "x <nowiki>")...)
	rows = append(rows, kept("Foo=bar", "Foo=bar"), kept("~~", "~~"), kept("~", "~"), kept("~2024-1", "~2024-1"), kept("~x", "~x"))
	checkRows(t, r, rows)
}

func TestReferences(t *testing.T) {
	checkRows(t, NewRules(Options{}), append([]row{
		fine("&amp;", "&"), fine("Foo&eacute;x", "Foo\u00e9x"), fine("&eacute;x", "\u00c9x"), fine("a&nbsp;b", "A b"),
		fine("a&lrm;b", "Ab"), fine("a&semi;b", "A;b"), fine("a&amp;b&amp;c", "A&b&c"), fine("e&DownBreve;x", "\u0206x"),
		fine("&szlig;x", "Ssx"), fine("Amp&amp;amp", "Amp&amp"), fine("a&AMP;b", "A&b"),
	}, bad("&#65;", "&#x41;", "Foo&bar;", "foo&lt;x", "foo&num;x", "foo&amp;lt;", "foo&notit;x", "foo&ampx;", "foo&\u00e9;",
		"a&Tab;b", "a&am\u200ep;b", "&shy;", "a&amp;amp;b", "a&sol;b")...))
}

func TestInvisible(t *testing.T) {
	visible, parity := NewRules(Options{}), NewRules(Options{AllowInvisible: true})
	for _, c := range []rune{
		0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x180B, 0x2060, 0x2064, 0x2066, 0x2069, 0x206F, 0x2800, 0x3164, 0xFDD0, 0xFDEF,
		0xFE00, 0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9, 0xFFFB, 0xFFFE, 0xFFFF, 0x1D173, 0x1FFFF, 0xE0001, 0xE0041, 0xE0100, 0x10FFFF,
	} {
		name := "Foo" + string(c) + "bar"
		checkRows(t, visible, bad(name))
		checkRows(t, parity, same(name))
	}
	checkRows(t, parity, bad("Foo\u200bbar", "Foo\ue000bar"))
}

func TestAddresses(t *testing.T) {
	checkRows(t, NewRules(Options{}), append(same("1.2.3", "203.0.113.9.1", "Name 203.0.113.9", "1.2.3.4.example", "1.2.3.4000",
		"1.2.3.xx", "1.2.xxx.4", "1.2.3.4-", "1.2.3.4-x", "1-2", "1.2.3.4 5.6.7.8"),
		bad("1.2.3.4", "300.300.300.300", "203.0.113.09", "001.002.003.004", "1.2.3.xxx", "::1", "2001:db8::1", "fe80::1", "1::",
			"2001:DB8:0:0:0:0:0:1", "1.2.3.4/24", "2001:db8::/32", "1.2.3.4-5.6.7.8", "1.2.3.4 - 5.6.7.8", "300.1.1.1-300.1.1.2",
			"2001:db8::1-2001:db8::2", "User:1.2.3.4", " 1.2.3.4 ", "fe80::1%lo")...))
}

func TestReserved(t *testing.T) {
	r := NewRules(Options{Reserved: []string{"house_bot", "bad#one"}})
	var rows []row
	for _, n := range []string{
		"MediaWiki default", "Conversion script", "Maintenance script", "Template namespace initialisation script", "ScriptImporter",
		"Delete page script", "Move page script", "Command line script", "Unknown user", "Redirect fixer", "System messenger",
		"Proxy blocker", "DNSBL", "MediaWiki spam cleanup", "MediaWiki automatic change", "House bot",
	} {
		rows = append(rows, reserved(n, Name(n)), reserved("user:"+strings.ReplaceAll(n, " ", "_"), Name(n)))
	}
	rows = append(rows, same("Unknown User", "Dnsbl", "Double-redirect-fixer", "Abuse filter", "House Bot")...)
	checkRows(t, r, append(rows, reserved("unknown user", "Unknown user")))
}

func TestLengths(t *testing.T) {
	a := func(n int) string { return strings.Repeat("A", n) }
	e := func(n int) string { return "A" + strings.Repeat("\u00e9", n) }
	checkRows(t, NewRules(Options{}), append([]row{
		fine(a(235), Name(a(235))), kept(a(236), Name(a(236))), kept(a(255), Name(a(255))), kept(a(255)+"_", Name(a(255))),
		fine(strings.Repeat("\u00e9", 117), Name("\u00c9"+strings.Repeat("\u00e9", 116))),
		kept(strings.Repeat("\u00e9", 118), Name("\u00c9"+strings.Repeat("\u00e9", 117))),
		kept(e(127), Name(e(127))), fine("User:"+a(235), Name(a(235))), fine(strings.Repeat(" ", maxInput-1)+"x", "X"),
	}, bad(a(256), e(128), strings.Repeat("\u00e9", 128), "\u0390"+a(253), a(300), strings.Repeat(" ", maxInput)+"x")...))
}

func TestNone(t *testing.T) {
	r := NewRules(Options{})
	for raw, want := range map[string]Name{
		"foo_bar": "Foo bar", "User:foo": "Foo", "user:foo": "Foo", "talk:foo": "Talk:foo", "1.2.3.4": "1.2.3.4", "a/b": "A/b",
		"~2024-1": "~2024-1", "\u00dfx": "Ssx",
	} {
		if got, ok := r.Canonical(raw, None); got != want || !ok {
			t.Errorf("Canonical(%+q, None) = %+q, %v; want %+q", raw, got, ok, want)
		}
	}
	for _, raw := range []string{"", "#", "a#b", "a\xff", "User:"} {
		if got, ok := r.Canonical(raw, None); ok || got != "" {
			t.Errorf("Canonical(%+q, None) = %+q, %v; want it refused", raw, got, ok)
		}
	}
}

func TestCaseMatters(t *testing.T) {
	r := NewRules(Options{})
	a, _ := r.Canonical("fooBar", Creatable)
	b, _ := r.Canonical("foobar", Creatable)
	if a == b || a != "FooBar" {
		t.Errorf("got %q and %q: only the first letter's case is folded", a, b)
	}
}

func TestNormalForm(t *testing.T) {
	checkRows(t, NewRules(Options{}), []row{
		fine("Cafe\u0301", "Caf\u00e9"), fine("Caf\u00e9", "Caf\u00e9"), fine("e\u200e\u0301x", "\u00c9x"), fine("\u212aelvin", "Kelvin"),
	})
}

// stable fails unless a name that Canonical gave is its own canonical form, at every level that raw reached.
func stable(r *Rules, raw string) error {
	for _, level := range []Rigor{Valid, Usable, Creatable} {
		name, ok := r.Canonical(raw, level)
		if !ok {
			if name != "" {
				return fmt.Errorf("%+q is refused with the name %+q", raw, name)
			}
			continue
		}
		again, ok := r.Canonical(string(name), level)
		if !ok || again != name {
			return fmt.Errorf("%+q gives %+q, which gives %+q, %v", raw, name, again, ok)
		}
		if s := string(name); !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) || len(s) > maxBytes || strings.ContainsAny(s, "_/#<>[]{}|\n") {
			return fmt.Errorf("%+q gives %+q", raw, name)
		}
		if _, ok := r.Canonical(raw, level-1); !ok {
			return fmt.Errorf("%+q reaches level %d and not the one below", raw, level)
		}
	}
	return nil
}

func TestStable(t *testing.T) {
	r := NewRules(Options{SiteName: "My Site", Interwiki: []string{"mw"}})
	pieces := rapid.SampledFrom([]string{
		"User", ":", "mw", "My site", "talk", "_", " ", "&", "amp", ";", "eacute", "%", "4", "1", ".", "xxx", "~", "=", "i", "\u0307", "\u0301",
		"\u0345", "\u00df", "\u0149", "\u01c6", "\u0390", "\u1fb7", "\ufb03", "\u200e", "\u3000", "\u00ad", "\U00010428", "x", "A", "\u1100", "\u1161",
	})
	rapid.Check(t, func(t *rapid.T) {
		raw := strings.Join(rapid.SliceOfN(rapid.OneOf(pieces, rapid.StringN(0, 3, -1)), 0, 8).Draw(t, "pieces"), "")
		if err := stable(r, raw); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"foo", "User:ß", "&amp;", "1.2.3.4-5.6.7.8", "a\u200e\u0301", "My site:x", "~~~", "%41", "i\u0307"} {
		f.Add(s)
	}
	r := NewRules(Options{SiteName: "My Site", Interwiki: []string{"mw"}})
	f.Fuzz(func(t *testing.T, raw string) {
		if err := stable(r, raw); err != nil {
			t.Error(err)
		}
	})
}
