package result

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
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

// FuzzWriters holds that whatever was sent, each format stays well formed.
func FuzzWriters(f *testing.F) {
	f.Add("name", "text")
	f.Add("2FAInfo", "<&>\"'\x00\xff")
	f.Add("", "\u2028😀\r\n]]>")
	f.Add("a.b:c", "")
	f.Fuzz(func(t *testing.T, name, text string) {
		inner := &Object{Content: name}
		inner.Text(name, text)
		o := &Object{}
		o.Text(name, text)
		o.Child("o"+name, inner)
		o.Put("l"+name, Texts([]string{text, name}))
		for _, ascii := range []bool{false, true} {
			got := writeJSON(Of(o), JSON{Modern: true, ASCII: ascii})
			if !json.Valid([]byte(got)) {
				t.Errorf("not JSON: %s", got)
			}
			if ascii && strings.IndexFunc(got, func(r rune) bool { return r > 0x7f }) >= 0 {
				t.Errorf("not ASCII: %s", got)
			}
		}
		w := xmlWriter{}
		w.object("api", "", o, 0)
		if err := wellFormed(w.buf); err != nil {
			t.Errorf("not XML: %v in %s", err, w.buf)
		}
	})
}

func wellFormed(b []byte) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
