package sqlstore

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestPlaceholders: wherever a text spells its placeholders out they are numbered in the order of their first use. SQLite
// binds arguments in that order, whatever the numbers say.
func TestPlaceholders(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			next := 1
			for _, p := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(lit.Value, -1) {
				found++
				if n, _ := strconv.Atoi(p[1]); n == next {
					next++
				} else if n > next {
					t.Errorf("%s: $%d comes before $%d in %s", e.Name(), n, next, lit.Value)
				}
			}
			return true
		})
	}
	if found < 20 {
		t.Errorf("only %d placeholders were found", found)
	}
}

func TestPadded(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 50: 64, 500: 512} {
		vs := make([]int, n)
		for i := range vs {
			vs[i] = i
		}
		got := padded(vs)
		if len(got) != want || !slices.Equal(got[:n], vs) || got[want-1] != n-1 {
			t.Errorf("%d are padded to %v", n, got)
		}
	}
}

func TestAfterPrefix(t *testing.T) {
	for prefix, want := range map[string]string{
		"": "", "a": "b", "az": "a{", "Ä": "Å", "\uD7FF": "\uE000", "a\U0010FFFF": "b", "\U0010FFFF": "", "\U0010FFFF\U0010FFFF": "",
	} {
		if got := afterPrefix(prefix); got != want {
			t.Errorf("after %q comes %q, not %q", prefix, got, want)
		}
	}
}

// FuzzAfterPrefix: the two bounds hold exactly the texts with the prefix.
func FuzzAfterPrefix(f *testing.F) {
	for _, p := range []string{"", "a", "Ä", "\uD7FF", "a\U0010FFFF", "\U0010FFFF", "z\x7f"} {
		f.Add(p, p+"x")
		f.Add(p, "b")
	}
	f.Fuzz(func(t *testing.T, prefix, s string) {
		prefix, s = text(prefix), text(s)
		if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
			t.Fatalf("text gave %q", s)
		}
		end := afterPrefix(prefix)
		within := s >= prefix && (end == "" || s < end)
		if within != strings.HasPrefix(s, prefix) {
			t.Errorf("%q with prefix %q: between the bounds is %v (end %q)", s, prefix, within, end)
		}
	})
}

func TestStatement(t *testing.T) {
	st := new(statement).add(`a = `).addArg(1).add(` AND b IN (`)
	list(st, []string{"x", "y\x00"})
	again := st.add(`) AND c = `).arg(3)
	st.add(again, ` OR `, again).cast(`TEXT`, "z")
	if got, want := st.String(), `a = $1 AND b IN ($2, $3) AND c = $4 OR $4, CAST($5 AS TEXT)`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := fmt.Sprintf("%q", st.args), fmt.Sprintf("%q", []any{1, "x", "y\uFFFD", 3, "z"}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
