package actionapi

import (
	"strings"
	"testing"
)

func TestErrorFormats(t *testing.T) {
	s := newSite(t, change{})
	const (
		doc = `"How to use the API: http://wiki.test/w/api.php What is out of date will stop working one day. ` +
			`The documentation says what to use instead."`
		data  = `"parameter":"createrequests","limit":50,"lowlimit":50,"highlimit":500`
		plain = `\"createrequests\" has too many values. It takes at most 50 values.`
		html  = `<var>createrequests</var> has too many values. It takes at most 50 values.`
		raw   = `"key":"paramvalidator-toomanyvalues","params":[{"plaintext":"createrequests"},{"num":50}],`
		rest  = `"data":{` + data + `},"module":"createaccount"`
	)
	for _, tt := range []struct{ format, one, two string }{
		{"bc", `{"error":{"code":"toomanyvalues","info":"` + plain + `",` + data + `,"*":` + doc + `}}`,
			`{"error":{"code":"toomanyvalues","info":"` + plain + `",` + data + `,"docref":` + doc + `}}`},
		{"plaintext", `{"errors":[{"code":"toomanyvalues",` + rest + `,"*":"` + plain + `"}],"*":` + doc + `}`,
			`{"errors":[{"code":"toomanyvalues","text":"` + plain + `",` + rest + `}],"docref":` + doc + `}`},
		{"html", `{"errors":[{"code":"toomanyvalues",` + rest + `,"*":"` + html + `"}],"*":` + doc + `}`,
			`{"errors":[{"code":"toomanyvalues","html":"` + html + `",` + rest + `}],"docref":` + doc + `}`},
		{"wikitext", `{"errors":[{"code":"toomanyvalues",` + rest + `,"*":"` + html + `"}],"*":` + doc + `}`,
			`{"errors":[{"code":"toomanyvalues","text":"` + html + `",` + rest + `}],"docref":` + doc + `}`},
		{"raw", `{"errors":[{"code":"toomanyvalues",` + raw + rest + `}],"*":` + doc + `}`,
			`{"errors":[{"code":"toomanyvalues",` + raw + rest + `}],"docref":` + doc + `}`},
		{"none", `{"errors":[{"code":"toomanyvalues",` + rest + `}],"*":` + doc + `}`,
			`{"errors":[{"code":"toomanyvalues",` + rest + `}],"docref":` + doc + `}`},
	} {
		for version, want := range map[string]string{"1": tt.one, "2": tt.two} {
			a := s.client(t).get("action=createaccount&format=json&formatversion=" + version + "&errorformat=" + tt.format +
				"&createrequests=" + strings.Repeat("x|", 50))
			if a.text != want {
				t.Errorf("%s, version %s:\n got %s\nwant %s", tt.format, version, a.text, want)
			}
		}
	}
}

// TestRawParams spells the parameters that clients see of each error of the page.
func TestRawParams(t *testing.T) {
	s := newSite(t, change{})
	c := s.client(t)
	token := c.token("createaccount")
	for _, tt := range []struct{ about, query, body, want string }{
		{"notoken", "", "action=createaccount", `"code":"notoken","key":"paramvalidator-missingparam","params":[{"plaintext":"createtoken"}],"module":"createaccount"`},
		{"missingparam", "", "action=createaccount&createtoken=TOKEN", `"code":"missingparam","key":"apierror-missingparam-at-least-one-of",` +
			`"params":[{"list":["<var>createcontinue</var>","<var>createreturnurl</var>"],"type":"text"},2],"module":"createaccount"`},
		{"badurl", "", "action=createaccount&createtoken=TOKEN&createreturnurl=a <b>", `"code":"badurl_createreturnurl","key":"apierror-badurl",` +
			`"params":["createreturnurl","a &#60;b&#62;"],"module":"createaccount"`},
		{"mustpostparams", "createtoken=TOKEN", "action=createaccount", `"code":"mustpostparams","key":"apierror-mustpostparams","params":["createtoken",1],"module":"createaccount"`},
		{"badtoken", "", "action=createaccount&createtoken=x", `"code":"badtoken","key":"apierror-badtoken","params":[],"module":"createaccount"`},
		{"badvalue", "", "action=query&errorlang=de&format=json&formatversion=2&meta=authmanagerinfo&amirequestsfor=x&amimessageformat=y",
			`"code":"badvalue","key":"paramvalidator-badvalue-enumnotmulti","params":[{"plaintext":"amirequestsfor"},{"plaintext":"x"},` +
				`{"list":[{"plaintext":"login"},{"plaintext":"login-continue"},{"plaintext":"create"},{"plaintext":"create-continue"},{"plaintext":"link"},` +
				`{"plaintext":"link-continue"},{"plaintext":"change"},{"plaintext":"remove"},{"plaintext":"unlink"}],"type":"text"},{"num":9}],"module":"query+authmanagerinfo"`},
		{"unknown action", "", "action=<x>", `"params":[{"plaintext":"action"},{"plaintext":"<x>"},`},
	} {
		put := func(v string) string { return strings.ReplaceAll(v, "TOKEN", token) }
		a := c.postTo(put(tt.query), put(tt.body)+"&errorformat=raw&format=json&formatversion=2")
		if !strings.Contains(a.text, tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", tt.about, a.text, tt.want)
		}
	}
}

func TestBCWarningsByModule(t *testing.T) {
	s := newSite(t, change{})
	a := s.client(t).get("action=query&meta=tokens&type=x|y&requestid=\x01&zzz=1&format=json")
	want := `{"batchcomplete":"","warnings":{"tokens":{"*":"\"type\" has unknown values: x, y."},` +
		`"main":{"*":"\"requestid\" has bytes that are no text, or control characters. They were replaced.\nUnknown parameter: zzz."}},` +
		`"requestid":"\ufffd","query":{"tokens":{}}}`
	if a.text != want {
		t.Errorf("\n got %s\nwant %s", a.text, want)
	}
}

func TestUnknownErrorFormat(t *testing.T) {
	s := newSite(t, change{})
	a := s.client(t).get("action=query&errorformat=nosuch&format=json&formatversion=2")
	if a.at("error.code") != "badvalue" || a.at("error.docref") == nil {
		t.Errorf("got %s", a.text)
	}
}

func TestRequestedFields(t *testing.T) {
	s := newSite(t, change{})
	now := s.clock.now().Format("2006-01-02T15:04:05Z")
	for query, want := range map[string]string{
		"action=query&requestid=é&curtimestamp=0&servedby=":                  `{"batchcomplete":true,"requestid":"é","curtimestamp":"` + now + `"}`,
		"action=query&responselanginfo=&uselang=qqx&errorlang=content":       `{"batchcomplete":true,"uselang":"qqx","errorlang":"en"}`,
		"action=query&responselanginfo=&uselang=../x&errorformat=none":       `{"batchcomplete":true,"uselang":"en","errorlang":"en"}`,
		"action=query&responselanginfo=&uselang=qqx&errorformat=plaintext":   `{"batchcomplete":true,"uselang":"qqx","errorlang":"qqx"}`,
		"action=query&responselanginfo=&errorlang=qqx&errorformat=plaintext": `{"batchcomplete":true,"uselang":"en","errorlang":"qqx"}`,
	} {
		if a := s.client(t).get(query + "&format=json&formatversion=2"); a.text != want {
			t.Errorf("%s:\n got %s\nwant %s", query, a.text, want)
		}
	}
	a := s.client(t).get("action=nosuch&requestid=1&format=json")
	if a.at("requestid") != "1" || a.code() != "badvalue" {
		t.Errorf("beside an error: %s", a.text)
	}
}

// TestServedBy: the machine has no name to others unless the operator gave it one; then errors tell it unasked.
func TestServedBy(t *testing.T) {
	hidden := newSite(t, change{})
	named := newSite(t, change{api: func(c *Config) { c.HostName = "gatehouse-2" }})
	for _, tt := range []struct {
		site  *site
		query string
		want  string
	}{
		{hidden, "action=query&servedby=1", `{"batchcomplete":true}`},
		{named, "action=query", `{"batchcomplete":true}`},
		{named, "action=query&servedby[]=1", `{"batchcomplete":true}`},
		{named, "action=query&servedby=&requestid=1&responselanginfo=", `{"batchcomplete":true,"requestid":"1","servedby":"gatehouse-2","uselang":"en","errorlang":"en"}`},
		{named, "action=nosuch&errorformat=none", `{"errors":[{"code":"badvalue","module":"main"}],"docref":"` + docText + `","servedby":"gatehouse-2"}`},
	} {
		if a := tt.site.client(t).get(tt.query + "&format=json&formatversion=2"); a.text != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.query, a.text, tt.want)
		}
	}
}
