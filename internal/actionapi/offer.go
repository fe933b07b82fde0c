package actionapi

import (
	"sync"
	"sync/atomic"

	"gatehouse/auth"
	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
)

// offers keeps how lists of requests were written, because most visitors are shown the same one: providers hand out the
// requests that never change as the very same values, and what was written of those is still right. It holds one entry
// for each way of asking, and nothing that a visitor sent.
type offers struct{ written sync.Map } // of offerKey to *offer

// offerKey is a way of asking for requests.
type offerKey struct {
	action    auth.Action
	anonymous bool
	lang      *i18n.Language
	format    message.Format
	merge     bool
}

// offer is a list of requests, and what is answered for it.
type offer struct {
	requests []auth.Request
	members  []member
}

// members gives what w writes for requests, from before if it is the same list.
func (o *offers) members(k offerKey, w flowWriter, requests []auth.Request) ([]member, error) {
	if kept, ok := o.written.Load(k); ok {
		if kept := kept.(*offer); sameRequests(kept.requests, requests) {
			return kept.members, nil
		}
	}
	fresh := &object{}
	if err := w.requests(fresh, requests); err != nil {
		return nil, err
	}
	for i := range fresh.members {
		fresh.members[i].value.remember()
	}
	// What a provider makes anew for everybody, such as a captcha, is never found again: the first stays.
	o.written.LoadOrStore(k, &offer{requests, fresh.members})
	return fresh.members, nil
}

// sameRequests reports whether both lists are made of the very same parts.
func sameRequests(a, b []auth.Request) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := &a[i], &b[i]
		same := x.ID == y.ID && x.Required == y.Required && sameSlice(x.Metadata, y.Metadata) &&
			sameSlice(x.Fields, y.Fields) && sameMessage(x.Provider, y.Provider) && sameMessage(x.Account, y.Account)
		if !same {
			return false
		}
	}
	return true
}

func sameMessage(a, b message.Message) bool {
	return a.Key == b.Key && a.Code == b.Code && sameSlice(a.Params, b.Params)
}

// sameSlice goes by the place in memory, which the kept list holds on to: nothing else can come to stand there.
func sameSlice[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// memo keeps the JSON of a part of a result tree that is written again and again, once for each way of writing it.
type memo struct{ json [4]atomic.Pointer[[]byte] }

// remember lets writers keep what they make of n.
func (n node) remember() {
	switch n.kind {
	case kindObject:
		n.object.memo = new(memo)
	case kindList:
		n.list.memo = new(memo)
	}
}

// memoized writes what m holds, or lets write write it and keeps that.
func (w *jsonWriter) memoized(m *memo, write func()) {
	if w.pretty || w.notes {
		write()
		return
	}
	way := 0
	if w.modern {
		way |= 1
	}
	if w.ascii {
		way |= 2
	}
	if text := m.json[way].Load(); text != nil {
		w.buf = append(w.buf, *text...)
		return
	}
	start := len(w.buf)
	write()
	text := append([]byte(nil), w.buf[start:]...)
	m.json[way].Store(&text)
}
