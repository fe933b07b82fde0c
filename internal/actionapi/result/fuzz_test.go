package result

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
)

// FuzzWriters holds that whatever was sent, each format stays well formed, and is the same written whole or in pieces.
func FuzzWriters(f *testing.F) {
	f.Add("name", "text")
	f.Add("2FAInfo", "<&>\"'\x00\xff")
	f.Add("", "\u2028😀\r\n]]>")
	f.Add("a.b:c", "")
	f.Add("-1", strings.Repeat("é\"", 2000))
	f.Fuzz(func(t *testing.T, name, text string) {
		o := strange(name, text)
		for way := range 4 {
			w := JSON{Modern: way&1 == 1, ASCII: way&2 == 2}
			got := w.Append(nil, o)
			if !json.Valid(got) {
				t.Errorf("not JSON: %s", got)
			}
			if w.ASCII && bytes.IndexFunc(got, func(r rune) bool { return r > 0x7f }) >= 0 {
				t.Errorf("not ASCII: %s", got)
			}
			samePieces(t, w, o)
		}
		for _, w := range []XML{{}, {Pretty: true}} {
			if err := wellFormedXML(w.Append(nil, o)); err != nil {
				t.Errorf("not XML: %v in %s", err, w.Append(nil, o))
			}
			samePieces(t, w, o)
		}
		for _, w := range []PHP{{}, {Modern: true}} {
			if err := wellFormedPHP(w.Append(nil, o)); err != nil {
				t.Errorf("not PHP: %v in %s", err, w.Append(nil, o))
			}
			samePieces(t, w, o)
		}
	})
}

// strange is a tree with what was sent in every place.
func strange(name, text string) *Object {
	inner := &Object{Content: name}
	inner.Text(name, text)
	inner.Flag("no", false)
	keyed := &Object{Item: "n"}
	keyed.Text(name, text)
	keyed.Child("k"+name, inner)
	o := &Object{}
	o.Text(name, text)
	o.Child("o"+name, inner)
	o.Child("i"+name, keyed)
	o.Put("l"+name, Texts([]string{text, name}))
	many := &List{Item: "m"}
	for range 20 {
		many.Append(Of(inner))
	}
	o.List("many", many)
	return o
}

// writer is what the formats have in common.
type writer interface {
	Append(b []byte, root *Object) []byte
	Stream(out io.Writer, b []byte, root *Object) []byte
}

// samePieces holds that a document in pieces is the document, and that no piece grows with it.
func samePieces(t *testing.T, w writer, root *Object) {
	t.Helper()
	var out longest
	rest := w.Stream(&out, nil, root)
	if got, want := out.String()+string(rest), string(w.Append(nil, root)); got != want {
		t.Errorf("%T in pieces is %s, whole %s", w, got, want)
	}
	if len(rest) > 2*PieceSize {
		t.Errorf("%T held %d bytes back", w, len(rest))
	}
}

// longest keeps what is written to it, and how long the longest piece was.
type longest struct {
	bytes.Buffer
	piece int
}

func (l *longest) Write(b []byte) (int, error) {
	l.piece = max(l.piece, len(b))
	return l.Buffer.Write(b)
}

func TestPiecesOfALongDocument(t *testing.T) {
	text := strings.Repeat("a long text, ", 3*PieceSize/13)
	l := &List{}
	for range 10 {
		l.Append(Text(text))
		l.Append(Of(sample()))
	}
	l.Append(OfList(&List{Items: l.Items}))
	o := sample()
	o.List("many", l)
	for _, w := range []writer{JSON{}, JSON{Modern: true, Pretty: true}, PHP{}, XML{}} {
		samePieces(t, w, o)
		var out longest
		w.Stream(&out, nil, o)
		if _, isXML := w.(XML); out.piece > 2*PieceSize && !isXML { // XML holds one text whole
			t.Errorf("%T gave a piece of %d bytes", w, out.piece)
		}
	}
}

// What is kept of a part is whole, though it is longer than a piece.
func TestRememberedInPieces(t *testing.T) {
	long := Texts([]string{strings.Repeat("x", 2*PieceSize), "y"})
	long.Remember()
	o := &Object{}
	o.Put("a", long)
	o.Put("b", long)
	samePieces(t, JSON{}, o)
	if got := string(JSON{}.Append(nil, o)); !json.Valid([]byte(got)) || strings.Count(got, `"y"`) != 2 {
		t.Errorf("got %d bytes", len(got))
	}
}

func wellFormedXML(b []byte) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// wellFormedPHP reads a serialised value to its end.
func wellFormedPHP(b []byte) error {
	rest, err := skipPHP(string(b))
	if err == nil && rest != "" {
		return fmt.Errorf("%q is left over", rest)
	}
	return err
}

// skipPHP takes one value off s.
func skipPHP(s string) (string, error) {
	if rest, ok := strings.CutPrefix(s, "N;"); ok {
		return rest, nil
	}
	if len(s) < 4 || s[1] != ':' {
		return "", fmt.Errorf("no value: %q", s)
	}
	kind, s := s[0], s[2:]
	if kind == 'i' || kind == 'b' {
		number, rest, _ := strings.Cut(s, ";")
		_, err := strconv.ParseInt(number, 10, 64)
		return rest, err
	}
	number, s, _ := strings.Cut(s, ":")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil:
		return "", err
	case kind == 's' && len(s) >= n+3 && s[0] == '"' && s[n+1:n+3] == `";`:
		return s[n+3:], nil
	case kind != 'a' || s == "" || s[0] != '{':
		return "", fmt.Errorf("kind %q of %q", kind, s)
	}
	s = s[1:]
	for range 2 * n { // keys and values
		if s, err = skipPHP(s); err != nil {
			return "", err
		}
	}
	rest, ok := strings.CutPrefix(s, "}")
	if !ok {
		return "", fmt.Errorf("an array of %d goes on: %q", n, s)
	}
	return rest, nil
}
