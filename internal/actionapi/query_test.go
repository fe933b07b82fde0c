package actionapi

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// TestFieldsOfACreation is the example of the protocol, object for object.
func TestFieldsOfACreation(t *testing.T) {
	s := newSite(t, change{})
	const requests = `"requests":[` +
		`{"id":"MediaWiki\\Auth\\PasswordAuthenticationRequest","metadata":{},"required":"primary-required",` +
		`"provider":"(authmanager-provider-password)","account":"",` +
		`"fields":{"username":{"type":"string","label":"(userlogin-yourname)","help":"(authmanager-username-help)"},` +
		`"password":{"type":"password","label":"(userlogin-yourpassword)","help":"(authmanager-password-help)","sensitive":""},` +
		`"retype":{"type":"password","label":"(yourpasswordagain)","help":"(authmanager-retype-help)","sensitive":""}}},` +
		`{"id":"MediaWiki\\Auth\\UsernameAuthenticationRequest","metadata":{},"required":"required",` +
		`"provider":"MediaWiki\\Auth\\UsernameAuthenticationRequest","account":"MediaWiki\\Auth\\UsernameAuthenticationRequest",` +
		`"fields":{"username":{"type":"string","label":"(userlogin-yourname)","help":"(authmanager-username-help)"}}},` +
		`{"id":"MediaWiki\\Auth\\UserDataAuthenticationRequest","metadata":{},"required":"required",` +
		`"provider":"MediaWiki\\Auth\\UserDataAuthenticationRequest","account":"MediaWiki\\Auth\\UserDataAuthenticationRequest",` +
		`"fields":{"email":{"type":"string","label":"(authmanager-email-label)","help":"(authmanager-email-help)","optional":""},` +
		`"realname":{"type":"string","label":"(authmanager-realname-label)","help":"(authmanager-realname-help)","optional":""}}}]`
	// Format version 2 writes both flags out, and what is false.
	modern := strings.NewReplacer(
		`help)"}`, `help)","optional":false,"sensitive":false}`, `"sensitive":""`, `"optional":false,"sensitive":true`,
		`"optional":""`, `"optional":true,"sensitive":false`,
	).Replace(requests)
	for version, want := range map[string]string{
		"1": `{"batchcomplete":"","query":{"authmanagerinfo":{"canauthenticatenow":"","cancreateaccounts":"","preservedusername":"",` + requests + `}}}`,
		"2": `{"batchcomplete":true,"query":{"authmanagerinfo":{"canauthenticatenow":true,"cancreateaccounts":true,"canlinkaccounts":false,` +
			`"haspreservedstate":false,"hasprimarypreservedstate":false,"preservedusername":"",` + modern + `}}}`,
	} {
		a := s.client(t).get("action=query&meta=authmanagerinfo&amirequestsfor=create&uselang=qqx&format=json&formatversion=" + version)
		if a.text != want {
			t.Errorf("version %s:\n got %s\nwant %s", version, a.text, want)
		}
	}
}

func TestAuthManagerInfo(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	get := func(c *client, query string) answer {
		return c.get("action=query&meta=authmanagerinfo&format=json&formatversion=2&uselang=qqx&" + query)
	}
	ann := s.signedIn(t, "Ann")
	if a := get(ann, "amirequestsfor=create&amimergerequestfields="); a.at("query.authmanagerinfo.requests.0.fields") != nil ||
		a.at("query.authmanagerinfo.fields.reason.optional") != true || a.at("query.authmanagerinfo.fields.password.optional") != false {
		t.Errorf("merged: %s", a.text)
	}
	if a := get(ann, "amirequestsfor=create&amimessageformat=raw"); a.at("query.authmanagerinfo.requests.0.provider.key") != "authmanager-provider-password" ||
		!strings.Contains(a.text, `"account":{"key":"rawmessage","params":[null]}`) {
		t.Errorf("raw: %s", a.text)
	}
	if a := get(ann, "amirequestsfor=create&amimessageformat=none"); strings.Contains(a.text, `"label"`) || strings.Contains(a.text, `"provider"`) {
		t.Errorf("none: %s", a.text)
	}
	if a := get(s.client(t), "amirequestsfor=nosuch"); a.code() != "badvalue" {
		t.Errorf("unknown action: %s", a.text)
	}
	if a := get(s.client(t), "amirequestsfor=create-continue"); !strings.Contains(a.text, `"requests":[]`) {
		t.Errorf("nothing pending: %s", a.text)
	}
	const status = "query.authmanagerinfo.securitysensitiveoperationstatus"
	if a := get(s.client(t), "amisecuritysensitiveoperation=x"); a.at(status) != "reauth" {
		t.Errorf("nobody: %s", a.text)
	}
	if a := get(ann, "amisecuritysensitiveoperation=x"); a.at(status) != "ok" {
		t.Errorf("just signed in: %s", a.text)
	}
	s.clock.advance(auth.DefaultReauthenticateAfter + time.Second)
	if a := get(ann, "amisecuritysensitiveoperation=x"); a.at(status) != "reauth" {
		t.Errorf("an hour later: %s", a.text)
	}
}

func TestTokens(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	tests := []struct {
		query, want string // real tokens read REAL
		cookie      bool
	}{
		{"", `{"csrftoken":"+\\"}`, false},
		{"type=", `{}`, false},
		{"type=login|createaccount|login", `{"logintoken":"REAL","createaccounttoken":"REAL"}`, true},
		{"type=*", `{"createaccounttoken":"REAL","csrftoken":"+\\","logintoken":"REAL","patroltoken":"+\\","rollbacktoken":"+\\","userrightstoken":"+\\","watchtoken":"+\\"}`, true},
		{"type=nosuch", `{}`, false},
	}
	real := regexp.MustCompile(`[0-9a-f]{40}\+\\\\`)
	hide := func(text string) string { return real.ReplaceAllString(text, "REAL") }
	for _, tt := range tests {
		c := s.client(t)
		a := c.get("action=query&meta=tokens&format=json&formatversion=2&" + tt.query)
		if got := hide(a.text); !strings.Contains(got, `"tokens":`+tt.want+`}`) {
			t.Errorf("%s: got %s, want %s", tt.query, got, tt.want)
		}
		if (c.cookies["wiki_session"] != "") != tt.cookie {
			t.Errorf("%s: cookies %v", tt.query, c.cookies)
		}
	}
	if a := s.signedIn(t, "Ann").get("action=query&meta=tokens&type=csrf|watch&format=json"); strings.Contains(hide(a.text), `"+\\"`) {
		t.Errorf("signed in: %s", a.text)
	}
}

func TestUsers(t *testing.T) {
	s := newSite(t, change{})
	ann := s.create(t, "Ann")
	id := strconv.FormatInt(int64(ann.ID), 10)
	tests := []struct{ query, want string }{
		{"ususers=Ann", `[{"userid":` + id + `,"name":"Ann"}]`},
		{"ususers=Nobody_x|ann|#|Ann|1.2.3.4", `[{"name":"#","invalid":true},{"name":"1.2.3.4","invalid":true},{"name":"Nobody x","missing":true},{"userid":` + id + `,"name":"Ann"}]`},
		{"ususers=\x1fAnn\x1fa|b", `[{"name":"a|b","invalid":true},{"userid":` + id + `,"name":"Ann"}]`},
		{"ususerids=" + id + "|99999", `[{"userid":` + id + `,"name":"Ann"},{"userid":99999,"missing":true}]`},
		{"ususers=Ann|Free|Foo@x&usprop=cancreate", `[{"userid":` + id + `,"name":"Ann"},{"name":"Free","missing":true,"cancreate":true},` +
			`{"name":"Foo@x","missing":true,"cancreate":false,"cancreateerror":[{"message":"noname","params":[],"code":"invaliduser","type":"error"}]}]`},
		{"ususers=Foo@x&usprop=cancreate&errorformat=none", `[{"name":"Foo@x","missing":true,"cancreate":false,"cancreateerror":[{"code":"invaliduser"}]}]`},
		{"ususers=Ann&usprop=groups|groupmemberships|implicitgroups|editcount|emailable|gender|centralids",
			`[{"userid":` + id + `,"name":"Ann","groups":["*","user","autoconfirmed"],"groupmemberships":[],"implicitgroups":["*","user","autoconfirmed"],` +
				`"editcount":0,"emailable":false,"gender":"unknown","centralids":{"local":` + id + `},"attachedlocal":{"local":true}}]`},
		{"", `[]`},
	}
	for _, tt := range tests {
		a := s.client(t).get("action=query&list=users&format=json&formatversion=2&" + tt.query)
		if want := `{"batchcomplete":true,"query":{"users":` + tt.want + `}}`; a.text != want {
			t.Errorf("%s:\n got %s\nwant %s", tt.query, a.text, want)
		}
	}
	for query, code := range map[string]string{
		"ususers=Ann&ususerids=1":                   "invalidparammix",
		"ususerids=x":                               "badinteger",
		"ususers=" + strings.Repeat("A|", 50) + "B": "toomanyvalues",
	} {
		if a := s.client(t).get("action=query&list=users&format=json&" + query); a.code() != code {
			t.Errorf("%s: %s", query, a.text)
		}
	}
}

func TestUserInfo(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann", "sysop", "bureaucrat")
	c := s.signedIn(t, "Ann")
	a := c.get("action=query&meta=userinfo|userinfo&uiprop=*&format=json&formatversion=2")
	for path, want := range map[string]any{
		"query.userinfo.name": "Ann", "query.userinfo.groups.0": "bureaucrat", "query.userinfo.groups.2": "*",
		"query.userinfo.groupmemberships.1.group": "sysop", "query.userinfo.rights.0": "apihighlimits", "query.userinfo.editcount": 0.0,
		"query.userinfo.messages": false, "query.userinfo.email": "", "query.userinfo.realname": "", "query.userinfo.cancreateaccount": true,
		"query.userinfo.changeablegroups.add.0": "bot", "query.userinfo.changeablegroups.add-self.0": nil, "query.userinfo.options.language": "en", "query.userinfo.unreadcount": 0.0, "warnings": nil,
	} {
		if got := a.at(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	a = s.client(t).get("action=query&meta=userinfo&uiprop=groups|rights|changeablegroups|blockinfo&format=json&formatversion=2")
	want := `{"id":0,"name":"192.0.2.7","anon":true,"groups":["*"],"rights":["createaccount","read"],` +
		`"changeablegroups":{"add":[],"remove":[],"add-self":[],"remove-self":[]}}`
	if !strings.Contains(a.text, want) {
		t.Errorf("nobody: %s", a.text)
	}
}

func TestBlocksShow(t *testing.T) {
	s := newSite(t, change{})
	ann := s.create(t, "Ann")
	c := s.signedIn(t, "Ann")
	_, err := s.store.AddBlock(t.Context(), auth.Block{Account: ann.ID, AccountName: "Ann", By: "Boss", ByID: 9, Reason: "why", PreventCreate: true})
	must(t, err)
	for _, query := range []string{"meta=userinfo&uiprop=blockinfo", "list=users&ususers=Ann&usprop=blockinfo"} {
		a := c.get("action=query&format=json&formatversion=2&" + query)
		for _, want := range []string{`"blockedby":"Boss"`, `"blockedbyid":9`, `"blockreason":"why"`, `"blockexpiry":"infinite"`, `"blocknocreate":true`, `"blockpartial":false`} {
			if !strings.Contains(a.text, want) {
				t.Errorf("%s: no %s in %s", query, want, a.text)
			}
		}
	}
	if a := c.get("action=query&format=json&errorformat=none&formatversion=2&meta=userinfo&uiprop=cancreateaccount"); a.at("query.userinfo.cancreateaccount") != false ||
		a.at("query.userinfo.cancreateaccounterror.0.code") != "blocked" {
		t.Errorf("cancreateaccount: %s", a.text)
	}
}

func TestLogEvents(t *testing.T) {
	s := newSite(t, change{})
	s.create(t, "Ann")
	ann := s.signedIn(t, "Ann")
	for _, name := range []string{"One", "Two", "Three"} {
		if a := ann.begin("username", name, "reason", "see [[User:Ann|her]] & <b>"); a.at("createaccount.status") != "PASS" {
			t.Fatal(a.text)
		}
	}
	s.clock.advance(time.Hour) // the store dates entries by its own clock
	get := func(query string) answer {
		return s.client(t).get("action=query&list=logevents&format=json&formatversion=2&" + query)
	}
	a := get("letitle=User:Two&leprop=ids|title|type|user|userid|timestamp|comment|parsedcomment|details|tags")
	for path, want := range map[string]any{
		"ns": 2.0, "title": "User:Two", "pageid": 0.0, "logpage": 0.0, "type": "newusers", "action": "create2", "user": "Ann", "userid": 1.0,
		"comment": "see [[User:Ann|her]] & <b>", "parsedcomment": `see <a href="/wiki/User:Ann">her</a> &amp; &lt;b&gt;`, "params.userid": 3.0,
	} {
		if got := a.at("query.logevents.0." + path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	for query, want := range map[string]string{
		"leprop=title&leuser=ann":                                    "Three Two One Ann",
		"leprop=title&ledir=newer":                                   "Ann One Two Three",
		"leprop=title&leaction=newusers/create":                      "Ann",
		"leprop=title&leaction=newusers/*&letype=newusers&lelimit=1": "Three",
		"leprop=title&leprefix=User:t":                               "Three Two",
		"leprop=title&letitle=Talk:Two":                              "",
		"leprop=title&letag=x":                                       "",
		"leprop=title&lenamespace=2&lelimit=max":                     "Three Two One Ann",
		"leprop=title&lenamespace=3":                                 "",
		"leprop=title&lestart=now&leend=2001-01-01T00:00:00Z":        "Three Two One Ann",
		"leprop=title&lestart=2001-01-01T00:00:00Z":                  "",
	} {
		if got := titles(get(query)); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	if a := get("lelimit=max"); a.at("limits.logevents") != 500.0 {
		t.Errorf("max: %s", a.text)
	}
	for query, code := range map[string]string{
		"letype=nosuch": "badvalue", "leaction=newusers/nosuch": "unknown_leaction", "leaction=create": "unknown_leaction",
		"lecontinue=x": "badcontinue", "lecontinue=20240101000000|": "badcontinue", "continue=x": "badcontinue", "leuser=#": "baduser",
	} {
		if a := get(query); a.code() != code {
			t.Errorf("%s: %s", query, a.text)
		}
	}
}

func titles(a answer) string {
	entries, _ := a.at("query.logevents").([]any)
	var names []string
	for _, e := range entries {
		title, _ := e.(map[string]any)["title"].(string)
		names = append(names, strings.TrimPrefix(title, "User:"))
	}
	return strings.Join(names, " ")
}

// TestContinuation walks a list in pages by sending back all that continue has.
func TestContinuation(t *testing.T) {
	s := newSite(t, change{})
	for _, name := range []string{"Ann", "Bob", "Cid"} {
		s.create(t, name)
	}
	for dir, want := range map[string]string{"older": "Cid Bob Ann", "newer": "Ann Bob Cid"} {
		query, got := "", ""
		for range 5 {
			a := s.client(t).get("action=query&list=logevents&meta=userinfo&lelimit=1&leprop=title&format=json&ledir=" + dir + query)
			got += titles(a) + " "
			if (a.at("query.userinfo") != nil) != (query == "") || a.at("batchcomplete") != "" {
				t.Errorf("what is done is done again: %s", a.text)
			}
			next, _ := a.at("continue").(map[string]any)
			if next == nil {
				break
			}
			query = "&continue=" + next["continue"].(string) + "&lecontinue=" + next["lecontinue"].(string)
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: got %s, want %s", dir, got, want)
		}
	}
	a := s.client(t).get("action=query&list=logevents&lelimit=2&format=json&rawcontinue=")
	if a.at("query-continue.logevents.lecontinue") == nil || a.at("batchcomplete") != nil || a.at("continue") != nil {
		t.Errorf("raw: %s", a.text)
	}
}

func TestAllUsers(t *testing.T) {
	s := newSite(t, change{})
	for _, name := range []string{"Ann", "Anton", "Bob"} {
		s.create(t, name)
	}
	s.create(t, "Cid", "sysop")
	for query, want := range map[string]string{
		"":                            "Ann Anton Bob Cid",
		"auprefix=an":                 "Ann Anton",
		"aufrom=anton&auto=Bob":       "Anton Bob",
		"audir=descending":            "Cid Bob Anton Ann",
		"audir=descending&aufrom=Bob": "Bob Anton Ann",
		"augroup=sysop|bot":           "Cid",
		"augroup=sysop":               "Cid",
		"augroup=nosuch":              "Ann Anton Bob Cid", // with a warning
		"auexcludegroup=sysop":        "Ann Anton Bob",
		"aurights=noratelimit":        "Cid",
		"aurights=read":               "", // everybody has it, but by no group that anybody was put into
		"augroup=bot":                 "",
		"auexcludetemp=":              "Ann Anton Bob Cid",
		"auexcludenamed=":             "",
		"auwitheditsonly=false":       "",
		"aulimit=2":                   "Ann Anton",
	} {
		a := s.client(t).get("action=query&list=allusers&format=json&" + query)
		rows, ok := a.at("query.allusers").([]any)
		var names []string
		for _, r := range rows {
			name, _ := r.(map[string]any)["name"].(string)
			names = append(names, name)
		}
		if got := strings.Join(names, " "); got != want || !ok {
			t.Errorf("%s: got %q, want %q: %s", query, got, want, a.text)
		}
		if query == "aulimit=2" && a.at("continue.aufrom") != "Bob" {
			t.Errorf("continue: %s", a.text)
		}
	}
}

func TestUnknownParts(t *testing.T) {
	s := newSite(t, change{})
	a := s.client(t).get("action=query&meta=nosuch|tokens&list=x&prop=info&siprop=general&format=json&errorformat=none&formatversion=2")
	want := `{"batchcomplete":true,"warnings":[{"code":"unrecognizedvalues","data":{"values":["info"]},"module":"query"},` +
		`{"code":"unrecognizedvalues","data":{"values":["x"]},"module":"query"},` +
		`{"code":"unrecognizedvalues","data":{"values":["nosuch"]},"module":"query"},` +
		`{"code":"unrecognizedparams","module":"main"}],"query":{"tokens":{"csrftoken":"+\\"}}}`
	if a.text != want {
		t.Errorf("got %s", a.text)
	}
	if a := s.client(t).get("action=query&format=json&continue="); a.text != `{"batchcomplete":""}` {
		t.Errorf("nothing: %s", a.text)
	}
}
