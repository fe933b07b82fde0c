package actionapi

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
)

// liveCall is a call to a site, and what has to be in its answer.
type liveCall struct {
	who, call string // call begins with "POST " or "GET "; TOKEN:type is a token
	want      string // of the answer
}

// liveCalls are calls of every module, with everything that it can be asked for.
func liveCalls() []liveCall {
	all := []liveCall{
		{"", "GET action=query", `"batchcomplete":true`},
		{"", "GET action=query&meta=tokens&type=*", `"csrftoken":"+\\"`},
		{"Ann", "GET action=query&meta=tokens&type=*", `"userrightstoken":"`},
		{"", "GET action=query&meta=tokens&origin=*", `"warnings":{"tokens":`},
		{"", "GET action=query&meta=siteinfo&siprop=*&sinumberingroup=", `"namespaces":{"-2":`},
		{"Root", "GET action=query&meta=siteinfo&siprop=usergroups&sinumberingroup=", `"number":1`},
		{"", "GET action=query&meta=userinfo&uiprop=*", `"anon":true`},
		{"Ann", "GET action=query&meta=userinfo&uiprop=*&uiattachedwiki=x", `"attachedwiki":{"local":false}`},
		{"Root", "GET action=query&meta=userinfo&uiprop=*", `"sysop"`},
		{"Bad", "GET action=query&meta=userinfo&uiprop=*", `"blockcomponents":[`},
		{"Bad", "GET action=query&meta=userinfo&uiprop=cancreateaccount&errorformat=html", `"cancreateaccounterror":[{"code":"blocked","html"`},
		{"", "GET action=query&list=users&ususers=Ann|Bad|Once|#|Free|A=b|ann&usprop=*&usattachedwiki=wiki", `"cancreateerror":`},
		{"", "GET action=query&list=users&ususers=A=b&usprop=cancreate&errorformat=raw", `"key":"noname"`},
		{"", "GET action=query&list=users&ususers=A=b&usprop=cancreate&errorformat=none", `[{"code":"invaliduser"}]`},
		{"", "GET action=query&list=users&ususerids=1|99|-5", `{"userid":99,"missing":true}`},
		{"", "GET action=query&list=allusers&auprop=*&aulimit=2", `"continue":"-||"`},
		{"", "GET action=query&list=allusers|logevents&aulimit=1&lelimit=1&meta=tokens", `"continue":"-||tokens"`},
		{"", "GET action=query&list=allusers&aulimit=1&rawcontinue=", `"query-continue":{"allusers":`},
		{"", "GET action=query&list=allusers|logevents|blocks&aulimit=max&lelimit=max&bklimit=max", `"limits":{`},
		{"", "GET action=query&list=logevents&leprop=*", `"action":"create2"`},
		{"", "GET action=query&list=logevents&letag=x", `"logevents":[]`},
		{"", "GET action=query&list=blocks&bkprop=*", `"rangeend":`},
		{"", "GET action=query&list=blocks&bkprop=", `"blocks":[{}`},
		{"", "GET action=query&meta=allmessages&ammessages=badretype|nosuch|passwordtooshort&amprop=default&amargs=8&amenableparser=", `"missing":true`},
		{"", "GET action=query&meta=allmessages&amnocontent=&amprefix=user", `"name":"user`},
		{"", "GET action=query&titles=main_Page|User:x|Special:Log|Special:Nosuch|<|Talk:User:x&indexpageids=", `"invalidreason":"`},
		{"", "GET action=query&titles=<&errorformat=html", `"invalidreason":{"code":`},
		{"", "GET action=query&pageids=1|2", `"pageid":1`},
		{"", "GET action=query&revids=7", `"badrevids":{"7":`},
		{"", "GET action=query&meta=nosuch&prop=nosuch&list=nosuch", `"warnings":{"query":`},
		{"", "GET action=query&meta=authmanagerinfo&amisecuritysensitiveoperation=x", `"securitysensitiveoperationstatus":"reauth"`},
		{"", "GET action=query&requestid=x&curtimestamp=&responselanginfo=&uselang=qqx&nosuch=1", `"requestid":"x"`},
		{"", "POST action=logout&token=TOKEN:csrf", `"warnings"`},
		{"", "POST action=logout&token=TOKEN:csrf&errorformat=plaintext", `"code":"notloggedin"`},
		{"", "GET action=help&wrap=&modules=main", `"mime":"text/html"`},
		{"", "GET action=paraminfo&modules=**", `"path":"query+tokens"`},
		{"", "GET action=paraminfo&modules=nosuch|createaccount|jsonfm&mainmodule=1&pagesetmodule=1&querymodules=tokens&formatmodules=xml", `"pagesetmodule":`},
		{"", "GET action=fancycaptchareload", `"index":"7`},
		{"", "POST action=checktoken&type=csrf&token=x", `"result":"invalid"`},
		{"", "POST action=checktoken&type=createaccount&token=TOKEN:createaccount", `"generated":"`},
		{"", "POST action=checktoken&type=createaccount&token=TOKEN:createaccount&maxtokenage=0", `"checktoken":{`},
		{"", "POST action=clearhasmsg", `"clearhasmsg":"success"`},
		{"", "POST action=validatepassword&password=Corr3ct-horse&user=Free", `{"validity":"Good"}`},
		{"", "POST action=validatepassword&password=x&user=Free&errorformat=wikitext", `"validity":"Change","validitymessages":[`},
		{"Ann", "POST action=validatepassword&password=x", `"type":"error"`},
		{"Root", "GET action=query&meta=oath&oathuser=Ann", `"oath":{"enabled":true}`},
		{"Root", "GET action=query&meta=oath&oathuser=Nobody", `"oath":{"enabled":false}`},
		{"Second", "GET action=query&meta=oath&oathuser=Ann", `"code":"permissiondenied"`},
		{"Root", `POST action=oathvalidate&user=Ann&data={"token":"000000"}&token=TOKEN:csrf`, `"oathvalidate":{"enabled":true,"valid":false}`},
		{"Root", `POST action=oathvalidate&user=Ann&data={"token":"123456"}&token=TOKEN:csrf`, `"oathvalidate":{"enabled":true,"valid":true}`},
		{"Root", `POST action=oathvalidate&user=Ann&data={"token":"slow"}&token=TOKEN:csrf`, `"code":"ratelimited"`},
		{"Root", `POST action=oathvalidate&user=Ann&data=nonsense&token=TOKEN:csrf`, `"oathvalidate":{"enabled":true,"valid":false}`},
		{"Root", `POST action=oathvalidate&user=1.2.3.4&data={}&token=TOKEN:csrf`, `"oathvalidate":{"enabled":false,"valid":false}`},
		{"Second", `POST action=oathvalidate&user=Ann&data={"token":"123456"}&token=TOKEN:csrf`, `"code":"permissiondenied"`},
		{"", "POST action=login", `"result":"NeedToken"`},
		{"", "POST action=login&lgtoken=x", `"result":"Failed"`},
		{"", "POST action=login&lgname=Ann&lgpassword=x&lgtoken=TOKEN:login&errorformat=plaintext", `"reason":{"code":`},
		{"", "POST action=login&lgname=Ann&lgpassword=x&lgtoken=TOKEN:login&x=1", `"reason":"`},
		{"", "POST action=login&lgname=Ann&lgpassword=Corr3ct-horse&lgtoken=TOKEN:login", `"result":"Success"`},
		{"", "POST action=login&origin=*", `"result":"Aborted"`},
		{"Ann", "POST action=changeauthenticationdata&changeauthrequest=MediaWiki\\Auth\\PasswordAuthenticationRequest&password=Corr3ct-horse&retype=Corr3ct-horse&changeauthtoken=TOKEN:csrf", `"status":"success"`},
		{"Root", "POST action=removeauthenticationdata&request=RemovableRequest&token=TOKEN:csrf", `"status":"success"`},
		{"", "POST action=resetpassword&user=Ann&token=TOKEN:csrf", `"status":"success"`},
		{"Root", "POST action=block&user=198.51.100.99&expiry=1 day&nocreate=&token=TOKEN:csrf", `"nocreate":true`},
		{"Root", "POST action=block&user=198.51.100.99&reblock=&token=TOKEN:csrf", `"expiry":"infinite"`},
		{"Root", "POST action=block&user=198.51.100.99&token=TOKEN:csrf", `"code":"alreadyblocked"`},
		{"Ann", "POST action=block&user=Bad&token=TOKEN:csrf&errorformat=html", `"code":"permissiondenied"`},
		{"Root", "POST action=unblock&user=198.51.100.99&reason=x&token=TOKEN:csrf", `"reason":"x"`},
		{"Root", "POST action=userrights&user=Once&add=bot&token=TOKEN:userrights", `"added":["bot"]`},
		{"", "GET action=query&list=logevents&leprop=*&letype=block", `"sitewide":true`},
		{"", "GET action=query&list=logevents&leprop=*&leaction=rights/rights", `"newmetadata":[`},
		{"", "GET action=query&list=logevents&letype=rights&leaction=block/*", `"logevents":[]`},
		{"", "GET action=query&assert=user", `"code":"assertuserfailed"`},
		{"", "GET action=nosuch", `"code":"badvalue"`},
		{"", "GET action=query&maxlag=-2", `"lag":-1`},
		{"", "GET action=query&list=users&ususers=" + strings.Repeat("a|", 50) + "a", `"highlimit":500`},
		{"", "GET action=query&list=logevents&leaction=x/y", `"code":"unknown_leaction"`},
		{"", "POST action=createaccount", `"code":"notoken"`},
		{"", "POST action=createaccount&createtoken=TOKEN:createaccount&createreturnurl=x", `"code":"badurl_createreturnurl"`},
		{"", "POST action=createaccount&createtoken=TOKEN:createaccount&createreturnurl=http://x/&username=%23", `"messagecode":"invaliduser"`},
		{"", "POST action=createaccount&createtoken=TOKEN:createaccount&createcontinue=1&createmessageformat=none", `"messagecode":"authmanager-create-not-in-progress","canpre`},
		{"", "POST action=createaccount&createtoken=TOKEN:createaccount&createreturnurl=http://x/&username=Zed&password=z&retype=z&createmessageformat=raw", `"messagecode":"___1`},
		{"", "POST action=createaccount&createtoken=TOKEN:createaccount&createreturnurl=http://x/&username=Zed&password=Corr3ct-horse&retype=Corr3ct-horse", `"status":"PASS"`},
		{"", "POST action=clientlogin&logintoken=TOKEN:login&loginreturnurl=http://x/&username=Ann&password=x&loginmessageformat=html", `"messagecode":"wrongpassword"`},
		{"Ann", "POST action=linkaccount&outside=1&linkreturnurl=http://x/&linktoken=TOKEN:csrf", `{"linkaccount":{"status":"PASS"}}`},
		{"Ann", "POST action=linkaccount&linkreturnurl=http://x/&linktoken=TOKEN:csrf", `"status":"FAIL"`},
		{"Ann", "POST action=linkaccount&linkcontinue=1&linktoken=TOKEN:csrf", `"messagecode":"authmanager-link-not-in-progress"`},
		{"", "POST action=linkaccount&linkreturnurl=http://x/&linktoken=TOKEN:csrf", `"code":"notloggedin"`},
		{"Ann", "POST action=unlinkaccount&request=Outside&token=TOKEN:csrf", `"status":"success"`},
		{"", "POST action=clientlogin&logintoken=TOKEN:login&loginreturnurl=http://x/&username=Ann&password=Corr3ct-horse", `"status":"PASS"`},
	}
	for _, action := range []string{"login", "login-continue", "create", "create-continue", "link", "change", "remove", "unlink"} {
		for _, format := range []string{"html", "wikitext", "raw", "none"} {
			all = append(all, liveCall{"Ann", "GET action=query&meta=authmanagerinfo&amirequestsfor=" + action + "&amimessageformat=" + format, `"requests":[`},
				liveCall{"", "GET action=query&meta=authmanagerinfo&amirequestsfor=" + action + "&amimergerequestfields=&amimessageformat=" + format, `"fields":{`})
		}
	}
	for _, format := range errorFormats() {
		all = append(all, liveCall{"", "GET action=query&list=users|nosuch&ususers=a&ususerids=1&nosuch=1&errorformat=" + format, `"code":"invalidparammix"`},
			liveCall{"", "GET action=query&meta=tokens|nosuch&type=x|y&curtimestamp=&errorformat=" + format, `"warnings":`},
			liveCall{"", "POST action=createaccount&createtoken=x&xslt=1&maxage=-1&errorformat=" + format, `"code":"badtoken"`})
		for _, help := range []string{"html", "wikitext", "raw", "none"} {
			all = append(all, liveCall{"", "GET action=paraminfo&modules=createaccount|query|query%2Busers&helpformat=" + help + "&errorformat=" + format, `"paraminfo":`})
		}
	}
	return all
}

// liveSite is a site with somebody in it: of every kind.
func liveSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t, change{
		api: func(c *Config) {
			c.Resets, c.Factors = &resets{}, annsApp{}
			bureaucrat := c.Groups[auth.GroupBureaucrat]
			bureaucrat.Grant = append(slices.Clone(bureaucrat.Grant), auth.RightOATHAll)
			c.Groups[auth.GroupBureaucrat] = bureaucrat
			c.Extensions = []Extension{{Type: "antispam", Name: "ConfirmEdit", Description: "asks"}, {Type: "other", Name: "X"}}
			c.SpecialPages = []SpecialPage{{Name: "Log", Aliases: []string{"Log", "Logs"}}}
			c.RateLimits = []RateLimit{{Action: "createaccount", Scope: "ip", Hits: 6, Seconds: 86400}, {Action: "edit", Scope: "user", Hits: 1, Seconds: 1}}
		},
		auth: func(c *auth.Config) {
			changing(c)
			c.Secondary = []auth.SecondaryProvider{removable{}}
			c.Primary = append(c.Primary, linkable{})
		},
	})
	for _, name := range []string{"Ann", "Bad", "Once"} {
		s.create(t, name)
	}
	s.create(t, "Root", "sysop", "bureaucrat")
	root := s.signedIn(t, "Root")
	if a := root.post("action=createaccount&format=json&createreturnurl=http://x/&reason=[[Main]]&password="+testPassword+"&retype="+testPassword,
		"username", "Second", "createtoken", root.token("createaccount")); a.at("createaccount.status") != "PASS" {
		t.Fatal(a.text)
	}
	bad, err := s.store.AccountByName(t.Context(), "Bad")
	must(t, err)
	once, err := s.store.AccountByName(t.Context(), "Once")
	must(t, err)
	for _, b := range []auth.Block{
		{Account: bad.ID, AccountName: bad.Name, Reason: "[[why]]", PreventCreate: true, By: "Root", ByID: 4},
		{Account: bad.ID, AccountName: bad.Name, Expires: s.clock.now().Add(time.Hour), By: "Root", ByID: 4},
		{Account: once.ID, AccountName: once.Name, Expires: s.clock.now().Add(time.Hour), By: "Maintenance script"},
		{Range: netip.MustParsePrefix("198.51.100.0/24"), AnonymousOnly: true, By: "Root", ByID: 4},
	} {
		b.Created = s.clock.now()
		_, err := s.store.AddBlock(t.Context(), b)
		must(t, err)
	}
	return s
}
