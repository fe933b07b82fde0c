package i18n

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// shapes holds how many parameters the messages of the wire have. A text may use fewer, never more; a key that is not
// here has none. Keys of our own pages are described by their notes alone.
var shapes = map[message.Key]int{
	"title-invalid-characters": 1, "title-invalid-too-long": 1, "apierror-invalidparammix-cannotusewith": 2,
	"apierror-invalidlang": 1, "apierror-cidrtoobroad": 2,

	"duration-days": 1, "duration-hours": 1, "duration-minutes": 1, "duration-seconds": 1,

	"userlogin-remembermypassword": 1, "captcha-error": 1,
	"acct_creation_throttle_hit": 2, "gatehouse-attempts": 1, "gatehouse-eventpass-full": 2, "badaccess-groups": 2, "readonlytext": 1,
	"blockedtext": 8, "blockedtext-partial": 8, "blockedtext-composite": 8, "systemblockedtext": 8, "autoblockedtext": 8,
	"apierror-permissiondenied": 1, "apierror-nosuchuserid": 1, "apierror-toofewexpiries": 2, "apierror-invalidexpiry": 1,
	"apierror-pastexpiry": 1,
	"ipb_already_blocked": 1, "ipb_blocked_as_range": 2, "ipb_cant_unblock": 1, "ip_range_toolarge": 1,
	"passwordtooshort": 1, "passwordtoolong": 1, "throttled-mailpassword": 1,
	"resetpass-validity": 1, "resetpass-validity-soft": 1,
	"nosuchusershort": 1, "login-throttled": 1, "login-userblocked": 1, "oathauth-throttled": 1,
	"authmanager-authn-autocreate-failed": 1, "authprovider-confirmlink-option": 2,
	"authprovider-confirmlink-failed": 1, "authprovider-confirmlink-success-line": 1,
	"authprovider-confirmlink-failed-line": 2,
	"openidconnect-provider":               1, "openidconnect-begin-label": 1, "openidconnect-begin-help": 1,
	"antispoof-name-illegal": 2, "antispoof-conflict-top": 2, "antispoof-conflict-item": 1,
	"titleblacklist-forbidden-new-account": 2, "abusefilter-disallowed": 1, "abusefilter-warning": 1,

	"logentry-newusers-create": 2, "logentry-newusers-create2": 4, "logentry-newusers-byemail": 4,
	"logentry-newusers-autocreate": 2, "logentry-newusers-newusers": 2,
	"createaccount-text": 5, "confirmemail_body": 7, "passwordreset-emailtext-ip": 5, "notificationemail_body_changed": 2,

	"paramvalidator-missingparam": 1, "paramvalidator-badvalue": 2, "paramvalidator-badvalue-enumnotmulti": 4,
	"paramvalidator-unrecognizedvalues": 4, "paramvalidator-notmulti": 2, "paramvalidator-toomanyvalues": 2,
	"paramvalidator-badinteger": 2, "paramvalidator-badtimestamp": 2, "paramvalidator-unclearnowtimestamp": 2,
	"paramvalidator-baduser": 2, "paramvalidator-outofrange-min": 3, "paramvalidator-outofrange-max": 4,
	"paramvalidator-outofrange-minmax": 4, "apierror-missingparam-at-least-one-of": 2,
	"apierror-missingparam-one-of": 2, "apierror-invalidparammix": 2, "apierror-unrecognizedvalue": 2,
	"apierror-unrecognizedparams": 2, "apierror-badurl": 2, "apierror-invalidtitle": 1,
	"apierror-mustpostparams": 2, "apierror-mustbeposted": 1, "apierror-http-contenttoolarge": 1,
	"apierror-moduledisabled": 1, "apierror-maxlag": 2, "apierror-maxlag-generic": 1,
	"apierror-assertnameduserfailed": 1, "apierror-exceptioncaught": 2, "apierror-exceptioncaughttype": 2,
	"api-format-prettyprint-header": 2, "api-format-prettyprint-header-hyperlinked": 3,
	"api-format-prettyprint-header-only-html": 1, "api-format-prettyprint-status": 2,
	"api-usage-docref": 1, "apiwarn-badutf8": 1, "apiwarn-unsupportedarray": 1, "apiwarn-toomanyvalues": 2,
	"paramvalidator-param-deprecated": 2, "apierror-badmodule-badsubmodule": 2, "apierror-badmodule-nosubmodules": 1,
}

// fixed holds the English texts that programs look for, or that the documentation of the API prints.
var fixed = map[message.Key]string{
	"userlogin-yourname":         "Username",
	"userlogin-yourpassword":     "Password",
	"yourpasswordagain":          "Retype password:",
	"authmanager-email-label":    "Email",
	"authmanager-realname-label": "Real name",
	"captcha-label":              "CAPTCHA",
	"captcha-id-label":           "CAPTCHA ID",
	"openidconnect-code-label":   "OpenID Code",
	"openidconnect-code-help":    "OpenID Connect code response",
	"openidconnect-state-label":  "OpenID State",
	"openidconnect-state-help":   "OpenID Connect state response",
	"oathauth-create-ui":         "Set up two-factor authentication",
	"oathauth-create-info-help":  "Two-factor authentication setup instructions",
	"oathauth-create-code-label": "Code",
	"oathauth-create-code-help":  "Two-factor authentication code",
	"oathauth-create-skip-label": "Skip",
	"oathauth-create-skip-help":  "Skip two-factor authentication setup",
}

// own tells that the pages alone use key.
func own(key message.Key) bool { return strings.HasPrefix(string(key), "gatehouse-") }

// manualParams is how many parameters a text of the API's manual may have; how many it is given stands in the modules.
func manualParams(key message.Key) int {
	if strings.HasPrefix(string(key), "apihelp-") || strings.HasPrefix(string(key), "api-help-") {
		return 6
	}
	return 0
}

var parameter = regexp.MustCompile(`\$([0-9]+)`)

func parametersOf(text string) []string {
	found := parameter.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestFilesAreTidy(t *testing.T) {
	line := regexp.MustCompile(`^\t"([^"\\]+)": ".+",?$`)
	var names []string
	for _, folder := range folders() {
		found, err := filepath.Glob(folder + "/*.json")
		if err != nil || len(found) == 0 {
			t.Fatalf("catalogues in %s: %v, %v", folder, found, err)
		}
		names = append(names, found...)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(data), "\n}\n"), "\n")
		if lines[0] != "{" {
			t.Errorf("%s does not begin with a line {", name)
		}
		last := ""
		for i, l := range lines[1:] {
			found := line.FindStringSubmatch(l)
			if found == nil {
				t.Fatalf("%s:%d is not a key and its text: %s", name, i+2, l)
			}
			if found[1] <= last {
				t.Errorf("%s:%d: %s does not belong behind %s", name, i+2, found[1], last)
			}
			last = found[1]
		}
	}
}

func TestEveryKeyHasANote(t *testing.T) {
	notes, err := readFile(files, "messages/"+notes+".json")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := readFile(files, "messages/"+source+".json")
	if err != nil {
		t.Fatal(err)
	}
	for key := range notes {
		if _, ok := texts[key]; !ok {
			t.Errorf("a note on %s, which has no text", key)
		}
	}
	for key, text := range texts {
		note := notes[key]
		if strings.TrimSpace(note) == "" {
			t.Errorf("%s has no note", key)
		}
		for _, p := range parametersOf(text) {
			if !strings.Contains(note, p) {
				t.Errorf("the note on %s does not say what %s is", key, p)
			}
		}
	}
}

// Every language keeps to the parameters that the English text has, or that the message is documented to have.
func TestParametersOfTexts(t *testing.T) {
	all := allTexts(t)
	for code, texts := range all {
		for key, text := range texts {
			for _, p := range parametersOf(text) {
				n, _ := strconv.Atoi(p[1:])
				if own(key) && slices.Contains(parametersOf(all[source][key]), p) {
					continue
				}
				if own(key) || n > max(shapes[key], manualParams(key)) {
					t.Errorf("%s: %s has no parameter %s", code, key, p)
				}
			}
		}
	}
	for key := range shapes {
		if _, ok := all[source][key]; !ok {
			t.Errorf("%s has parameters and no text", key)
		}
	}
}

func TestFixedTexts(t *testing.T) {
	en := language(t, "en")
	for key, want := range fixed {
		check(t, string(key), message.Wikitext(message.New(key), en), want)
	}
}

// Texts are plain: nobody is shouted at or blamed, and no word of the trade stands where people read who are not in it.
func TestWords(t *testing.T) {
	shouting := regexp.MustCompile(`(?i)!|\binvalid\b|\billegal\b|\bfailed to\b`)
	trade := regexp.MustCompile(`(?i)\b(token|session|parameter|cookie)\b`)
	forPrograms := regexp.MustCompile(`^(api|paramvalidator-)|-api`)
	typed := regexp.MustCompile(`<(kbd|code)>.*?</(kbd|code)>`) // what programs send has its own words
	for key, text := range allTexts(t)[source] {
		text = typed.ReplaceAllString(text, "")
		if found := shouting.FindString(text); found != "" {
			t.Errorf("%s says %q: %s", key, found, text)
		}
		if found := trade.FindString(text); found != "" && !forPrograms.MatchString(string(key)) {
			t.Errorf("%s says %q to people: %s", key, found, text)
		}
	}
}

// Every text becomes well-formed HTML whose markup was understood: no tag is left as text.
func TestTextsAsHTML(t *testing.T) {
	c := load(t)
	params := message.Texts("1", "2", "3", "4", "5", "6", "7", "8")
	for _, l := range c.Languages() {
		for _, key := range c.Keys() {
			s := message.HTML(message.New(key, params...), l)
			if err := xml.Unmarshal([]byte("<div>"+s+"</div>"), new(struct{})); err != nil {
				t.Errorf("%s in %s: %v: %s", key, l.Code(), err, s)
			}
			if strings.Contains(s, "&lt;") || strings.Contains(s, "{{") || strings.Contains(s, "$") || strings.Contains(s, "[[") {
				t.Errorf("%s in %s: markup is left: %s", key, l.Code(), s)
			}
		}
	}
}

// Everything that the table of codes tells has a text, with as many parameters as the table says.
func TestEveryNoticeHasAText(t *testing.T) {
	en := language(t, "en")
	for _, row := range wire.Table() {
		if _, ok := en.Text(row.Key); !ok {
			t.Errorf("%s (code %s) has no text", row.Key, row.Code)
		}
		if !own(row.Key) && (row.Params == "") != (shapes[row.Key] == 0) {
			t.Errorf("%s: the table of codes has parameters %q, the texts %d", row.Key, row.Params, shapes[row.Key])
		}
	}
}

// uselang=qqx shows the keys that clients see in the documented answer of authmanagerinfo.
func TestQQXSample(t *testing.T) {
	l := language(t, "qqx")
	for _, key := range []message.Key{
		"captcha-id-label", "captcha-id-help", "captcha-createaccount", "captcha-info-help", "captcha-label", "captcha-help",
		"authmanager-provider-password", "userlogin-yourname", "authmanager-username-help", "userlogin-yourpassword",
		"authmanager-password-help", "yourpasswordagain", "authmanager-retype-help", "authmanager-email-label",
		"authmanager-email-help", "authmanager-realname-label", "authmanager-realname-help",
	} {
		if _, ok := language(t, "en").Text(key); !ok {
			t.Errorf("%s has no text", key)
		}
		for _, got := range []string{message.Wikitext(message.New(key), l), message.HTML(message.New(key), l)} {
			check(t, string(key), got, "("+string(key)+")")
		}
	}
	const usernameRequest = `MediaWiki\Auth\UsernameAuthenticationRequest`
	check(t, "a request without a description", message.Wikitext(message.Literal(usernameRequest), l), usernameRequest)
	check(t, "no account", message.Wikitext(message.Blank(), l), "")
	check(t, "parameters", message.Wikitext(wire.CreationThrottled.Message(message.Int(2), message.Text("x")), l),
		"(acct_creation_throttle_hit: 2, x)")
}
