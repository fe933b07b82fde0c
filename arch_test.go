package gatehouse

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestImportsMatchTheDrawing holds the drawing of CONTRIBUTING.md: who imports whom, tests left aside.
func TestImportsMatchTheDrawing(t *testing.T) {
	rules := drawing(t)
	used := map[string]bool{}
	for pkg, imports := range moduleImports(t) {
		for _, imported := range imports {
			rule, allowed := permitted(rules, pkg, imported)
			if !allowed {
				t.Errorf("%s imports %s, which the drawing does not have", pkg, imported)
			}
			used[rule] = true
		}
	}
	for rule := range rules {
		if !used[rule] {
			t.Errorf("the drawing has %s, which imports nothing of this module", rule)
		}
	}
}

// drawing reads the lines "package → package, package" of the block marked imports.
func drawing(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```imports\n(.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("CONTRIBUTING.md has no block marked imports")
	}
	rules := map[string][]string{}
	for line := range strings.Lines(string(block[1])) {
		from, to, ok := strings.Cut(strings.TrimSpace(line), " → ")
		if !ok {
			t.Fatalf("unreadable line %q", line)
		}
		rules[from] = strings.Split(to, ", ")
	}
	return rules
}

// permitted gives the rule for pkg, the longest that fits, and whether it lets it import imported.
func permitted(rules map[string][]string, pkg, imported string) (rule string, allowed bool) {
	for pattern := range rules {
		if matches(pattern, pkg) && len(pattern) > len(rule) {
			rule = pattern
		}
	}
	for _, to := range rules[rule] {
		if matches(to, imported) {
			return rule, true
		}
	}
	return rule, false
}

func matches(pattern, pkg string) bool {
	ok, err := path.Match(pattern, pkg)
	return err == nil && ok
}

// moduleImports maps every package of the module to what it imports of the module; the root is called gatehouse.
func moduleImports(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && p != "." && (strings.HasPrefix(name, ".") || name == "tools" || name == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(p))
		if pkg == "." {
			pkg = "gatehouse"
		}
		for _, spec := range f.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if imported == "gatehouse" {
				out[pkg] = append(out[pkg], imported)
			} else if rest, ours := strings.CutPrefix(imported, "gatehouse/"); ours {
				out[pkg] = append(out[pkg], rest)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
