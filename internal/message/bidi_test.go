package message

import (
	"strings"
	"testing"
)

const (
	hebrew = "\u05d0\u05d1"
	arabic = "\u0639\u0631"
)

func TestWhatIsKeptApart(t *testing.T) {
	for _, row := range []struct {
		text     string
		ltr, rtl bool
	}{
		{"", false, false},
		{"Zane", false, true},
		{"a@b.example", false, true},
		{"192.0.2.1", false, false},
		{"12345", false, false},
		{"é", false, true},
		{"日本", false, true},
		{hebrew, true, false},
		{arabic + " 12", true, false},
		{arabic + " a", true, true},
		{"\u0661", true, false},
		{"x\u202e", true, true},
		{"\u2069", true, true},
		{"* a " + arabic, false, false},
		{"a\n" + arabic, false, false},
		{"\xff", false, false},
	} {
		if ltr, rtl := leftToRight.turns(row.text), rightToLeft.turns(row.text); ltr != row.ltr || rtl != row.rtl || noSide.turns(row.text) {
			t.Errorf("%q: from left to right %v, from right to left %v", row.text, ltr, rtl)
		}
	}
}

func TestParametersAreKeptApart(t *testing.T) {
	texts := map[Key]string{
		"k": "<$1>", "bold": "'''$1''' 5", "link": "[[User:$1|$1]] 5", "bare": "[[User:$1]]", "out": "[$1 x $2]", "code": "<code>x$1</code>",
		"line": "Name:\n$1\n$1 5", "nowiki": "<nowiki>$1</nowiki>", "many": "{{PLURAL:$1|one $2|more $2}}", "in": "in $1",
	}
	ltr, rtl := prepare(Site{}, texts), prepare(Site{}, texts)
	rtl.code = "ar"
	for _, row := range []struct {
		l              prepared
		m              Message
		html, isolated string
	}{
		{ltr, New("k", Text("Zane")), "&lt;Zane&gt;", "<Zane>"},
		{ltr, New("k", Text(hebrew)), "&lt;<bdi>" + hebrew + "</bdi>&gt;", "<\u2068" + hebrew + "\u2069>"},
		{ltr, New("k", Plaintext(hebrew)), "&lt;<bdi>" + hebrew + "</bdi>&gt;", "<\u2068" + hebrew + "\u2069>"},
		{ltr, New("k", Raw(hebrew)), "&lt;" + hebrew + "&gt;", "<" + hebrew + ">"},
		{ltr, New("k", Int(5)), "&lt;5&gt;", "<5>"},
		{ltr, New("k", Nested(New("in", Text(hebrew)))), "&lt;in <bdi>" + hebrew + "</bdi>&gt;", "<in \u2068" + hebrew + "\u2069>"},
		{ltr, New("k", List(ListText, Text("a"), Plaintext(hebrew))), "&lt;a and <bdi>" + hebrew + "</bdi>&gt;", "<a and \u2068" + hebrew + "\u2069>"},
		{ltr, Literal(hebrew + " [x]"), hebrew + " [x]", hebrew + " [x]"},
		{rtl, New("k", Plaintext("Zane")), "&lt;<bdi>Zane</bdi>&gt;", "<\u2068Zane\u2069>"},
		{rtl, New("k", Int(5)), "&lt;5&gt;", "<5>"},
		{rtl, New("bold", Plaintext("Zane")), "<b><bdi>Zane</bdi></b> 5", "\u2068Zane\u2069 5"},
		{rtl, New("bold", Text("Za'''ne")), "<b><bdi>Za</bdi></b>ne<b> 5</b>", "\u2068Za\u2069ne 5"},
		{rtl, New("link", Plaintext("Z a")), `<a href="/wiki/User:Z_a"><bdi>Z a</bdi></a> 5`, "\u2068Z a\u2069 5"},
		{rtl, New("bare", Text("Z")), `<a href="/wiki/User:Z">User:<bdi>Z</bdi></a>`, "User:\u2068Z\u2069"},
		{
			rtl, New("out", Text("http://x.example"), Text("y")),
			`<a href="http://x.example">x <bdi>y</bdi></a>`, "x \u2068y\u2069 (http://x.example)",
		},
		{rtl, New("code", Text("a|b")), "<code>xa|b</code>", "\"xa|b\""},
		{rtl, New("nowiki", Plaintext("Z")), "<bdi>Z</bdi>", "Z"},
		{rtl, New("line", Plaintext("Z")), "Name:\n<bdi>Z</bdi>\n<bdi>Z</bdi> 5", "Name:\nZ\n\u2068Z\u2069 5"},
		{rtl, New("many", Plaintext("1"), Text("Z")), "one <bdi>Z</bdi>", "one \u2068Z\u2069"},
	} {
		check(t, string(row.m.Key)+" as HTML", HTML(row.m, row.l), row.html)
		check(t, string(row.m.Key), Isolated(row.m, row.l), row.isolated)
		if s := Plain(row.m, row.l) + Wikitext(row.m, row.l); strings.ContainsAny(s, "\u2068\u2069") {
			t.Errorf("%s: programs are sent %q", row.m.Key, s)
		}
	}
}
