package gatehouse

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/seam"
)

// TestHouseTakesTimeFromTheSeam: what a server is wired with has its clock and randomness from the seam, so that a test
// server's runs are alike. The operator's tool on a store of its own has the real ones.
func TestHouseTakesTimeFromTheSeam(t *testing.T) {
	real := map[string][]string{
		"operator.go": {"rand.Reader", "rand.Reader", "time.Now"}, "guard.go": {"rand.Text"}, "metrics_mail.go": {"time.Since"},
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if got := outsideSources(t, name); !slices.Equal(got, real[name]) {
			t.Errorf("%s uses %v: take s.seam.Clock and s.seam.Random(\"part\")", name, got)
		}
	}
}

// outsideSources lists where a file reaches for the machine's clock or randomness.
func outsideSources(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := s.X.(*ast.Ident); ok {
				what := pkg.Name + "." + s.Sel.Name
				if slices.Contains([]string{"time.Now", "time.Since", "rand.Reader", "rand.Text", "rand.Read", "rand.Int"}, what) {
					out = append(out, what)
				}
			}
		}
		return true
	})
	return out
}

// TestHouseStagesNothingForPeople: row 50 of the security checklist. Only the test server can write down a seam, and none lets a clock loose
// on a store that lasts.
func TestHouseStagesNothingForPeople(t *testing.T) {
	for pkg, imports := range moduleImports(t) {
		if slices.Contains(imports, "internal/seam") && pkg != "gatehouse" && !strings.HasPrefix(pkg, "internal/testserver") {
			t.Errorf("%s imports internal/seam", pkg)
		}
	}
	serve, err := os.ReadFile("cmd/gatehouse/serve.go")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(serve), "testserver") || strings.Contains(string(serve), "Staged") {
		t.Error("serve knows of the test server")
	}
	cfg := DefaultConfig()
	cfg.Store.URL = SecretURL("sqlite:" + filepath.Join(t.TempDir(), "a.db"))
	if _, err := NewStaged(t.Context(), cfg, Options{}, seam.Seam{Clock: time.Now}); err == nil || !strings.Contains(err.Error(), "memory:") {
		t.Errorf("a real store is staged: %v", err)
	}
}
