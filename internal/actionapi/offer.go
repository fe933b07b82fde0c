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
	// each is what is answered for one request; nil where fields are merged.
	each []result.Node
}

// members gives what w writes for requests, from before if it is the same list, or as far as it is made of the same requests.
func (o *offers) members(k offerKey, w flowWriter, requests []auth.Request) ([]result.Member, error) {
	var before *offer
	if kept, ok := o.written.Load(k); ok {
		before = kept.(*offer)
		if sameRequests(before.requests, requests) {
			return before.members, nil
		}
	}
	fresh, err := w.offer(before, requests)
	if err != nil {
		return nil, err
	}
	if before == nil {
		// What a provider makes anew for everybody, such as a captcha, is never found again: the first stays.
		fresh.remember()
		o.written.LoadOrStore(k, fresh)
	}
	return fresh.members, nil
}

// offer writes requests; what stands in before is taken from there.
func (w flowWriter) offer(before *offer, requests []auth.Request) (*offer, error) {
	fresh := &offer{requests: requests}
	out := &result.Object{}
	if w.merge {
		err := w.requests(out, requests)
		fresh.members = out.Members
		return fresh, err
	}
	fresh.each = make([]result.Node, len(requests))
	for i := range requests {
		if before != nil && i < len(before.each) && sameRequest(&before.requests[i], &requests[i]) {
			fresh.each[i] = before.each[i]
		} else {
			fresh.each[i] = w.request(&requests[i])
		}
	}
	out.List("requests", &result.List{Items: fresh.each})
	fresh.members = out.Members
	return fresh, nil
}

// remember lets writers keep what they make of it, as a whole and in parts.
func (o *offer) remember() {
	for i := range o.members {
		o.members[i].Value.Remember()
	}
	for i := range o.each {
		o.each[i].Remember()
	}
}

// sameRequests reports whether both lists are made of the very same parts.
func sameRequests(a, b []auth.Request) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !sameRequest(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

func sameRequest(x, y *auth.Request) bool {
	return x.ID == y.ID && x.Required == y.Required && sameSlice(x.Metadata, y.Metadata) &&
		sameSlice(x.Fields, y.Fields) && sameMessage(x.Provider, y.Provider) && sameMessage(x.Account, y.Account)
}

func sameMessage(a, b message.Message) bool {
	return a.Key == b.Key && a.Code == b.Code && sameSlice(a.Params, b.Params)
}

// sameSlice goes by the place in memory, which the kept list holds on to: nothing else can come to stand there.
func sameSlice[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
