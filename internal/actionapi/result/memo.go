package result

import "sync/atomic"

// memo keeps the JSON of a part of a result tree that is written again and again, once for each way of writing it.
type memo struct{ json [4]atomic.Pointer[[]byte] }

// Remember lets writers keep what they make of n.
func (n Node) Remember() {
	switch n.kind {
	case kindObject:
		n.object.memo = new(memo)
	case kindList:
		n.list.memo = new(memo)
	}
}

// memoized writes what m holds, or lets write write it and keeps that.
func (w *jsonWriter) memoized(m *memo, write func()) {
	if w.Pretty || w.Notes {
		write()
		return
	}
	way := 0
	if w.Modern {
		way |= 1
	}
	if w.ASCII {
		way |= 2
	}
	if text := m.json[way].Load(); text != nil {
		w.buf = append(w.buf, *text...)
		return
	}
	start, out := len(w.buf), w.out
	w.out = nil // what is to be kept has to stay whole
	write()
	w.out = out
	text := append([]byte(nil), w.buf[start:]...)
	m.json[way].Store(&text)
}
