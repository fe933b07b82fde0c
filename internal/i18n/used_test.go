package i18n

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gatehouse/internal/message"
)

// Every key that the program spells has a text: constants of type message.Key, message.New("…"), message.Key("…"), and
// text("gatehouse-…"), as the pages put it.
func TestKeysInTheCodeHaveTexts(t *testing.T) {
	en, fset, found := language(t, "en"), token.NewFileSet(), 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "authtest") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, lit := range keysIn(n) {
				key, _ := strconv.Unquote(lit.Value)
				found++
				if _, ok := en.Text(message.Key(key)); !ok && message.Key(key) != message.RawKey {
					t.Errorf("%s: %q has no text", fset.Position(lit.Pos()), key)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Error("no key was found; does the test still look where they are?")
	}
}

// keysIn gives the literals in n that are keys.
func keysIn(n ast.Node) []*ast.BasicLit {
	switch n := n.(type) {
	case *ast.ValueSpec:
		if isMessage(n.Type, "Key") {
			return literals(n.Values)
		}
	case *ast.CallExpr:
		switch {
		case len(n.Args) == 0:
		case isMessage(n.Fun, "New"), isMessage(n.Fun, "Key"):
			return literals(n.Args[:1])
		case isText(n.Fun):
			return slices.DeleteFunc(literals(n.Args[:1]), func(lit *ast.BasicLit) bool {
				return !strings.HasPrefix(lit.Value, `"gatehouse-`)
			})
		}
	}
	return nil
}

// isMessage tells whether e is the name of package message.
func isMessage(e ast.Expr, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "message"
}

// isText tells whether e is a method called text.
func isText(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "text"
}

// literals gives the strings among es.
func literals(es []ast.Expr) []*ast.BasicLit {
	var out []*ast.BasicLit
	for _, e := range es {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			out = append(out, lit)
		}
	}
	return out
}
