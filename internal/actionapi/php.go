package actionapi

import (
	"strconv"
)

// putPHP writes the document in PHP's serialisation.
func putPHP(b []byte, c *call, root *object) []byte {
	w := phpWriter{buf: b, modern: c.formatArgs.modern}
	w.object(root)
	return w.buf
}

type phpWriter struct {
	buf    []byte
	modern bool
}

func (w *phpWriter) node(n node) {
	switch n.kind {
	case kindText:
		w.text(n.text)
	case kindNumber:
		w.number(n.number)
	case kindFlag:
		if w.modern {
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
		w.open(len(n.list.items))
		for i, v := range n.list.items {
			w.number(int64(i))
			w.node(v)
		}
		w.buf = append(w.buf, '}')
	}
}

func (w *phpWriter) object(o *object) {
	count := len(o.members)
	for i := range o.members {
		if !w.modern && !o.members[i].value.shown() {
			count--
		}
	}
	w.open(count)
	var content *member
	for i := range o.members {
		m := &o.members[i]
		switch {
		case !w.modern && !m.value.shown():
		case !w.modern && o.content != "" && m.name == o.content:
			content = m
		default:
			w.key(m.name)
			w.node(m.value)
		}
	}
	if content != nil {
		w.key("*")
		w.node(content.value)
	}
	w.buf = append(w.buf, '}')
}

func (w *phpWriter) open(count int) {
	w.buf = strconv.AppendInt(append(w.buf, "a:"...), int64(count), 10)
	w.buf = append(w.buf, ":{"...)
}

// key writes the key of an array: a number where it is spelled as one.
func (w *phpWriter) key(name string) {
	if n, err := strconv.ParseInt(name, 10, 64); err == nil && strconv.FormatInt(n, 10) == name {
		w.number(n)
		return
	}
	w.text(name)
}

func (w *phpWriter) text(s string) {
	w.buf = strconv.AppendInt(append(w.buf, "s:"...), int64(len(s)), 10)
	w.buf = append(append(append(w.buf, `:"`...), s...), `";`...)
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
