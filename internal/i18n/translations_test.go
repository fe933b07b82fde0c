package i18n

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"gatehouse/internal/message"
)

var missing = flag.String("missing", "", "print what the language of this code lacks, as lines of its file")

// complete are the languages that have every text of messages/: all of them. The manual of the API, in messages/apihelp, is read
// by programmers; a language may leave it in English, or lag behind, and TestMissing tells how far.
func complete() []string {
	var codes []string
	for _, row := range known() {
		if row.code != source && row.code != qqx {
			codes = append(codes, row.code)
		}
	}
	return codes
}

// translations gives the texts of every language but the source.
func translations(t *testing.T) map[string]map[message.Key]string {
	t.Helper()
	texts := allTexts(t)
	delete(texts, source)
	return texts
}

// parts gives the keys of messages/ and those of messages/apihelp.
func parts(t *testing.T) (main, manual map[message.Key]string) {
	t.Helper()
	main, err := readFile(files, "messages/"+source+".json")
	if err != nil {
		t.Fatal(err)
	}
	manual, err = readFile(files, "messages/apihelp/"+source+".json")
	if err != nil {
		t.Fatal(err)
	}
	return main, manual
}

// go test -v ./internal/i18n -run TestMissing -missing CODE
func TestMissing(t *testing.T) {
	main, manual := parts(t)
	for code, texts := range translations(t) {
		n := len(lacking(main, texts))
		t.Logf("%s lacks %d of %d texts, and %d of %d of the manual of the API, which stay English",
			code, n, len(main), len(lacking(manual, texts)), len(manual))
	}
	if *missing == "" {
		return
	}
	texts := allTexts(t)[*missing]
	for _, key := range lacking(main, texts) {
		text, _ := json.Marshal(main[key])
		fmt.Printf("\t%q: %s,\n", key, unescapeHTML(text))
	}
}

// unescapeHTML takes back what encoding/json does to < > and &, for people who read.
func unescapeHTML(s []byte) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(s))
}

func lacking(all, texts map[message.Key]string) []message.Key {
	var out []message.Key
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if _, ok := texts[key]; !ok {
			out = append(out, key)
		}
	}
	return out
}

func TestCompleteLanguages(t *testing.T) {
	main, _ := parts(t)
	all := allTexts(t)
	for _, code := range complete() {
		if keys := lacking(main, all[code]); len(keys) > 0 {
			t.Errorf("%s lacks %d texts (go test -v ./internal/i18n -run TestMissing -missing %s prints them): %s", code, len(keys), code, keys)
		}
	}
}

// A translation says everything that the English text says: it has the same parameters. One that only picks a plural or a
// gender may be left out, because not every language has such forms.
func TestTranslationsHaveTheParameters(t *testing.T) {
	picks := regexp.MustCompile(`\{\{(PLURAL|GENDER):\$[0-9]`)
	english := allTexts(t)[source]
	for code, texts := range translations(t) {
		for key, text := range texts {
			all, shown := parametersOf(english[key]), parametersOf(picks.ReplaceAllString(english[key], ""))
			got := parametersOf(text)
			lost := slices.ContainsFunc(shown, func(p string) bool { return !slices.Contains(got, p) })
			more := slices.ContainsFunc(got, func(p string) bool { return !slices.Contains(all, p) })
			if lost || more {
				t.Errorf("%s: %s has the parameters %v, English %v", code, key, got, all)
			}
		}
	}
}

// call finds a {{…}} that has no other inside it.
var call = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// A text has one form for each category of its language's grammar, or one form for all, or none but those for a number
// exactly.
func TestPluralFormsOfTexts(t *testing.T) {
	exact := regexp.MustCompile(`^[0-9]+=`)
	for code, texts := range allTexts(t) {
		want := len(language(t, code).row.plural.categories)
		for key, text := range texts {
			for text != "" {
				at := call.FindStringSubmatchIndex(text)
				if at == nil {
					break
				}
				body := text[at[2]:at[3]]
				text = text[:at[0]] + "x" + text[at[1]:]
				if !strings.HasPrefix(body, "PLURAL:") {
					continue
				}
				args := splitForms(body)
				forms := slices.DeleteFunc(args[1:], exact.MatchString)
				if n := len(forms); n != want && n > 1 || len(args) < 2 {
					t.Errorf("%s: %s has %d plural forms, the language has %v: %s", code, key, n,
						language(t, code).row.plural.categories, body)
				}
			}
			if strings.Contains(text, "{{") || strings.Contains(text, "}}") {
				t.Errorf("%s: %s has braces that do not match", code, key)
			}
		}
	}
}

// splitForms splits the inside of a {{…}} at its bars, but not at those of links.
func splitForms(body string) []string {
	link := regexp.MustCompile(`\[\[[^\[\]]*\]\]`)
	return strings.Split(link.ReplaceAllString(body, "link"), "|")
}

func TestCallsInTexts(t *testing.T) {
	fine := regexp.MustCompile(`^(SITENAME|SERVER|(PLURAL|GENDER):\$[1-9]\|.*)$`)
	for code, texts := range allTexts(t) {
		for key, text := range texts {
			for _, found := range call.FindAllStringSubmatch(text, -1) {
				if !fine.MatchString(found[1]) {
					t.Errorf("%s: %s has the unknown call %s", code, key, found[0])
				}
			}
		}
	}
}

// What machines read is the same in every language: what is typed, addresses, the targets of links, the site's name, and
// the lines of a mail.
func TestTranslationsKeepWhatIsFixed(t *testing.T) {
	english := allTexts(t)[source]
	for code, texts := range translations(t) {
		for key, text := range texts {
			if got, want := fixedIn(text), fixedIn(english[key]); !slices.Equal(got, want) {
				t.Errorf("%s: %s has %q, English %q", code, key, got, want)
			}
			if got, want := strings.Count(text, "\n"), strings.Count(english[key], "\n"); got != want {
				t.Errorf("%s: %s has %d line ends, English %d", code, key, got, want)
			}
		}
	}
}

func fixedIn(text string) []string {
	machine := regexp.MustCompile(`<kbd>.*?</kbd>|<code>.*?</code>|<var>.*?</var>|</?(strong|em|b|i)>|<br ?/?>|` +
		`https?://[^\s<>\[\]"]+|\[\[[^\]|]+|\{\{(SITENAME|SERVER)\}\}`)
	found := machine.FindAllString(text, -1)
	for i := range found {
		found[i] = strings.TrimRight(found[i], ".,;:)")
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Texts are NFC, and leave it to the program to keep directions apart: only the two invisible marks of a direction are
// theirs.
func TestCharactersOfTexts(t *testing.T) {
	strange := regexp.MustCompile(`[\x{00}-\x{09}\x{0b}-\x{1f}\x{7f}-\x{9f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}\x{fffd}]`)
	for code, texts := range allTexts(t) {
		for key, text := range texts {
			if !norm.NFC.IsNormalString(text) {
				t.Errorf("%s: %s is not in NFC", code, key)
			}
			if found := strange.FindString(text); found != "" {
				t.Errorf("%s: %s has the character %q", code, key, found)
			}
			if edge := strings.TrimSpace(text); edge != text && key != keyAnd && key != keyComma && key != "word-separator" {
				t.Errorf("%s: %s begins or ends with a blank", code, key)
			}
		}
	}
}
