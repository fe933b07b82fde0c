package actionapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/message"
)

// askedFor reads which action a request is for, and whether its answer is of the kind that the document describes.
func (c *client) askedFor(r *http.Request) (action string, described bool) {
	c.t.Helper()
	sent := url.Values{}
	if r.Body != nil && r.Header.Get("Content-Type") == formType {
		body, err := io.ReadAll(r.Body)
		must(c.t, err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		sent, _ = url.ParseQuery(string(body))
	}
	for name, values := range r.URL.Query() {
		if !sent.Has(name) {
			sent[name] = values
		}
	}
	version := sent.Get("formatversion")
	return sent.Get("action"), sent.Get("format") == "json" && (version == "2" || version == "latest")
}

// fits holds an answer to what the document says of the action's, or of errors.
func (s *site) fits(t testing.TB, action string, a answer) {
	t.Helper()
	if s.described == nil {
		s.described = s.describe(t)
	}
	component := componentOf("action="+action, a)
	v := unmarshal(t, a.text)
	if err := s.described.schema(t, component).Validate(v); err != nil {
		t.Errorf("%.2000s is not what the document says: %s", a.text, briefly(err))
	}
}

// briefly tells of a validation that failed what lies deepest: the rest is every other thing that the value is not, either.
func briefly(err error) string {
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return err.Error()
	}
	deepest := failed
	var look func(*jsonschema.ValidationError)
	look = func(e *jsonschema.ValidationError) {
		if len(e.InstanceLocation) > len(deepest.InstanceLocation) {
			deepest = e
		}
		for _, cause := range e.Causes {
			look(cause)
		}
	}
	look(failed)
	text := deepest.Error()
	return text[:min(len(text), 1000)]
}

// liveAnswers makes all calls; fits has held the answers to the document. It gives them by their calls.
func liveAnswers(t *testing.T, s *site) map[string]answer {
	t.Helper()
	people := map[string]*client{}
	answers := map[string]answer{}
	for _, call := range liveCalls() {
		c := s.client(t)
		if call.who != "" {
			if people[call.who] == nil {
				people[call.who] = s.signedIn(t, call.who)
			}
			c = people[call.who]
		}
		method, rest, _ := strings.Cut(call.call, " ")
		if before, after, ok := strings.Cut(rest, "TOKEN:"); ok {
			typ, after, more := strings.Cut(after, "&")
			rest = before + c.token(typ)
			if more {
				rest += "&" + after
			}
		}
		send := c.get
		if method == http.MethodPost {
			send = c.post
		}
		a := send(rest, "format", "json", "formatversion", "2")
		if !strings.Contains(a.text, call.want) {
			t.Errorf("%s %s:\n got %s\nwant %s", call.who, call.call, a.text, call.want)
		}
		if s.described.schema(t, "Answer").Validate(unmarshal(t, a.text)) != nil {
			t.Errorf("%.2000s is none of the answers that the document knows", a.text)
		}
		if a.code() == "" && a.at("warnings") == nil {
			s.fitsRequest(t, form(rest, "format", "json", "formatversion", "2"))
		}
		answers[call.who+" "+call.call] = a
	}
	return answers
}

// fitsRequest holds what the server took without a word to what the document says of requests.
func (s *site) fitsRequest(t *testing.T, sent url.Values) {
	t.Helper()
	w := &openAPIWriter{api: s.Handler.(*api)}
	o := &result.Object{}
	for name := range sent {
		o.Put(name, w.exampleValue(sent.Get("action"), name, sent.Get(name)))
	}
	v := unmarshal(t, string(result.JSON{Modern: true}.Append(nil, o)))
	if err := s.described.schema(t, sent.Get("action")+".request").Validate(v); err != nil {
		t.Errorf("%v is taken, and not what the document says: %s", sent, briefly(err))
	}
}

// TestLiveAnswers calls every module, and holds what comes back to what the document says. (So does every other test that
// asks for such an answer.)
func TestLiveAnswers(t *testing.T) {
	s := liveSite(t)
	answered := map[string]bool{}
	for _, a := range liveAnswers(t, s) {
		for _, o := range []any{any(a.doc), a.at("query")} {
			if o, ok := o.(map[string]any); ok {
				for name := range o {
					answered[name] = true
				}
			}
		}
	}
	a := s.Handler.(*api)
	for _, m := range slices.Concat(a.actions, a.metas, a.lists) {
		for _, member := range m.answer {
			if !answered[member.Name] {
				t.Errorf("no call was answered with %s of %s", member.Name, m.path)
			}
		}
	}
}

// TestStatusesFit walks flows with every status; fits holds each step to the document.
func TestStatusesFit(t *testing.T) {
	s := newSite(t, change{auth: func(c *auth.Config) { c.Secondary = []auth.SecondaryProvider{wants{}} }})
	seen := map[any]bool{}
	for _, format := range []string{"wikitext", "html", "raw", "none"} {
		for _, merge := range []string{"", "&createmergerequestfields=&loginmergerequestfields="} {
			c := s.client(t)
			more := "&format=json&formatversion=2&createmessageformat=" + format + merge
			name := "Walker " + format + string(rune('a'+len(merge)%26))
			steps := []string{
				"action=createaccount&createreturnurl=http://x/&username=" + name + "&password=" + testPassword + "&retype=" + testPassword,
				"action=createaccount&createcontinue=&code=1", "action=createaccount&createcontinue=&skip=1", "action=createaccount&createcontinue=",
			}
			for _, step := range steps {
				seen[c.post(step+more, "createtoken", c.token("createaccount")).at("createaccount.status")] = true
			}
			more = "&format=json&formatversion=2&loginmessageformat=" + format + merge
			for _, step := range []string{"action=clientlogin&loginreturnurl=http://x/&username=" + name + "&password=" + testPassword, "action=clientlogin&logincontinue=&more=1"} {
				seen[c.post(step+more, "logintoken", c.token("login")).at("clientlogin.status")] = true
			}
			a := s.writeRestart(t, message.Format(format), merge != "")
			seen[a.at("clientlogin.status")] = true
			s.fits(t, "clientlogin", a)
		}
	}
	for _, status := range []auth.Status{auth.Pass, auth.Fail, auth.UI, auth.Redirect, auth.Restart} {
		if !seen[string(status)] {
			t.Errorf("no answer was %s", status)
		}
	}
}

// writeRestart is an answer that no provider of this version gives.
func (s *site) writeRestart(t *testing.T, format message.Format, merge bool) answer {
	t.Helper()
	r := auth.Response{Status: auth.Restart, Messages: []auth.Message{message.New("authmanager-authn-no-local-user")}, Requests: offered("1")}
	o, err := flowWriter{lang: s.Handler.(*api).english, format: format, merge: merge}.response(r)
	must(t, err)
	a := answer{text: `{"clientlogin":` + jsonOf(o.Members, true, false) + "}"}
	must(t, json.Unmarshal([]byte(a.text), &a.doc))
	return a
}

// TestWrongAnswersAreRefused changes answers that fit in every place, and holds that the document notices.
func TestWrongAnswersAreRefused(t *testing.T) {
	s := liveSite(t)
	answers := liveAnswers(t, s)
	d := s.described
	places := 0
	for call, a := range answers {
		component := componentOf(call, a)
		v := unmarshal(t, a.text)
		left := 15 // the larger answers are of one kind throughout
		walk(v, func(o map[string]any) {
			if left--; left < 0 {
				return
			}
			places++
			o["an unknown member"] = []any{json.Number("1")}
			if d.schema(t, component).Validate(v) == nil || places%10 == 0 && d.schema(t, "Answer").Validate(v) == nil {
				t.Errorf("%s: an unknown member is taken beside %v", call, slices.Sorted(maps.Keys(o)))
			}
			delete(o, "an unknown member")
		})
	}
	if places < 500 {
		t.Errorf("%d objects in all", places)
	}
	for _, c := range []struct{ call, path, member string }{
		{" POST action=createaccount&createtoken=TOKEN:createaccount&createreturnurl=http://x/&username=%23", "createaccount", "status"},
		{" POST action=createaccount&createtoken=TOKEN:createaccount&createreturnurl=http://x/&username=%23", "createaccount", "messagecode"},
		{" POST action=createaccount&createtoken=TOKEN:createaccount&createreturnurl=http://x/&username=%23", "createaccount", "canpreservestate"},
		{" POST action=createaccount&createtoken=TOKEN:createaccount&createreturnurl=http://x/&username=%23", "", "createaccount"},
		{" POST action=createaccount", "error", "code"},
		{" POST action=createaccount", "error", "info"},
		{" GET action=query&meta=tokens|nosuch&type=x|y&curtimestamp=&errorformat=raw", "warnings.0", "key"},
		{" GET action=query&meta=tokens|nosuch&type=x|y&curtimestamp=&errorformat=raw", "warnings.0", "code"},
		{"Ann GET action=query&meta=authmanagerinfo&amirequestsfor=create&amimessageformat=html", "query.authmanagerinfo.requests.0", "id"},
		{"Ann GET action=query&meta=authmanagerinfo&amirequestsfor=create&amimessageformat=html", "query.authmanagerinfo.requests.0", "metadata"},
		{"Ann GET action=query&meta=authmanagerinfo&amirequestsfor=create&amimessageformat=html", "query.authmanagerinfo.requests.0.fields.username", "type"},
		{"Ann GET action=query&meta=authmanagerinfo&amirequestsfor=create&amimessageformat=html", "query.authmanagerinfo.requests.0.fields.username", "sensitive"},
		{" GET action=query&meta=userinfo&uiprop=*", "query.userinfo", "name"},
		{" GET action=query&list=users&ususerids=1|99|-5", "query.users.1", "missing"},
		{" GET action=query&meta=siteinfo&siprop=*&sinumberingroup=", "query.general", "generator"},
		{" GET action=query&meta=siteinfo&siprop=*&sinumberingroup=", "query.namespaces.2", "content"},
		{" GET action=query&list=allusers&auprop=*&aulimit=2", "continue", "continue"},
	} {
		a, ok := answers[c.call]
		if !ok {
			t.Fatalf("nobody called %s", c.call)
		}
		component := d.schema(t, componentOf(c.call, a))
		a.doc = unmarshal(t, a.text).(map[string]any)
		o := a.doc
		if c.path != "" {
			o, _ = a.at(c.path).(map[string]any)
		}
		was, there := o[c.member]
		if !there {
			t.Fatalf("%s: no %s in %s: %s", c.call, c.member, c.path, a.text)
		}
		o[c.member] = []any{nil, map[string]any{}}
		if component.Validate(a.doc) == nil {
			t.Errorf("%s: %s in %s is any value", c.call, c.member, c.path)
		}
		delete(o, c.member)
		if component.Validate(a.doc) == nil {
			t.Errorf("%s: nobody misses %s in %s", c.call, c.member, c.path)
		}
		o[c.member] = was
	}
}

// componentOf is what an answer has to be.
func componentOf(call string, a answer) string {
	switch {
	case a.at("error") != nil:
		return "Error"
	case a.at("errors") != nil:
		return "Errors"
	}
	_, action, _ := strings.Cut(call, "action=")
	action, _, _ = strings.Cut(action, "&")
	return action + ".answer"
}
