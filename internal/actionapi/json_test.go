package actionapi

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func writeJSON(n node, w jsonWriter) string {
	w.node(n)
	return string(w.buf)
}

func TestJSONByVersion(t *testing.T) {
	inner := &object{content: "warnings"}
	inner.text("warnings", "w")
	inner.text("code", "c")
	root := &object{}
	root.flag("yes", true)
	root.flag("no", false)
	root.put("always", node{kind: kindBoolean})
	root.number("n", -3)
	root.put("nil", node{kind: kindNull})
	root.child("inner", inner)
	root.child("empty", &object{})
	root.put("list", textsNode([]string{"a", "b"}))
	root.put("none", listNode(&list{}))
	tests := []struct {
		modern bool
		want   string
	}{
		{false, `{"yes":"","always":false,"n":-3,"nil":null,"inner":{"code":"c","*":"w"},"empty":{},"list":["a","b"],"none":[]}`},
		{true, `{"yes":true,"no":false,"always":false,"n":-3,"nil":null,"inner":{"warnings":"w","code":"c"},"empty":{},"list":["a","b"],"none":[]}`},
	}
	for _, tt := range tests {
		if got := writeJSON(objectNode(root), jsonWriter{modern: tt.modern}); got != tt.want {
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
		if got := writeJSON(textNode(tt.in), jsonWriter{ascii: tt.ascii}); got != tt.want {
			t.Errorf("%q (ascii %v): got %s, want %s", tt.in, tt.ascii, got, tt.want)
		}
	}
}

func TestJSONForPeople(t *testing.T) {
	o := &object{}
	o.child("a", &object{})
	o.put("b", textsNode([]string{"x"}))
	want := "{\n    \"a\": {},\n    \"b\": [\n        \"x\"\n    ]\n}"
	if got := writeJSON(objectNode(o), jsonWriter{modern: true, pretty: true}); got != want {
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
		inner := &object{content: name}
		inner.text(name, text)
		o := &object{}
		o.text(name, text)
		o.child("o"+name, inner)
		o.put("l"+name, textsNode([]string{text, name}))
		for _, ascii := range []bool{false, true} {
			got := writeJSON(objectNode(o), jsonWriter{modern: true, ascii: ascii})
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
