package actionapi

import (
	"strings"
	"testing"

	"gatehouse/internal/i18n"
)

func TestAllMessages(t *testing.T) {
	s := newSite(t, change{})
	get := func(query string, more ...string) answer {
		return s.client(t).get("action=query&meta=allmessages&format=json&formatversion=2&"+query, more...)
	}
	en, _ := texts(t).Language("en")
	for _, tt := range []struct{ query, want string }{
		{"ammessages=userexists", `[{"name":"userexists","normalizedname":"userexists","content":TEXT:userexists}]`},
		{"ammessages=Userexists|no such", `[{"name":"Userexists","normalizedname":"userexists","content":TEXT:userexists},` +
			`{"name":"no such","normalizedname":"no_such","missing":true}]`},
		{"ammessages=userexists&amlang=qqx", `[{"name":"userexists","normalizedname":"userexists","content":"(userexists)"}]`},
		{"ammessages=userexists&uselang=qqx", `[{"name":"userexists","normalizedname":"userexists","content":"(userexists)"}]`},
		{"ammessages=userexists&amlang=xx-nosuch", `[{"name":"userexists","normalizedname":"userexists","content":TEXT:userexists}]`}, // falls back
		{"ammessages=userexists&amnocontent=", `[{"name":"userexists","normalizedname":"userexists"}]`},
		{"ammessages=userexists&amprop=default", `[{"name":"userexists","normalizedname":"userexists","content":TEXT:userexists}]`},
		{"ammessages=duration-days&amargs=3", `[{"name":"duration-days","normalizedname":"duration-days","content":"{{PLURAL:3|3 day|3 days}}"}]`},
		{"ammessages=duration-days&amargs=3|3&amenableparser=", `[{"name":"duration-days","normalizedname":"duration-days","content":"3 days"}]`},
		{"ammessages=duration-days&amargs=1&amenableparser=&amprop=default",
			`[{"name":"duration-days","normalizedname":"duration-days","default":"{{PLURAL:1|1 day|1 days}}","content":"1 day"}]`},
		{"ammessages=", `[]`},
		{"amcustomised=modified", `[]`},
		{"amprefix=duration-&amnocontent=", `[{"name":"duration-days","normalizedname":"duration-days"},{"name":"duration-hours","normalizedname":"duration-hours"},` +
			`{"name":"duration-minutes","normalizedname":"duration-minutes"},{"name":"duration-seconds","normalizedname":"duration-seconds"}]`},
		{"amfilter=ration-h&amnocontent=", `[{"name":"duration-hours","normalizedname":"duration-hours"}]`},
		{"amfrom=duration-hours&amto=duration-minutes&amcustomised=unmodified&amnocontent=&amincludelocal=&amtitle=X",
			`[{"name":"duration-hours","normalizedname":"duration-hours"},{"name":"duration-minutes","normalizedname":"duration-minutes"}]`},
	} {
		want := fillText(en, `{"batchcomplete":true,"query":{"allmessages":`+tt.want+`}}`)
		if a := get(tt.query); a.text != want {
			t.Errorf("%s:\n got %s\nwant %s", tt.query, a.text, want)
		}
	}
	if a := get("amlang=no/code"); a.code() != "invalidlang" {
		t.Errorf("no language: %s", a.text)
	}
	a := get("")
	if all, _ := a.at("query.allmessages").([]any); len(all) != len(texts(t).Keys()) || a.at("warnings") != nil {
		t.Errorf("%d texts: %.300s", len(all), a.text)
	}
	if a := s.client(t).get("action=query&meta=allmessages&ammessages=comma-separator&format=xml"); !strings.Contains(a.text,
		`<allmessages><message name="comma-separator" normalizedname="comma-separator" xml:space="preserve">, </message></allmessages>`) {
		t.Errorf("xml: %s", a.text)
	}
}

// fillText puts texts of the catalogue in the places of TEXT:key.
func fillText(l *i18n.Language, s string) string {
	text, _ := l.Text("userexists")
	return strings.ReplaceAll(s, "TEXT:userexists", `"`+text+`"`)
}
