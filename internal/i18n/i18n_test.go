package i18n

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/message"
)

func load(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return c
}

func language(t testing.TB, code string) *Language {
	t.Helper()
	l, ok := load(t).Language(code)
	if !ok {
		t.Fatalf("no language %q", code)
	}
	return l
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestLanguages(t *testing.T) {
	c := load(t)
	for _, row := range []struct{ code, name, direction string }{
		{"en", "English", "ltr"},
		{"es", "español", "ltr"},
		{"hu", "magyar", "ltr"},
		{"hi", "हिन्दी", "ltr"},
		{"ru", "русский", "ltr"},
		{"nan", "Bân-lâm-gú", "ltr"},
		{"zh-hant", "中文（繁體）", "ltr"},
		{"ar", "العربية", "rtl"},
		{"de", "Deutsch", "ltr"},
		{"fr", "français", "ltr"},
		{"ja", "日本語", "ltr"},
		{"qqx", "qqx", "ltr"},
	} {
		l, ok := c.Language(row.code)
		if !ok {
			t.Errorf("%s is unknown", row.code)
			continue
		}
		check(t, "code", l.Code(), row.code)
		check(t, "name of "+row.code, l.Name(), row.name)
		check(t, "direction of "+row.code, l.Direction(), row.direction)
	}
	for _, code := range []string{"", "xx-nosuch", "EN", "qqq", "x"} {
		if _, ok := c.Language(code); ok {
			t.Errorf("%q is a language", code)
		}
	}
}

func TestLanguagesToChooseFromHaveTexts(t *testing.T) {
	for _, l := range load(t).Languages() {
		if len(allTexts(t)[l.Code()]) == 0 || l.Code() == qqx {
			t.Errorf("%s is offered", l.Code())
		}
	}
	if n := len(load(t).Languages()); n == 0 {
		t.Error("nothing to choose from")
	}
}

func TestFallback(t *testing.T) {
	c := catalogueOf(t, message.Site{}, map[string]map[message.Key]string{
		"en": {"a": "{{PLURAL:$1|one|other}}", "b": "b"},
		"de": {"a": "eins"},
	})
	de, _ := c.Language("de")
	check(t, "own text", message.Wikitext(message.New("a", message.Int(2)), de), "eins")
	check(t, "text of the fallback", message.Wikitext(message.New("b"), de), "b")
	ru, _ := c.Language("ru")
	check(t, "text without a catalogue", message.Wikitext(message.New("a", message.Int(1)), ru), "one")
	en, _ := c.Language("en")
	if got := strings.Join(de.Fallbacks(), " "); got != "en" || len(en.Fallbacks()) != 0 {
		t.Errorf("fallbacks of de: %q, of en: %q", got, en.Fallbacks())
	}
	if de.Of("a") != de || de.Of("b") != en || de.Of("nosuch") != de || ru.Of("a") != en {
		t.Error("texts are said to be of other languages than they are")
	}
	if text, ok := de.Text("b"); text != "b" || !ok {
		t.Errorf("Text(b) = %q, %v", text, ok)
	}
	if _, ok := de.Text("nosuch"); ok {
		t.Error("a text out of nothing")
	}
}

func TestSite(t *testing.T) {
	c := load(t).WithSite(message.Site{Name: "Example", Server: "https://example.org", ArticlePath: "/p/"})
	en, _ := c.Language("en")
	check(t, "site's name", message.Wikitext(message.New("createaccount-title"), en), "Your account at Example")
	check(t, "link", message.HTML(message.Literal("[[Special:UserLogin|x]]"), en), `<a href="/p/Special:UserLogin">x</a>`)
	if en.Site().Server != "https://example.org" {
		t.Errorf("site: %+v", en.Site())
	}
	check(t, "the first catalogue's", message.Wikitext(message.New("createaccount-title"), language(t, "en")), "Your account at gatehouse")
}

func TestNumber(t *testing.T) {
	for _, row := range []struct {
		code string
		n    int64
		want string
	}{
		{"en", 0, "0"}, {"en", 7, "7"}, {"en", 999, "999"}, {"en", 1000, "1,000"}, {"en", 12345, "12,345"},
		{"en", 123456, "123,456"}, {"en", 1234567, "1,234,567"}, {"en", -1234, "-1,234"}, {"en", -12, "-12"},
		{"en", -1 << 63, "-9,223,372,036,854,775,808"},
		{"hi", 999, "999"}, {"hi", 1000, "1,000"}, {"hi", 99999, "99,999"}, {"hi", 100000, "1,00,000"}, {"hi", 1234567, "12,34,567"},
		{"hi", -1 << 63, "-92,23,37,20,36,85,47,75,808"}, {"hu", 9999, "9999"}, {"hu", 12345, "12\u00a0345"}, {"ru", 1234567, "1\u00a0234\u00a0567"},
		{"ar", 12345, "12,345"}, {"ja", 12345, "12,345"},
		{"de", 1000, "1.000"}, {"es", 1000, "1000"}, {"es", 10000, "10\u00a0000"}, {"fr", 1000, "1\u202f000"},
	} {
		check(t, row.code, language(t, row.code).Number(row.n), row.want)
	}
}

func TestDuration(t *testing.T) {
	const minute, hour, day = 60, 3600, 86400
	en := language(t, "en")
	for _, row := range []struct {
		seconds int64
		want    string
	}{
		{-5, "0 seconds"}, {0, "0 seconds"}, {1, "1 second"}, {59, "59 seconds"},
		{minute, "1 minute"}, {minute + 1, "1 minute and 1 second"}, {hour - 1, "59 minutes and 59 seconds"},
		{hour, "1 hour"}, {hour + 1, "1 hour and 1 minute"}, {2*hour + 5*minute, "2 hours and 5 minutes"},
		{2*hour + 5*minute + 1, "2 hours and 6 minutes"}, {2*hour - 1, "2 hours"}, {day - 1, "1 day"},
		{day, "1 day"}, {day + 1, "1 day and 1 hour"}, {2*day - 1, "2 days"}, {7 * day, "7 days"},
		{180 * day, "180 days"}, {1234 * day, "1,234 days"},
	} {
		check(t, "duration", en.Duration(row.seconds), row.want)
	}
	if got := en.Duration(1<<63 - 1); !strings.Contains(got, "days") {
		t.Errorf("the longest duration: %q", got)
	}
	check(t, "in qqx", language(t, "qqx").Duration(hour), "(duration-hours: 1)")
}

func TestJoin(t *testing.T) {
	en, qqx := language(t, "en"), language(t, "qqx")
	for _, row := range []struct {
		typ   message.ListType
		items string
		want  string
	}{
		{message.ListText, "a", "a"}, {message.ListText, "a b", "a and b"}, {message.ListText, "a b c", "a, b and c"},
		{message.ListText, "", ""},
		{message.ListComma, "a", "a"}, {message.ListComma, "a b c", "a, b, c"},
		{message.ListPipe, "a b c", "a|b|c"},
	} {
		check(t, string(row.typ), en.Join(row.typ, strings.Fields(row.items)), row.want)
		check(t, string(row.typ)+" in qqx", qqx.Join(row.typ, strings.Fields(row.items)), row.want)
	}
}

func TestTime(t *testing.T) {
	zone := time.FixedZone("", 3600)
	at := time.Date(2026, 11, 22, 5, 46, 59, 0, zone)
	check(t, "time", language(t, "en").Time(at), "22 November 2026, 04:46 (UTC)")
	check(t, "in qqx", language(t, "qqx").Time(at), "(gatehouse-time: 22, (november), 2026, 04:46)")
}

func TestPlural(t *testing.T) {
	for _, row := range []struct{ code, text, want string }{
		{"en", "one|other", "0 other, 1 one, 2 other, 5 other, 11 other, 21 other, 100 other"},
		{"fr", "one|other", "0 one, 1 one, 2 other, 5 other, 11 other, 21 other, 100 other"},
		{"ru", "one|few|many", "0 many, 1 one, 2 few, 5 many, 11 many, 21 one, 100 many"},
		{"ru", "one|few", "0 few, 1 one, 2 few, 5 few, 11 few, 21 one, 100 few"},
		{"ar", "zero|one|two|few|many|other", "0 zero, 1 one, 2 two, 5 few, 11 many, 21 many, 100 other"},
		{"ar", "0=none|zero|one|two|few|many|other", "0 none, 1 one, 2 two, 5 few, 11 many, 21 many, 100 other"},
		{"ja", "other", "0 other, 1 other, 2 other, 5 other, 11 other, 21 other, 100 other"},
		{"ja", "1=one|other|5=five", "0 other, 1 one, 2 other, 5 five, 11 other, 21 other, 100 other"},
	} {
		texts := map[string]map[message.Key]string{"en": {}}
		texts[row.code] = map[message.Key]string{"a": "$1 {{PLURAL:$1|" + row.text + "}}"}
		l, _ := catalogueOf(t, message.Site{}, texts).Language(row.code)
		var got []string
		for _, n := range []int64{0, 1, 2, 5, 11, 21, 100} {
			got = append(got, message.Wikitext(message.New("a", message.Int(n)), l))
		}
		check(t, row.code+" "+row.text, strings.Join(got, ", "), row.want)
	}
	if got := language(t, "ru").Categories(); !slices.Equal(got, []Category{One, Few, Many}) {
		t.Errorf("forms of Russian: %v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a": "x\u00e9", "b": ""}`))
	f.Add([]byte(`{"a": "x", "a": "y"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		texts, err := parse(data)
		if err != nil && texts != nil {
			t.Fatal("texts together with an error")
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b)
	}
}

func BenchmarkLabel(b *testing.B) {
	var en message.Language = language(b, "en")
	m := message.New("authmanager-email-label")
	b.ReportAllocs()
	for b.Loop() {
		message.Wikitext(m, en)
	}
}
