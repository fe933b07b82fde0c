package message

import (
	"strings"
	"testing"
)

func TestMarkup(t *testing.T) {
	const userinfo = "[https://a:b@example.org x]"
	for _, row := range []struct{ text, html, plain string }{
		{"a", "a", "a"},
		{"a < b & c > d", "a &lt; b &amp; c &gt; d", "a < b & c > d"},
		{"''i'' '''b''' '''''both'''''", "<i>i</i> <b>b</b> <i><b>both</b></i>", "i b both"},
		{"it's ''''x''''", "it&#39;s &#39;<b>x&#39;</b>", "it's 'x'"},
		{"''a '''b'' c", "<i>a <b>b</b></i> c", "a b c"},
		{"'''open", "<b>open</b>", "open"},
		{"<strong>s</strong> <EM>e</em> <code>c</code>", "<strong>s</strong> <em>e</em> <code>c</code>", `s e "c"`},
		{"<var>p</var>", "<var>p</var>", `"p"`},
		{"a<br>b<br/>c<br />d", "a<br />b<br />c<br />d", "a\nb\nc\nd"},
		{"<strong>a", "<strong>a</strong>", "a"},
		{"a</strong>", "a&lt;/strong&gt;", "a</strong>"},
		{"<em>a<code>b</em>c</code>", "<em>a<code>b</code></em>c&lt;/code&gt;", `a"b"c</code>`},
		{`<strong class="x">a`, "&lt;strong class=&#34;x&#34;&gt;a", `<strong class="x">a`},
		{"<script>x</script>", "&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"},
		{"<", "&lt;", "<"},
		{"<nowiki>''[[x]]<b></nowiki>'", "&#39;&#39;[[x]]&lt;b&gt;&#39;", "''[[x]]<b>'"},
		{"<nowiki>''a''", "&lt;nowiki&gt;<i>a</i>", "<nowiki>a"},
		{"&lt;b&gt; &#60; &eacute; &amp;", "&lt;b&gt; &lt; é &amp;", "<b> < é &"},
		{"&nosuch; & &; &#x; &ampx; AT&T", "&amp;nosuch; &amp; &amp;; &amp;#x; &amp;ampx; AT&amp;T", "&nosuch; & &; &#x; &ampx; AT&T"},

		{"[[Main Page]]", `<a href="/wiki/Main_Page">Main Page</a>`, "Main Page"},
		{"[[:User:A b|''me'']]", `<a href="/wiki/User:A_b"><i>me</i></a>`, "me"},
		{"[[:x]]", `<a href="/wiki/x">x</a>`, "x"},
		{"[[a?b&c\"d%#e f]]", `<a href="/wiki/a%3Fb%26c%22d%25#e_f">a?b&amp;c&#34;d%#e f</a>`, `a?b&c"d%#e f`},
		{"[[//evil.example/x|y]]", `<a href="/wiki/%2F/evil.example/x">y</a>`, "y"},
		{"[[javascript:alert(1)|y]]", `<a href="/wiki/javascript:alert(1)">y</a>`, "y"},
		{"[[a|b [[c]] d]]", `<a href="/wiki/a">b [[c</a> d]]`, "b [[c d]]"},
		{"[[]] [[|x]] [[a", "[[]] [[|x]] [[a", "[[]] [[|x]] [[a"},
		{"[[a\nb]]", "[[a\nb]]", "[[a\nb]]"},
		{"[[a<b]]", "[[a&lt;b]]", "[[a<b]]"},

		{"[https://example.org/?a=1&b=2 here]", `<a href="https://example.org/?a=1&amp;b=2">here</a>`, "here (https://example.org/?a=1&b=2)"},
		{"[http://example.org]", `<a href="http://example.org">http://example.org</a>`, "http://example.org"},
		{"[mailto:a@example.org write]", `<a href="mailto:a@example.org">write</a>`, "write (mailto:a@example.org)"},
		{"[javascript:alert(1) x]", "[javascript:alert(1) x]", "[javascript:alert(1) x]"},
		{"[data:text/html,x y]", "[data:text/html,x y]", "[data:text/html,x y]"},
		{"[//example.org x] [https:// x] [https:x y] [x]", "[//example.org x] [https:// x] [https:x y] [x]", "[//example.org x] [https:// x] [https:x y] [x]"},
		{userinfo, userinfo, userinfo},
		{`[https://a"onclick=x y]`, "[https://a&#34;onclick=x y]", `[https://a"onclick=x y]`},
		{"[https://a.example <b>x]", `<a href="https://a.example"><b>x</b></a>`, "x (https://a.example)"},
	} {
		check(t, row.text+" as HTML", htmlOf(row.text), row.html)
		check(t, row.text+" as plain text", plainOf(row.text), row.plain)
	}
}

func TestBlocks(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"a\nb", "a\nb"},
		{"a\n\nb", "<p>a</p>\n<p>b</p>"},
		{"\n\na\n \n\n", "a"},
		{"a\r\n\r\nb", "<p>a</p>\n<p>b</p>"},
		{"* a", "<ul><li>a</li></ul>"},
		{"*a\n* b", "<ul><li>a</li>\n<li>b</li></ul>"},
		{"# a\n# b", "<ol><li>a</li>\n<li>b</li></ol>"},
		{"* a\n** b\n** c\n* d", "<ul><li>a<ul><li>b</li>\n<li>c</li></ul></li>\n<li>d</li></ul>"},
		{"* a\n# b", "<ul><li>a</li></ul>\n<ol><li>b</li></ol>"},
		{"* a\n*# b", "<ul><li>a<ol><li>b</li></ol></li></ul>"},
		{"** a", "<ul><li><ul><li>a</li></ul></li></ul>"},
		{"x\n* a\ny", "<p>x</p>\n<ul><li>a</li></ul>\n<p>y</p>"},
		{"* a\n\n* b", "<ul><li>a</li></ul>\n<ul><li>b</li></ul>"},
		{"* ''a\n* b", "<ul><li><i>a</i></li>\n<li>b</li></ul>"},
		{"''a\n\nb''", "<p><i>a</i></p>\n<p>b<i></i></p>"},
		{"", ""},
		{strings.Repeat("*", 9) + "a", strings.Repeat("<ul><li>", 8) + "a" + strings.Repeat("</li></ul>", 8)},
		{strings.Repeat("<b>", 17), strings.Repeat("<b>", 16) + "&lt;b&gt;" + strings.Repeat("</b>", 16)},
	} {
		check(t, row.text, htmlOf(row.text), row.want)
	}
}

// What visitors sent arrives in parameters. Text is read as markup, but only harmless markup exists; plain text is not
// read at all; both together with what the message itself says around them.
func TestParametersInHTML(t *testing.T) {
	evil := `<script>alert(1)</script>`
	for _, row := range []struct {
		text string
		p    Param
		want string
	}{
		{"$1", Text(evil), "&lt;script&gt;alert(1)&lt;/script&gt;"},
		{"$1", Plaintext(evil), "&lt;script&gt;alert(1)&lt;/script&gt;"},
		{"$1", Text(`<b onclick="x">`), "&lt;b onclick=&#34;x&#34;&gt;"},
		{"$1", Text("<img src=x onerror=y>"), "&lt;img src=x onerror=y&gt;"},
		{"$1", Text("[[User:Admin|\u202aAdmin\u202c]]"), "<a href=\"/wiki/User:Admin\">\u202aAdmin\u202c</a>"},
		{"$1", Text("<var>createcontinue</var>"), "<var>createcontinue</var>"},
		{"$1", Plaintext("<var>''[[x]]&lt;</var>"), "&lt;var&gt;&#39;&#39;[[x]]&amp;lt;&lt;/var&gt;"},
		{"$1", Raw("<i class=x>ok</i>"), "<i class=x>ok</i>"},
		{"'''$1'''", Plaintext("a'''b"), "<b>a&#39;&#39;&#39;b</b>"},
		{"[[User:$1|$1]]", Plaintext("A b"), `<a href="/wiki/User:A_b">A b</a>`},
		{"[[User:$1|$1]]", Plaintext("A]]<b>"), "[[User:A]]&lt;b&gt;|A]]&lt;b&gt;]]"},
		{"[[$1]]", Raw("x"), "[[x]]"},
		{"[$1 go]", Plaintext("https://example.org/"), `<a href="https://example.org/">go</a>`},
		{"[$1 go]", Plaintext("javascript:x"), "[javascript:x go]"},
		{"[$1 go]", Text("javascript:x"), "[javascript:x go]"},
		{"<nowiki>$1</nowiki>", Plaintext("<b>"), "&lt;b&gt;"},
		{"<nowiki>$1</nowiki>", Text("<b>"), "&lt;b&gt;"},
		{"* $1", Plaintext("a\n* b"), "<ul><li>a\n* b</li></ul>"},
		{"$1", List(ListComma, Plaintext("<"), Raw("<br>"), Text("<")), "&lt;, <br>, &lt;"},
		{"$1", Text("\xff0\xff"), "\uFFFD0\uFFFD"}, // nobody forges a mark
		{"$1", Text("\uFFFD"), "\uFFFD"},
		{"$1", Plaintext("a\x00b\rc"), "a\uFFFDbc"},
	} {
		check(t, row.text+" "+row.p.Text, htmlOf(row.text, row.p), row.want)
	}
}

func TestPlainParameters(t *testing.T) {
	check(t, "raw", plainOf("$1", Raw("<b>a</b> &amp; <i>b")), "a & b")
	check(t, "plaintext", plainOf("''$1''", Plaintext("<''>")), "<''>")
	check(t, "lines", plainOf("a\n\n* ''b''\n* c"), "a\n\n* b\n* c")
}

func TestTitlesAndAddressesAreBounded(t *testing.T) {
	title := strings.Repeat("a", maxTitle)
	check(t, "longest title", htmlOf("[["+title+"|x]]"), `<a href="/wiki/`+title+`">x</a>`)
	check(t, "longer title", htmlOf("[["+title+"a|x]]"), "[["+title+"a|x]]")
	address := "https://example.org/"
	address += strings.Repeat("a", maxAddress-len(address))
	check(t, "longest address", htmlOf("["+address+" x]"), `<a href="`+address+`">x</a>`)
	check(t, "longer address", htmlOf("["+address+"a x]"), "["+address+"a x]")
}
