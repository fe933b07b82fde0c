package result

import "testing"

func sample() *Object {
	warned := &Object{Content: "warnings"}
	warned.Text("warnings", "a < b")
	both := &Object{Content: "text"}
	both.Text("code", "c")
	both.Text("text", "t")
	both.Child("data", &Object{Members: []Member{{"values", Texts([]string{"v"})}}})
	root := &Object{}
	root.Flag("yes", true)
	root.Flag("no", false)
	root.Text("quote", "\"&\n")
	root.Child("warnings", &Object{Members: []Member{Named("main", Of(warned))}})
	root.List("errors", &List{Item: "error", Items: []Node{Of(both)}})
	root.Child("2FAInfo", &Object{})
	root.Child("ns", &Object{Item: "n", Members: []Member{Named("-1", Text("S")), Named("2", Of(warned))}})
	return root
}

func TestXML(t *testing.T) {
	want := `<?xml version="1.0"?><api yes="" quote="&quot;&amp;&#10;">` +
		`<warnings><main xml:space="preserve">a &lt; b</main></warnings>` +
		`<errors><error code="c"><data><values><_v>v</_v></values></data><text xml:space="preserve">t</text></error></errors>` +
		`<_2FAInfo />` +
		`<ns><n _idx="-1">S</n><n _idx="2" xml:space="preserve">a &lt; b</n></ns></api>`
	if got := string(XML{}.Append(nil, sample())); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestElementNames(t *testing.T) {
	for in, want := range map[string]string{
		"name": "name", "a-b_c.d": "a-b_c.d", "2FA": "_2FA", "": "_", "_x": "__x", "a:b": "_a.3A.b", "a b.c": "_a.20.b.2E.c", "é": "_.E9.",
	} {
		if got := elementName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestPHP(t *testing.T) {
	tests := []struct {
		modern bool
		want   string
	}{
		{false, `a:6:{s:3:"yes";s:0:"";s:5:"quote";s:3:"` + "\"&\n" + `";s:8:"warnings";a:1:{s:4:"main";a:1:{s:1:"*";s:5:"a < b";}}` +
			`s:6:"errors";a:1:{i:0;a:3:{s:4:"code";s:1:"c";s:4:"data";a:1:{s:6:"values";a:1:{i:0;s:1:"v";}}s:1:"*";s:1:"t";}}` +
			`s:7:"2FAInfo";a:0:{}s:2:"ns";a:2:{i:-1;s:1:"S";i:2;a:1:{s:1:"*";s:5:"a < b";}}}`},
		{true, `a:7:{s:3:"yes";b:1;s:2:"no";b:0;s:5:"quote";s:3:"` + "\"&\n" + `";s:8:"warnings";a:1:{s:4:"main";a:1:{s:8:"warnings";s:5:"a < b";}}` +
			`s:6:"errors";a:1:{i:0;a:3:{s:4:"code";s:1:"c";s:4:"text";s:1:"t";s:4:"data";a:1:{s:6:"values";a:1:{i:0;s:1:"v";}}}}` +
			`s:7:"2FAInfo";a:0:{}s:2:"ns";a:2:{i:-1;s:1:"S";i:2;a:1:{s:8:"warnings";s:5:"a < b";}}}`},
	}
	for _, tt := range tests {
		if got := string(PHP{Modern: tt.modern}.Append(nil, sample())); got != tt.want {
			t.Errorf("modern %v:\n got %s\nwant %s", tt.modern, got, tt.want)
		}
	}
}
