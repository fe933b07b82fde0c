package actionapi

import (
	"sync"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
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
	members  []result.Member
}

// members gives what w writes for requests, from before if it is the same list.
func (o *offers) members(k offerKey, w flowWriter, requests []auth.Request) ([]result.Member, error) {
	if kept, ok := o.written.Load(k); ok {
		if kept := kept.(*offer); sameRequests(kept.requests, requests) {
			return kept.members, nil
		}
	}
	fresh := &result.Object{}
	if err := w.requests(fresh, requests); err != nil {
		return nil, err
	}
	for i := range fresh.Members {
		fresh.Members[i].Value.Remember()
	}
	// What a provider makes anew for everybody, such as a captcha, is never found again: the first stays.
	o.written.LoadOrStore(k, &offer{requests, fresh.Members})
	return fresh.Members, nil
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
