package result

import "testing"

// TestNotes is the shape of the format raw: the whole tree, with what other formats only act on.
func TestNotes(t *testing.T) {
	named := &List{Item: "error"}
	named.Append(Text("x"))
	typed := &Object{Assoc: true}
	data := &Object{Content: "text"}
	data.Text("text", "t")
	for _, tt := range []struct {
		about string
		o     Node
		want  string
	}{
		{"a list whose items have a name", OfList(named), `{"0":"x","_element":"error"}`},
		{"without items", OfList(&List{Item: "error"}), `{"_element":"error"}`},
		{"a list like any other", Texts([]string{"x"}), `["x"]`},
		{"an empty map", Of(typed), `{"_type":"assoc"}`},
		{"an element with a text", Of(data), `{"text":"t","_content":"text"}`},
		{"a map whose names are an attribute", Of(&Object{Item: "ns", Members: []Member{Named("2", Text("User"))}}),
			`{"2":"User","_element":"ns","_type":"assoc"}`},
		{"a map that is a list elsewhere", Of(&Object{Listed: true, Item: "page", Members: []Member{Named("-1", Text("x"))}}),
			`{"-1":"x","_element":"page","_type":"assoc"}`},
		{"flags", Of(&Object{Members: []Member{Named("yes", Flag(true)), Named("no", Flag(false))}}), `{"yes":true,"no":false}`},
	} {
		if got := writeJSON(tt.o, JSON{Modern: true, Notes: true}); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.about, got, tt.want)
		}
	}
}

// TestXMLScalars is what each kind of value becomes as an attribute, as an item and as an element's text.
func TestXMLScalars(t *testing.T) {
	for _, tt := range []struct {
		v                        Node
		attribute, item, content string
	}{
		{Text("a\"<\t\r\n>&'"), ` v="a&quot;&lt;&#9;&#13;&#10;&gt;&amp;'"`, "<_v>a\"&lt;\t&#13;\n&gt;&amp;'</_v>", "<o xml:space=\"preserve\">a\"&lt;\t&#13;\n&gt;&amp;'</o>"},
		{Text(""), ` v=""`, `<_v />`, `<o xml:space="preserve" />`},
		{Number(-3), ` v="-3"`, `<_v>-3</_v>`, `<o xml:space="preserve">-3</o>`},
		{Decimal("0.8"), ` v="0.8"`, `<_v>0.8</_v>`, `<o xml:space="preserve">0.8</o>`},
		{Flag(true), ` v=""`, `<_v />`, `<o xml:space="preserve" />`},
		{Flag(false), ``, `<_v />`, `<o xml:space="preserve" />`},
		{Boolean(true), ` v=""`, `<_v />`, `<o xml:space="preserve" />`},
		{Boolean(false), ``, `<_v />`, `<o xml:space="preserve" />`},
		{Null(), ``, `<_v />`, `<o xml:space="preserve" />`},
	} {
		root := &Object{Members: []Member{
			Named("v", tt.v), Named("l", OfList(&List{Items: []Node{tt.v}})),
			Named("o", Of(&Object{Content: "c", Members: []Member{Named("c", tt.v)}})),
		}}
		want := `<?xml version="1.0"?><api` + tt.attribute + `><l>` + tt.item + `</l>` + tt.content + `</api>`
		if got := string(XML{}.Append(nil, root)); got != want {
			t.Errorf("%+v:\n got %s\nwant %s", tt.v, got, want)
		}
	}
}
