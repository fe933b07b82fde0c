package special

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
)

// Every text that pages and templates name is in the catalogue.
func TestTextsExist(t *testing.T) {
	texts, err := i18n.Load()
	check(t, err)
	keys := texts.Keys()
	named := regexp.MustCompile(`"(gatehouse-[a-z-]+)"`)
	err = fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		for _, m := range named.FindAllSubmatch(content, -1) {
			if !slices.Contains(keys, message.Key(m[1])) {
				t.Errorf("%s: no text for %s", path, m[1])
			}
		}
		return err
	})
	check(t, err)
}

// A refusal whose field is listed twice would be shown beside the first alone.
func TestRefusalsHaveOneField(t *testing.T) {
	seen := map[message.Key]string{}
	for _, row := range fieldsOfRefusals {
		for _, n := range row.refusals {
			if other, twice := seen[n.Key()]; twice {
				t.Errorf("%s belongs to %s and to %s", n.Key(), other, row.field)
			}
			seen[n.Key()] = row.field
			if got := fieldOf(message.New(n.Key())); got != row.field {
				t.Errorf("%s: %q, want %q", n.Key(), got, row.field)
			}
		}
	}
	if got := fieldOf(message.New("readonlytext")); got != "" {
		t.Errorf("a closed site is the fault of %q", got)
	}
}
