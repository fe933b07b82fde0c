package actionapi

import (
	"fmt"
	"sync"
	"testing"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
)

// offered is a list with one request whose field is made anew, as a captcha's is.
func offered(value string) []auth.Request {
	return []auth.Request{{ID: "captcha", Fields: []auth.Field{{
		Name: "id", Type: auth.FieldHidden, Value: &value, Label: message.Literal("label"), Help: message.Literal("help"),
	}}}}
}

// fixedBehind is a list whose first request is made anew and whose others are not, as a captcha makes it.
func fixedBehind(value string, fixed []auth.Request) []auth.Request {
	return append(offered(value), fixed...)
}

// What is the same behind something that changes is kept, and what changes is not.
func TestOffersBehindACaptcha(t *testing.T) {
	var o offers
	w := flowWriter{lang: testLanguage(t), format: message.FormatWikitext}
	fixed, other := offered("fixed"), offered("other")
	fixed[0].ID, other[0].ID = "password", "password"
	for i, requests := range [][]auth.Request{
		fixedBehind("1", fixed), fixedBehind("2", fixed), fixedBehind("3", other), fixedBehind("4", fixed), fixed, other,
	} {
		got, err := o.members(offerKey{}, w, requests)
		plain := &result.Object{}
		if err != nil || w.requests(plain, requests) != nil {
			t.Fatal(err)
		}
		if got, want := jsonOf(got, true, false), jsonOf(plain.Members, true, false); got != want {
			t.Errorf("list %d: %s, want %s", i, got, want)
		}
	}
}

func jsonOf(members []result.Member, modern, ascii bool) string {
	return string(result.JSON{Modern: modern, ASCII: ascii}.Append(nil, &result.Object{Members: members}))
}

func testLanguage(t *testing.T) *i18n.Language {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	l, _ := c.Language("en")
	return l
}

// What changes is written as it is now, whatever was written for the same question before.
func TestOffersAreNeverStale(t *testing.T) {
	var o offers
	w := flowWriter{lang: testLanguage(t), format: message.FormatWikitext}
	fixed := offered("fixed")
	for i, requests := range [][]auth.Request{offered("1"), offered("2"), fixed, fixed, offered("3"), nil, fixed} {
		for _, modern := range []bool{false, true} {
			got, err := o.members(offerKey{}, w, requests)
			if err != nil {
				t.Fatal(err)
			}
			plain := &result.Object{}
			if err := w.requests(plain, requests); err != nil {
				t.Fatal(err)
			}
			if got, want := jsonOf(got, modern, false), jsonOf(plain.Members, modern, false); got != want {
				t.Errorf("list %d: %s, want %s", i, got, want)
			}
		}
	}
}

// A list that is kept is written in every way as if it were written for the first time.
func TestKeptOffersInEveryWay(t *testing.T) {
	var o offers
	w := flowWriter{lang: testLanguage(t), format: message.FormatWikitext, merge: true}
	requests := offered("caf\u00e9")
	plain := &result.Object{}
	if err := w.requests(plain, requests); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for way := range 4 {
				got, err := o.members(offerKey{merge: true}, w, requests)
				if err != nil {
					t.Error(err)
				}
				modern, ascii := way&1 == 1, way&2 == 2
				if got, want := jsonOf(got, modern, ascii), jsonOf(plain.Members, modern, ascii); got != want {
					t.Errorf("%s, want %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestSameRequests(t *testing.T) {
	a := offered("x")
	other := func(change func(*auth.Request)) []auth.Request {
		b := append([]auth.Request(nil), a...)
		change(&b[0])
		return b
	}
	if !sameRequests(a, other(func(*auth.Request) {})) {
		t.Error("a copy of the list is another list")
	}
	for i, b := range [][]auth.Request{
		nil,
		offered("x"),
		other(func(r *auth.Request) { r.ID = "y" }),
		other(func(r *auth.Request) { r.Required = auth.Optional }),
		other(func(r *auth.Request) { r.Account = message.Literal("Zane") }),
		other(func(r *auth.Request) { r.Metadata = []auth.Datum{{Name: "type", Value: "image"}} }),
	} {
		if sameRequests(a, b) {
			t.Error(fmt.Sprint("list ", i, " counts as the same"))
		}
	}
}
