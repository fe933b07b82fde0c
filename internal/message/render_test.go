package message

import (
	"strings"
	"testing"
	"time"
)

func TestParameters(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 30, 0, 0, time.UTC)
	for _, row := range []struct {
		p    Param
		want string
	}{
		{Text("a"), "a"},
		{Int(1234), "1234"},
		{Param{Kind: KindNull}, ""},
		{Num(1234), "N1234"},
		{Duration(90 * time.Second), "90s"},
		{Duration(time.Millisecond), "1s"},
		{Expiry(noon), "12:30"},
		{Expiry(time.Time{}), "never"},
		{Time(noon), "12:30"},
		{List(ListComma, Text("a"), Num(2), Plaintext("c")), "a, N2, c"},
		{List(ListPipe, Texts("a", "b")...), "a|b"},
		{List(ListText), ""},
		{List(ListText, List(ListPipe, Texts("a", "b")...), Text("c")), "a|b and c"},
		{Raw("<i>x</i>"), "<i>x</i>"},
		{Plaintext("'''x'''"), "'''x'''"},
		{Nested(New("inner", Int(5))), "in 5"},
		{Nested(Literal("lit")), "lit"},
		{Param{Kind: KindMessage}, ""},
		{Param{Kind: "odd", Text: "x"}, "x"},
		{Text("bad \xff\xfe bytes"), "bad \uFFFD bytes"},
	} {
		l := english(map[Key]string{"k": "<$1>", KeyNever: "never", "inner": "in $1"})
		check(t, string(row.p.Kind), Wikitext(New("k", row.p), l), "<"+row.want+">")
	}
}

func TestMessagesWithoutAText(t *testing.T) {
	l := english(nil)
	check(t, "unknown key", Wikitext(New("no-such", Text("x")), l), "⧼no-such⧽")
	check(t, "zero message", Wikitext(Message{}, l), "")
	check(t, "literal", Wikitext(Literal(`MediaWiki\Auth\X`), l), `MediaWiki\Auth\X`)
	check(t, "blank", HTML(Blank(), l), "")
	check(t, "literal without a text", Plain(New(RawKey), l), "")
}

func TestQQX(t *testing.T) {
	l := words{QQX, map[Key]string{"userlogin-yourname": "never shown"}}
	for _, row := range []struct {
		m    Message
		want string
	}{
		{New("userlogin-yourname"), "(userlogin-yourname)"},
		{New("k", Int(2), Duration(24*time.Hour)), "(k: 2, 86400s)"},
		{New("k", Nested(New("inner", Text("x"))), List(ListComma, Texts("a", "b")...)), "(k: (inner: x), a, b)"},
		{Literal(`MediaWiki\Auth\X`), `MediaWiki\Auth\X`},
		{Blank(), ""},
	} {
		check(t, "wikitext", Wikitext(row.m, l), row.want)
		check(t, "html", HTML(row.m, l), row.want)
		check(t, "plain", Plain(row.m, l), row.want)
	}
}

func TestSeveral(t *testing.T) {
	l := english(map[Key]string{"a": "First.", "b": "{{PLURAL:$1|one|$1 more}}", "c": "«$1»"})
	one := New("a")
	if got := Several(nil, l); !got.IsZero() {
		t.Errorf("of none: %v", got)
	}
	if got := Several([]Message{one}, l); got.Key != "a" || got.Code != "" {
		t.Errorf("of one: %v", got)
	}
	two := Several([]Message{one, New("b", Int(8))}, l)
	if two.Key != RawKey || two.Code != "___1____2" || len(two.Params) != 1 {
		t.Errorf("of two: %+v", two)
	}
	check(t, "wikitext of two", Wikitext(two, l), "* First.\n* 8 more")
	check(t, "html of two", HTML(two, l), "<ul><li>First.</li>\n<li>8 more</li></ul>")
	three := Several([]Message{one, one, New("c", Plaintext("<b>[[x]]"))}, l)
	if three.Code != "___1____2____3" {
		t.Errorf("of three: %+v", three)
	}
	check(t, "html of three", HTML(three, l), "<ul><li>First.</li>\n<li>First.</li>\n<li>«&lt;b&gt;[[x]]»</li></ul>")
}

func TestEscapeWikitext(t *testing.T) {
	for _, s := range []string{"plain", "<b>&lt;</b>", "'''x'''", "[[a|b]] [https://x y]", "* a\n# b", "{{PLURAL:1|a}}", "a=b \"c\"", "é"} {
		check(t, s, Plain(Literal(EscapeWikitext(s)), english(nil)), s)
	}
	check(t, "as HTML", HTML(Literal(EscapeWikitext("* a")), english(nil)), "* a")
	check(t, "as the wire has it", EscapeWikitext("relative <b>"), "relative &#60;b&#62;")
}

func TestSizeIsBounded(t *testing.T) {
	full := strings.Repeat("é", maxText/2)
	check(t, "at the bound", wikitext("$1", Text(full)), full)
	check(t, "beyond it", wikitext("$1$2", Text("a"+full), Text("b")), "a"+full[:maxText-2])
	if got := htmlOf("$1$2$3", Text(full[:maxText-2]), Plaintext("x"), Text("y")); strings.ContainsRune(got, '\uFFFD') {
		t.Error("a piece that was cut off left a trace")
	}
	deep := New("a")
	for range maxNesting + 5 {
		deep = New("k", Nested(deep))
	}
	check(t, "deep", Wikitext(deep, english(map[Key]string{"k": "<$1>"})), strings.Repeat("<", maxNesting)+strings.Repeat(">", maxNesting))
	lists := Text("x")
	for range maxNesting + 5 {
		lists = List(ListComma, lists)
	}
	check(t, "deep lists", wikitext("<$1>", lists), "<>")
}

func TestLabelsCostNothing(t *testing.T) {
	l := prepare(Site{Name: "X"}, map[Key]string{"label": "Email"})
	m := New("label")
	var reader Language = l
	if n := testing.AllocsPerRun(100, func() { Wikitext(m, reader) }); n != 0 {
		t.Errorf("Wikitext of a label allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { HTML(m, reader) }); n != 0 {
		t.Errorf("HTML of a label allocates %v times", n)
	}
}

func BenchmarkWikitext(b *testing.B) {
	l := prepare(Site{Name: "X"}, map[Key]string{"label": "Email", "hit": "{{PLURAL:$1|$1 account|$1 accounts}}, wait $2."})
	var reader Language = l
	label, hit := New("label"), New("hit", Int(2), Duration(time.Hour))
	b.Run("label", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Wikitext(label, reader)
		}
	})
	b.Run("parameters", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Wikitext(hit, reader)
		}
	})
}
