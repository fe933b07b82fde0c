package i18n

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"gatehouse/internal/message"
)

// everyText gives what the books of c hold, by language, or what is wrong with them.
func everyText(c *Catalogue) (map[string]map[message.Key]string, error) {
	all := map[string]map[message.Key]string{}
	for code, b := range c.books {
		all[code] = map[message.Key]string{}
		for _, read := range b {
			f := read()
			if f.err != nil {
				return nil, f.err
			}
			for key, i := range f.index {
				if _, twice := all[code][key]; twice {
					return nil, fmt.Errorf("%s: key %q stands in two files", code, key)
				}
				all[code][key] = f.texts[i]
			}
		}
	}
	for code, texts := range all {
		for key := range texts {
			if _, ok := all[source][key]; !ok {
				return nil, fmt.Errorf("%s: key %q is not in %s", code, key, source)
			}
		}
	}
	return all, nil
}

// allTexts are those inside the binary.
func allTexts(t *testing.T) map[string]map[message.Key]string {
	t.Helper()
	all, err := everyText(load(t))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// catalogueOf makes a catalogue of the texts of languages.
func catalogueOf(t *testing.T, site message.Site, texts map[string]map[message.Key]string) *Catalogue {
	t.Helper()
	dir := fstest.MapFS{}
	for code, own := range texts {
		var lines []string
		for key, text := range own {
			lines = append(lines, fmt.Sprintf("%q: %q", key, text))
		}
		dir["messages/"+code+".json"] = &fstest.MapFile{Data: []byte("{" + strings.Join(lines, ",") + "}")}
	}
	c, err := loadFrom(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c.WithSite(site)
}

func TestEveryCatalogueCanBeRead(t *testing.T) { allTexts(t) }

// What nobody asks for is not read, and what is read is read once for all sites.
func TestCataloguesAreReadWhenTheyAreWanted(t *testing.T) {
	dir := fstest.MapFS{
		"messages/en.json":         {Data: []byte(`{"a": "x"}`)},
		"messages/de.json":         {Data: []byte(`{"a": "y"}`)},
		"messages/apihelp/en.json": {Data: []byte(`{"b": "z"}`)},
	}
	c, err := loadFrom(dir)
	if err != nil {
		t.Fatal(err)
	}
	delete(dir, "messages/apihelp/en.json")
	de, _ := c.Language("de")
	check(t, "text", message.Wikitext(message.New("a"), de), "y")
	delete(dir, "messages/de.json")
	de, _ = c.WithSite(message.Site{Name: "other"}).Language("de")
	check(t, "text at another site", message.Wikitext(message.New("a"), de), "y")
	if _, ok := de.Text("b"); ok {
		t.Error("the manual was read before it was wanted")
	}
	if _, ok := de.Template("b"); ok {
		t.Error("a template out of nothing")
	}
}

func TestManyReadAtOnce(t *testing.T) {
	c := load(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, l := range c.Languages() {
				if s := message.HTML(message.New("gatehouse-title", message.Texts("a", "b")...), l); !strings.Contains(s, "a") {
					t.Errorf("%s: %q", l.Code(), s)
				}
			}
		})
	}
	all.Wait()
}

func TestLoadRefuses(t *testing.T) {
	const fine = `{"a": "x"}`
	for name, files := range map[string]map[string]string{
		"an unknown language":        {"en": fine, "xx": fine},
		"a key that English lacks":   {"en": fine, "de": `{"b": "x"}`},
		"no English":                 {"de": fine},
		"no object":                  {"en": `["a"]`},
		"a key twice":                {"en": `{"a": "x", "a": "y"}`},
		"a number":                   {"en": `{"a": 1}`},
		"an object inside":           {"en": `{"a": {"b": "c"}}`},
		"something behind":           {"en": fine + `{}`},
		"an end that does not come":  {"en": `{"a": "x"`},
		"a text that does not come":  {"en": `{"a"`},
		"nothing":                    {"en": ""},
		"a language, broken":         {"en": fine, "de": "{"},
		"a key in two folders":       {"en": fine, "apihelp/en": fine},
		"a manual, broken":           {"en": fine, "apihelp/en": "{"},
		"a manual of more than that": {"en": fine, "apihelp/en": `{"b": "x"}`, "apihelp/de": `{"c": "x"}`},
	} {
		dir := fstest.MapFS{}
		for code, text := range files {
			dir["messages/"+code+".json"] = &fstest.MapFile{Data: []byte(text)}
		}
		c, err := loadFrom(dir)
		if err == nil {
			_, err = everyText(c)
		}
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	c, err := loadFrom(fstest.MapFS{
		"messages/en.json":  {Data: []byte(fine)},
		"messages/de.json":  {Data: []byte("{}")},
		"messages/qqq.json": {Data: []byte(`{"a": "note", "old": "note"}`)},

		"messages/apihelp/en.json": {Data: []byte(`{"b": "y"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if texts, err := everyText(c); err != nil || len(texts) != 2 || texts["en"]["b"] != "y" {
		t.Errorf("a fine catalogue: %v, %v", texts, err)
	}
}
