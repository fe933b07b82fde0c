package actionapi

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"mime/multipart"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"gatehouse/internal/usertext"
)

// The targets of what strangers send that is no form: FuzzInput and FuzzParams stand beside the tests of their files.

// FuzzMultipart holds that whatever is called a multipart body is read without a fault, and that one that a client wrote is
// read as it was meant.
func FuzzMultipart(f *testing.F) {
	f.Add("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n", "B", "name", "value")
	f.Add("--B\r\nContent-Disposition: form-data; name*0=a; name*1*=%C3%A9\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41\r\n--B--", "B", "a[]", "x\r\ny")
	f.Add("--B\nX: y\n\n--B\r\n\r\n\r\n--B", "B", "a[k]", "\x1fa\x1fb")
	f.Fuzz(func(t *testing.T, sent, boundary, name, text string) {
		in, err := read(t, "POST", "", "multipart/form-data; boundary=\""+boundary+"\"", sent)
		if err != nil {
			t.Fatal(err) // it is far below the limits, and did not break off
		}
		checkInput(t, in)

		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		must(t, w.WriteField(name, text))
		must(t, w.Close())
		in, err = read(t, "POST", "", w.FormDataContentType(), b.String())
		must(t, err)
		if base, isList := arrayName(name); base != "" && !isList && !strings.ContainsFunc(name, unicode.IsControl) && usertext.Clean(name) == name {
			if p := in.lookup(name); p == nil || p.text != cleanValue(text) {
				t.Errorf("%q = %q became %+v", name, text, in.params)
			}
		}
	})
}

// FuzzForm holds that what a client encodes arrives, in the body and in the query.
func FuzzForm(f *testing.F) {
	f.Add("a", "1", "b", "é+&=%")
	f.Add("a", "\x1fx\x1fy|", "a", "\x00\xff")
	f.Add("a[]", "1", "a[x]", "2")
	f.Fuzz(func(t *testing.T, name, text, other, second string) {
		form := url.QueryEscape(name) + "=" + url.QueryEscape(text) + "&" + url.QueryEscape(other) + "=" + url.QueryEscape(second)
		for _, s := range []string{name, text, other, second} {
			if got := unescape(url.QueryEscape(s)); got != s {
				t.Fatalf("%q arrives as %q", s, got)
			}
		}
		in, err := read(t, "POST", "", formType, form)
		must(t, err)
		checkInput(t, in)
		base, isList := arrayName(other)
		if p := in.lookup(base); base != "" && !isList && (p == nil || p.text != cleanValue(second) || p.inQuery) {
			t.Errorf("%q = %q became %+v", other, second, in.params)
		}
		in, err = read(t, "GET", form, "", "")
		must(t, err)
		checkInput(t, in)
		if p := in.lookup(base); base != "" && (p == nil || !p.inQuery) {
			t.Errorf("%q is not in the query: %+v", base, in.params)
		}
	})
}

// checkInput holds what is true of every input.
func checkInput(t *testing.T, in *input) {
	t.Helper()
	seen := map[string]bool{}
	values := 0
	for i := range in.params {
		p := &in.params[i]
		if seen[p.name] || p.name == "" {
			t.Fatalf("%q stands there twice, or is empty", p.name)
		}
		seen[p.name] = true
		if in.lookup(p.name) != p {
			t.Fatalf("%q is not found", p.name)
		}
		for _, v := range append(slices.Clone(p.list), p.text) {
			checkClean(t, v)
		}
		values += max(len(p.list), 1)
	}
	if values > maxParameters {
		t.Errorf("%d values", values)
	}
}

// FuzzMulti holds that a list is counted as it is split, and that every list can be sent.
func FuzzMulti(f *testing.F) {
	for _, s := range []string{"", "a|b||a", "\x1f", "\x1fa|b\x1f\x1fa", "a\x1fb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts := splitMulti(text)
		if countMulti(text) != len(parts) {
			t.Fatalf("%q: counted %d, split %q", text, countMulti(text), parts)
		}
		if len(parts) > 0 && !slices.ContainsFunc(parts, func(s string) bool { return strings.Contains(s, listSeparator) }) {
			if again := splitMulti(listSeparator + strings.Join(parts, listSeparator)); !slices.Equal(again, parts) {
				t.Errorf("%q is %q, sent again %q", text, parts, again)
			}
		}
		once := unique(slices.Clone(parts))
		for _, s := range parts {
			if !slices.Contains(once, s) {
				t.Errorf("%q lost %q", text, s)
			}
		}
		if twice := unique(slices.Clone(once)); !slices.Equal(once, twice) || len(once) > len(parts) {
			t.Errorf("%q: %q and then %q", text, once, twice)
		}
		if v := cleanValue(text); cleanValue(v) != v {
			t.Errorf("%q cleaned twice is another: %q", text, v)
		} else {
			checkClean(t, v)
		}
	})
}

// FuzzInteger holds that numbers mean what they say, or the nearest that there is.
func FuzzInteger(f *testing.F) {
	for _, s := range []string{"0", "-0", "+7", "007", "9223372036854775808", "-9223372036854775809", "1e3", "", "+", "--1", "１"} {
		f.Add(s)
	}
	shape := regexp.MustCompile(`^[+-]?[0-9]+$`)
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := parseInteger(text)
		if ok != shape.MatchString(text) {
			t.Fatalf("%q is a number: %v", text, ok)
		}
		if !ok {
			return
		}
		want, _ := new(big.Int).SetString(text, 10)
		low, high := big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64)
		switch {
		case want.Cmp(low) < 0:
			want = low
		case want.Cmp(high) > 0:
			want = high
		}
		if want.Int64() != n {
			t.Errorf("%q is %d", text, n)
		}
		if again, ok := parseInteger(strconv.FormatInt(n, 10)); !ok || again != n {
			t.Errorf("%d is written so that it is read as %d", n, again)
		}
	})
}

// FuzzTime holds that every time that is understood can be written down and read again.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2024-02-29T12:00:00Z", "2024-02-29T12:00:00.5+01:00", "20240229120000", "1709208000", "-1", "2024-02-29", "0001-01-01", "9999-12-31T23:59:59-14:00", "now"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := usertext.Time(text)
		if !ok {
			return
		}
		for _, layout := range []string{"2006-01-02T15:04:05Z", "20060102150405"} {
			again, ok := usertext.Time(at.Format(layout))
			if !ok || again.Unix() != at.Unix() {
				t.Errorf("%q is %s, written as %s it is %s", text, at, at.Format(layout), again)
			}
		}
	})
}

// FuzzReturnURL holds what an accepted address is: a known scheme, whatever its case, and something behind it.
func FuzzReturnURL(f *testing.F) {
	for _, s := range []string{"http://x", "HTTPS://a:b@[::1]:80/p?q#f", "mailto:a@b", "//x", "javascript:alert(1)", "tel:1", "http://", "http:///x", "data:,", "x"} {
		f.Add(s)
	}
	known := append(linkSchemes(), plainSchemes()...)
	f.Fuzz(func(t *testing.T, text string) {
		ok := validReturnURL(text)
		scheme, rest, _ := strings.Cut(text, ":")
		if ok && !slices.Contains(known, strings.ToLower(scheme)) {
			t.Errorf("%q is accepted", text)
		}
		if authority, there := strings.CutPrefix(rest, "//"); ok && there && (authority == "" || strings.ContainsRune("/?#", rune(authority[0]))) {
			t.Errorf("%q is accepted without a host", text)
		}
		if validReturnURL(strings.ToUpper(scheme)+text[len(scheme):]) != ok && isASCII(scheme) {
			t.Errorf("%q: case decides", text)
		}
		if ok && !validReturnURL(text+"#f") {
			t.Errorf("%q: a fragment decides", text)
		}
	})
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }) }

// FuzzContinue holds that positions lead back to where they were made, and that made-up ones are refused or harmless.
func FuzzContinue(f *testing.F) {
	f.Add("20240229120000|7", "-||tokens|users", int64(1709208000), int64(7))
	f.Add("|", "||", int64(0), int64(1))
	f.Add("99999999999999|-1", "a||b||c", int64(-62135596800), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, position, finished string, unix, id int64) {
		for _, oldestFirst := range []bool{false, true} {
			at, err := logPosition(position, oldestFirst)
			var refused *usageError
			if err != nil && (!errors.As(err, &refused) || refused.code() != "badcontinue") {
				t.Fatalf("%q: %v", position, err)
			}
			if err == nil && position != "" && (at.ID < 0 || at.Time.Year() < 0 || at.Time.Year() > 9999) {
				t.Errorf("%q is %+v", position, at)
			}
		}
		if made := time.Unix(unix, 0).UTC(); id > 0 && id < math.MaxInt64 && made.Year() > 0 && made.Year() < 10000 {
			at, err := logPosition(made.Format(logTimeLayout)+"|"+strconv.FormatInt(id, 10), false)
			if err != nil || !at.Time.Equal(made) || at.ID != id+1 {
				t.Errorf("%s, %d is %+v, %v", made, id, at, err)
			}
		}
		done, err := finishedParts(finished)
		for _, name := range []string{"tokens", "users"} {
			if listed := slices.Contains(strings.Split(done, "|"), name); hasPart(done, name) != listed {
				t.Errorf("%q has %s: %v", finished, name, !listed)
			}
		}
		if err == nil && finished != "" && strings.Count(finished, "||") != 1 && !strings.Contains(finished, "|||") {
			t.Errorf("%q is accepted", finished)
		}
	})
}

// FuzzCallback holds that nothing but the name of a function gets into a script.
func FuzzCallback(f *testing.F) {
	f.Add("a.b['c']")
	f.Add("alert(1)//\u2028<")
	allowed := regexp.MustCompile(`^[A-Za-z0-9_.\[\]'"]*$`)
	f.Fuzz(func(t *testing.T, text string) {
		name := callbackName(text)
		if !allowed.MatchString(name) || callbackName(name) != name || len(name) > len(text) {
			t.Errorf("%q becomes %q", text, name)
		}
	})
}

// FuzzOrigin compares the wildcards with regular expressions, and holds that an allowed origin is one.
func FuzzOrigin(f *testing.F) {
	f.Add("https://a.example.org", "*.example.org", "b.example.org")
	f.Add("http://[::1]:8080", "*", "?")
	f.Add("https://evil/.example.org", "https://*.example.org", "")
	f.Fuzz(func(t *testing.T, origin, allow, except string) {
		pattern := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(allow))
		if isASCII(origin) && isASCII(allow) {
			if want := regexp.MustCompile(`(?s)^(?:` + pattern + `)$`).MatchString(origin); wildcard(allow, origin) != want {
				t.Errorf("%q fits %q: %v", origin, allow, !want)
			}
		}
		c := CORS{Allow: []string{allow}, Except: []string{except}}
		if !c.allows(origin) {
			return
		}
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("%q is allowed", origin)
		}
		if (CORS{Allow: []string{allow}, Except: []string{except, allow}}).allows(origin) {
			t.Errorf("%q is allowed and excepted", origin)
		}
		secureOrigin(origin)
	})
}
