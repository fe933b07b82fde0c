package result

import (
	"io"
	"strconv"
)

// PHP writes documents in PHP's serialisation.
type PHP struct {
	// Modern is format version 2.
	Modern bool
}

// Append writes root behind b.
func (f PHP) Append(b []byte, root *Object) []byte {
	return f.Stream(nil, b, root)
}

// Stream writes root behind b, gives out what is ready of it from time to time, and returns the rest.
func (f PHP) Stream(out io.Writer, b []byte, root *Object) []byte {
	w := phpWriter{PHP: f, pieces: pieces{buf: b, out: out}}
	w.object(root)
	return w.buf
}

type phpWriter struct {
	PHP
	pieces
}

func (w *phpWriter) node(n Node) {
	switch n.kind {
	case kindText:
		w.text(n.text)
	case kindNumber:
		w.number(n.number)
	case kindDecimal:
		w.buf = append(append(append(w.buf, "d:"...), n.text...), ';')
	case kindFlag:
		if w.Modern {
			w.boolean(n.on)
			return
		}
		w.text("")
	case kindBoolean:
		w.boolean(n.on)
	case kindNull:
		w.buf = append(w.buf, "N;"...)
	case kindObject:
		w.object(n.object)
	case kindList:
		w.open(len(n.list.Items))
		for i, v := range n.list.Items {
			w.number(int64(i))
			w.node(v)
			w.spill()
		}
		w.buf = append(w.buf, '}')
	}
}

func (w *phpWriter) object(o *Object) {
	if o.Listed && w.Modern {
		w.node(OfList(o.values()))
		return
	}
	count := len(o.Members)
	for i := range o.Members {
		if !w.Modern && !o.Members[i].Value.shown() {
			count--
		}
	}
	w.open(count)
	var content *Member
	for i := range o.Members {
		m := &o.Members[i]
		switch {
		case !w.Modern && !m.Value.shown():
		case !w.Modern && o.Content != "" && m.Name == o.Content:
			content = m
		default:
			w.key(m.Name)
			w.node(m.Value)
			w.spill()
		}
	}
	if content != nil {
		w.key("*")
		w.node(content.Value)
	}
	w.buf = append(w.buf, '}')
}

func (w *phpWriter) open(count int) {
	w.buf = strconv.AppendInt(append(w.buf, "a:"...), int64(count), 10)
	w.buf = append(w.buf, ":{"...)
}

// key writes the key of an array: a number where it is spelled as one.
func (w *phpWriter) key(name string) {
	// Most names begin with a letter: what the conversion would say of them need not be made.
	if name != "" && (name[0] == '-' || '0' <= name[0] && name[0] <= '9') {
		if n, err := strconv.ParseInt(name, 10, 64); err == nil && strconv.FormatInt(n, 10) == name {
			w.number(n)
			return
		}
	}
	w.text(name)
}

func (w *phpWriter) text(s string) {
	w.buf = strconv.AppendInt(append(w.buf, "s:"...), int64(len(s)), 10)
	w.buf = append(w.buf, `:"`...)
	w.add(s)
	w.buf = append(w.buf, `";`...)
}

func (w *phpWriter) number(n int64) {
	w.buf = append(strconv.AppendInt(append(w.buf, "i:"...), n, 10), ';')
}

func (w *phpWriter) boolean(on bool) {
	if on {
		w.buf = append(w.buf, "b:1;"...)
		return
	}
	w.buf = append(w.buf, "b:0;"...)
}
