package i18n

import (
	"fmt"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	c := load(t)
	for code, want := range map[string]string{
		"de": "de", "de-at": "de", "de-ch": "de", "de-formal": "de", "DE-AT": "de", "gsw": "de", "als": "de",
		"zh": "zh-hant", "zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant", "zh-Hant": "zh-hant", "zh-Hant-TW": "zh-hant",
		"zh-cn": "zh-hant", "zh-hans": "zh-hant", "zh-hans-sg": "zh-hant", "yue": "zh-hant",
		"nan-latn-tailo": "nan", "nan-latn-pehoeji": "nan", "nan-hant": "nan", "zh-min-nan": "nan",
		"es-419": "es", "es-mx": "es", "es-formal": "es", "fr-ca": "fr", "ar-eg": "ar", "arz": "ar", "hu-formal": "hu", "hu-hu": "hu",
		"en-gb": "en", "en-ca": "en", "simple": "en", "ja-jp": "ja", "ru-ru": "ru", "hi-in": "hi", "hif-deva": "hi", "qqx": "qqx",

		"pt": "", "pt-br": "", "xx-nosuch": "", "x": "", "": "", "qqq": "", "qqx-x": "", "-": "", "de/": "", "de_at": "", "en en": "",
		"de" + strings.Repeat("-x", 40): "",
	} {
		l, ok := c.Find(code)
		if ok != (want != "") || ok && l.Code() != want {
			t.Errorf("%q: %v, %v, want %q", code, l, ok, want)
		}
	}
	if l, ok := c.Find("de" + strings.Repeat("-x", 31)); !ok || l.Code() != "de" {
		t.Error("the longest code finds nothing")
	}
}

func TestParseAccept(t *testing.T) {
	for header, want := range map[string]string{
		"":                                    "[]",
		"de":                                  "[{de 1}]",
		"fr;q=0.5, de-AT , en;q=0.9":          "[{de-at 1} {en 0.9} {fr 0.5}]",
		"de;q=0, *;q=0.5, en;q=x, fr;q=2":     "[]",
		"de ; q=0.3,en; q = 0.4,,;,ü,hu;q=-1": "[{en 0.4} {de 0.3}]",
		"a,b,c;q=1.0":                         "[{a 1} {b 1} {c 1}]",
	} {
		check(t, header, fmt.Sprint(ParseAccept(header)), want)
	}
	for n, want := range map[int]int{MaxAccepted: MaxAccepted, MaxAccepted + 1: MaxAccepted} {
		if got := len(ParseAccept(strings.Repeat("de,", n))); got != want {
			t.Errorf("%d of %d are read", got, n)
		}
	}
}

func TestWanted(t *testing.T) {
	c := load(t)
	for header, want := range map[string]string{
		"": "", "*": "", "pt-BR,pt;q=0.9": "", "qqx": "", "tlh": "",
		"pt-BR,pt;q=0.9,en-US;q=0.8,ja;q=0.7": "en",
		"ja;q=0.1, zh-TW;q=0.2":               "zh-hant",
		"nn, ru-RU;q=0.5":                     "ru",
	} {
		l, ok := c.Wanted(header)
		if ok != (want != "") || ok && l.Code() != want {
			t.Errorf("%q: %v, %v, want %q", header, l, ok, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("zh-Hant-TW,zh;q=0.9,en;q=0.8")
	c, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if l, ok := c.Find(s); ok && l == nil {
			t.Error("found nothing")
		}
		for _, a := range ParseAccept(s) {
			if !IsCode(a.Code) || !(a.Quality > 0 && a.Quality <= 1) {
				t.Errorf("accepted %v", a)
			}
		}
		if l, ok := c.Wanted(s); ok && l.Code() == qqx {
			t.Error("keys are wanted")
		}
	})
}
