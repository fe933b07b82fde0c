package result

import (
	"testing"
)

func writeJSON(n Node, f JSON) string {
	w := jsonWriter{JSON: f}
	w.node(n)
	return string(w.buf)
}

func TestJSONByVersion(t *testing.T) {
	inner := &Object{Content: "warnings"}
	inner.Text("warnings", "w")
	inner.Text("code", "c")
	root := &Object{}
	root.Flag("yes", true)
	root.Flag("no", false)
	root.Put("always", Node{kind: kindBoolean})
	root.Number("n", -3)
	root.Put("nil", Node{kind: kindNull})
	root.Child("inner", inner)
	root.Child("empty", &Object{})
	root.Put("list", Texts([]string{"a", "b"}))
	root.Put("none", OfList(&List{}))
	tests := []struct {
		modern bool
		want   string
	}{
		{false, `{"yes":"","always":false,"n":-3,"nil":null,"inner":{"code":"c","*":"w"},"empty":{},"list":["a","b"],"none":[]}`},
		{true, `{"yes":true,"no":false,"always":false,"n":-3,"nil":null,"inner":{"warnings":"w","code":"c"},"empty":{},"list":["a","b"],"none":[]}`},
	}
	for _, tt := range tests {
		if got := writeJSON(Of(root), JSON{Modern: tt.modern}); got != tt.want {
			t.Errorf("modern %v:\n got %s\nwant %s", tt.modern, got, tt.want)
		}
	}
}

func TestJSONText(t *testing.T) {
	tests := []struct {
		in    string
		ascii bool
		want  string
	}{
		{"plain </script>/&'", false, `"plain </script>/&'"`},
		{"\"\\\n\r\t\x01\x7f", false, `"\"\\\n\r\t\u0001` + "\x7f" + `"`},
		{"é😀", false, `"é😀"`},
		{"é😀", true, `"\u00e9\ud83d\ude00"`},
		{"\u2028\u2029", false, `"\u2028\u2029"`},
		{"a\xffb", false, "\"a\uFFFDb\""},
		{"", true, `""`},
	}
	for _, tt := range tests {
		if got := writeJSON(Text(tt.in), JSON{ASCII: tt.ascii}); got != tt.want {
			t.Errorf("%q (ascii %v): got %s, want %s", tt.in, tt.ascii, got, tt.want)
		}
	}
}

func TestJSONForPeople(t *testing.T) {
	o := &Object{}
	o.Child("a", &Object{})
	o.Put("b", Texts([]string{"x"}))
	want := "{\n    \"a\": {},\n    \"b\": [\n        \"x\"\n    ]\n}"
	if got := writeJSON(Of(o), JSON{Modern: true, Pretty: true}); got != want {
		t.Errorf("got %s", got)
	}
}
