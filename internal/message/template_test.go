package message

import (
	"strings"
	"testing"
)

func TestTemplates(t *testing.T) {
	two := []Param{Text("a"), Text("b")}
	for _, row := range []struct {
		text   string
		params []Param
		want   string
	}{
		{"plain", nil, "plain"},
		{"", nil, ""},
		{"$1 and $2", two, "a and b"},
		{"$2 $1 $2", two, "b a b"},
		{"$3 is not there", two, "$3 is not there"},
		{"$0 $ $x $", two, "$0 $ $x $"},
		{"$12", two, "$12"},
		{"$1", []Param{Text("$2"), Text("b")}, "$2"}, // a parameter is not read again
		{"$1", []Param{Text("{{SITENAME}}")}, "{{SITENAME}}"},
		{"'''$1''' [[x|y]] <b>", two, "'''a''' [[x|y]] <b>"},

		{"{{PLURAL:$1|one|other}}", []Param{Int(1)}, "one"},
		{"{{PLURAL:$1|one|other}}", []Param{Int(2)}, "other"},
		{"{{PLURAL:$1|one|other}}", []Param{Int(0)}, "other"},
		{"{{plural:$1|one|other}}", []Param{Num(1)}, "one"},
		{"{{PLURAL:$1|one|other}}", []Param{Text(" 1 ")}, "one"},
		{"{{PLURAL:$1|one|other}}", []Param{Text("one")}, "other"},
		{"{{PLURAL:$1|one|other}}", []Param{Plaintext("1")}, "one"},
		{"{{PLURAL:$1|one|other}}", nil, "other"},
		{"{{PLURAL:1|one|other}}", nil, "one"},
		{"{{PLURAL:$1|only}}", []Param{Int(5)}, "only"},
		{"{{PLURAL:$1}}", []Param{Int(5)}, ""},
		{"{{PLURAL:$1|5=five|one|other}}", []Param{Int(5)}, "five"},
		{"{{PLURAL:$1|one|other|5=five}}", []Param{Int(5)}, "five"},
		{"{{PLURAL:$1|5=five|one|other}}", []Param{Int(1)}, "one"},
		{"{{PLURAL:$1|5=five|one|other}}", []Param{Int(6)}, "other"},
		{"{{PLURAL:$1|0=none}}", []Param{Int(6)}, ""},
		{"{{PLURAL:$1|a=b|c=d}}", []Param{Int(1)}, "a=b"},
		{"{{PLURAL:$1|$1 $2|many $2}}", []Param{Int(1), Text("x|y")}, "1 x|y"},
		{"{{PLURAL:$1|[[a|b]]|c}}", []Param{Int(1)}, "[[a|b]]"},
		{"{{PLURAL:$1|{{PLURAL:$2|a|b}}|c}}", []Param{Int(1), Int(2)}, "b"},
		{"x{{PLURAL:$1|y|z}}w", []Param{Duration(0)}, "xzw"},

		{"{{GENDER:$1|he|she|they}}", two, "they"},
		{"{{GENDER:$1|made}}", two, "made"},
		{"{{GENDER:$1|a|b}}", two, "a"},
		{"{{GENDER:$1}}", two, ""},

		{"{{UNKNOWN:$1|x}}", two, "{{UNKNOWN:a|x}}"},
		{"{{PLURAL:$1|one", []Param{Int(1)}, "{{PLURAL:1|one"},
		{"{{}} {x} }} {{{", nil, "{{}} {x} }} {{{"},
	} {
		check(t, row.text, wikitext(row.text, row.params...), row.want)
	}
}

func TestTheSiteStandsInTexts(t *testing.T) {
	site := Site{Name: "Ex & Co", Server: "https://example.org", ArticlePath: "/pages/"}
	l := prepare(site, map[Key]string{
		"name": "At {{SITENAME}}, {{ sitename }}, {{SERVER}}",
		"link": "[[User:$1|x]]",
	})
	check(t, "name", Wikitext(New("name"), l), "At Ex & Co, Ex & Co, https://example.org")
	check(t, "name as HTML", HTML(New("name"), l), "At Ex &amp; Co, Ex &amp; Co, https://example.org")
	check(t, "link", HTML(New("link", Text("Foo bar")), l), `<a href="/pages/User:Foo_bar">x</a>`)
}

func TestPluralFollowsTheTextsLanguage(t *testing.T) {
	l := prepare(Site{}, nil)
	second := func(int64) int { return 1 }
	l.templates["k"] = ParseTemplate("{{PLURAL:$1|one|other|more}}", Site{}, second)
	check(t, "plural", Wikitext(New("k", Int(1)), l), "other")
}

func TestNestingIsBounded(t *testing.T) {
	nest := func(n int) string {
		return strings.Repeat("{{PLURAL:1|", n) + "x" + strings.Repeat("}}", n)
	}
	check(t, "at the bound", wikitext(nest(maxNesting)), "x")
	check(t, "beyond it", wikitext(nest(maxNesting+2)), "{{PLURAL:1|x}}")
	long := strings.Repeat("a", maxTemplate-3)
	check(t, "longest text", wikitext(long+"$1!", Text("b")), long+"b!")
	check(t, "longer text", wikitext(long+"$1!!", Text("b")), long+"$1!!")
}
