package gatehouse

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"gatehouse/internal/wire"
)

var update = flag.Bool("update", false, "write the tables that docs/ has from the code")

// TestCodesTable holds the table of codes in docs/protocol.md to internal/wire.
func TestCodesTable(t *testing.T) {
	const file, begin, end = "docs/protocol.md", "-update . -->\n", "<!-- /codes -->"
	page := read(t, file)
	before, rest, ok := strings.Cut(page, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the marks around the table are gone")
	}
	want := before + begin + codesTable() + end + after
	if page == want {
		return
	}
	if !*update {
		t.Fatal("the table is old; run: go test -run TestCodesTable -update .")
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func codesTable() string {
	var b strings.Builder
	b.WriteString("| code | as | key | parameters | when |\n|---|---|---|---|---|\n")
	for _, r := range wire.Table() {
		code := "`" + r.Code + "`"
		if r.Suffix != "" {
			code += " + " + r.Suffix
		}
		as := string(r.As)
		if r.HTTPStatus != 200 {
			as += fmt.Sprintf(", HTTP %d", r.HTTPStatus)
		}
		params := strings.NewReplacer("<", "&lt;", "|", `\|`).Replace(r.Params)
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s |\n", code, as, r.Key, params, r.Cause)
	}
	return b.String()
}

// TestLinks follows every relative link of every page, its heading too.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(withoutCode(read(t, page)), -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, ":") {
				continue
			}
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s leads to %s: %v", page, m[1], err)
			} else if anchor != "" && !slices.Contains(headings(read(t, target)), anchor) {
				t.Errorf("%s leads to %s, which has no such heading", page, m[1])
			}
		}
	}
}

func withoutCode(page string) string {
	return regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]*`").ReplaceAllString(page, "")
}

// headings are the anchors of a page's headings, as forges make them.
func headings(page string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		anchor := strings.ToLower(regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(m[1], ""))
		out = append(out, strings.ReplaceAll(anchor, " ", "-"))
	}
	return out
}

// TestReferencesInTheCode holds comments such as (docs/protocol.md, "Names") to the pages.
func TestReferencesInTheCode(t *testing.T) {
	reference := regexp.MustCompile(`(docs/[a-z/-]+\.md)(?:, "([^"]+)")?`)
	for _, file := range files(t, ".go") {
		for _, m := range reference.FindAllStringSubmatch(read(t, file), -1) {
			if strings.HasSuffix(file, "docs_test.go") {
				continue
			}
			page, err := os.ReadFile(m[1])
			if err != nil {
				t.Errorf("%s refers to %s: %v", file, m[1], err)
			} else if m[2] != "" && !regexp.MustCompile(`(?m)^#+ `+regexp.QuoteMeta(m[2])+`$`).Match(page) {
				t.Errorf("%s refers to %q in %s, which has no such heading", file, m[2], m[1])
			}
		}
	}
}

// TestDependencyTable holds the table of docs/dependencies.md and go.mod to what the code imports.
func TestDependencyTable(t *testing.T) {
	var mod struct {
		Require []struct {
			Path, Version string
			Indirect      bool
		}
	}
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	imported := importedPackages(t)
	page := read(t, "docs/dependencies.md")
	rows := regexp.MustCompile("(?m)^\\| `([^` ]+)` \\| (\\S+) \\|").FindAllStringSubmatch(page, -1)
	var documented, direct []string
	for _, r := range rows {
		documented = append(documented, r[1]+" "+r[2])
	}
	moduleOf := func(p string) (module string) { // the longest that fits: some modules stand inside others
		for _, r := range mod.Require {
			if (p == r.Path || strings.HasPrefix(p, r.Path+"/")) && len(r.Path) > len(module) {
				module = r.Path
			}
		}
		return module
	}
	for _, r := range mod.Require {
		uses := slices.ContainsFunc(imported, func(p string) bool { return moduleOf(p) == r.Path })
		if uses == r.Indirect {
			t.Errorf("go.mod: %s is imported: %v, and marked indirect: %v", r.Path, uses, r.Indirect)
		}
		if uses {
			direct = append(direct, r.Path+" "+r.Version)
		}
	}
	slices.Sort(documented)
	slices.Sort(direct)
	if !slices.Equal(documented, direct) {
		t.Errorf("docs/dependencies.md has\n%s\nand the code imports\n%s", strings.Join(documented, "\n"), strings.Join(direct, "\n"))
	}
}

// TestClientsPage holds the table of docs/clients.md to the versions that the tests of e2e run.
func TestClientsPage(t *testing.T) {
	var npm struct{ Dependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, "e2e/clients/package.json")), &npm); err != nil {
		t.Fatal(err)
	}
	run := npm.Dependencies
	for _, tool := range []string{"mocha", "altcha", "altcha-lib", "axe-core", "oidc-provider"} { // no clients: docs/dependencies.md has them
		delete(run, tool)
	}
	required := regexp.MustCompile(`(?m)^require (\S+) v(\S+)$`)
	for _, m := range required.FindAllStringSubmatch(read(t, "e2e/clients/go-mwclient/go.mod"), -1) {
		run[m[1]] = m[2]
	}
	page := read(t, "docs/clients.md")
	for name, version := range run {
		if row := "| `" + name + "` | " + version + " |"; !strings.Contains(page, row) {
			t.Errorf("docs/clients.md has no row that begins %s", row)
		}
	}
	for _, m := range regexp.MustCompile("`(e2e/clients/[a-z_0-9./-]+)`").FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("docs/clients.md names %s: %v", m[1], err)
		}
	}
}

// importedPackages lists what the module's files import, tests too.
func importedPackages(t *testing.T) []string {
	var out []string
	for _, file := range files(t, ".go") {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			out = append(out, strings.Trim(spec.Path.Value, `"`))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestCodeOnPages holds Go code that pages show to the files it comes from: a block's first line names the file.
func TestCodeOnPages(t *testing.T) {
	block := regexp.MustCompile("(?ms)^```go\n// ([a-z/_]+\\.go)\n(.*?)^```")
	for _, page := range pages(t) {
		for _, m := range block.FindAllStringSubmatch(read(t, page), -1) {
			if !strings.Contains(read(t, m[1]), m[2]) {
				t.Errorf("%s shows code of %s that is not in it", page, m[1])
			}
		}
	}
}

// TestMetricsArePublished holds the list of metrics in docs/operations.md to the registry.
func TestMetricsArePublished(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Store.URL = "memory:"
	s, err := New(t.Context(), cfg, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	descriptions := make(chan *prometheus.Desc)
	go func() {
		s.metrics.registry.Describe(descriptions)
		close(descriptions)
	}()
	name := regexp.MustCompile(`fqName: "(gatehouse_[^"]+)"`)
	have := map[string]bool{}
	for d := range descriptions {
		if m := name.FindStringSubmatch(d.String()); m != nil {
			have[m[1]] = true
		}
	}
	told := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(gatehouse_[a-z_]+)").FindAllStringSubmatch(read(t, "docs/operations.md"), -1) {
		told[m[1]] = true
		if !have[m[1]] {
			t.Errorf("docs/operations.md tells of %s, which there is not", m[1])
		}
	}
	for m := range have {
		if !told[m] {
			t.Errorf("docs/operations.md does not tell of %s", m)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
}

func pages(t *testing.T) []string { return files(t, ".md") }

// files lists the module's files with an ending.
func files(t *testing.T, ending string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && p != "." {
			_, err := os.Stat(filepath.Join(p, "go.mod")) // a module of its own
			if err == nil || strings.HasPrefix(name, ".") || name == "node_modules" {
				return filepath.SkipDir
			}
		}
		if strings.HasSuffix(p, ending) {
			out = append(out, filepath.ToSlash(p))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
