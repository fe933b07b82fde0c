package special

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// assets are the stylesheets, the scripts and the icon. Each stands under an address with a digest of its content, so that
// browsers keep it for good and a new version is another address. Scripts import each other by plain names in the source;
// what is served has the addresses, because a map of imports would be a script inside the page.
type assets struct {
	prefix string
	byPath map[string]asset
	byName map[string]string
	// imports are the files that a script loads, and those that these load.
	imports map[string][]string
	// inline is the stylesheet of all pages without what only its readers need.
	inline string
}

// inlineFile stands in the pages themselves.
const inlineFile = "style.css"

// policyDigest is what the content policy names the stylesheet by.
func (a *assets) policyDigest() string {
	digest := sha256.Sum256([]byte(a.inline))
	return "'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'"
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssBlank   = regexp.MustCompile(`\s+`)
	cssAround  = regexp.MustCompile(` ?([{};,]) ?`)
)

// smaller takes comments and blanks out of a stylesheet. Our own has neither in texts, which a test holds.
func smaller(css string) string {
	css = cssBlank.ReplaceAllString(cssComment.ReplaceAllString(css, ""), " ")
	css = strings.ReplaceAll(cssAround.ReplaceAllString(css, "$1"), ": ", ":")
	return strings.TrimSpace(strings.ReplaceAll(css, ";}", "}"))
}

type asset struct {
	contentType string
	content     []byte
}

// imported finds what a script of ours loads.
var imported = regexp.MustCompile(`from "\./([a-z-]+\.js)"`)

// assetType is the content type by a file's ending. Package mime would read the machine's tables for it, which differ from
// machine to machine and stay in memory.
func assetType(ending string) string {
	switch ending {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

func loadAssets(prefix string) (*assets, error) {
	files, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	a := &assets{prefix: prefix, byPath: map[string]asset{}, byName: map[string]string{}, imports: map[string][]string{}}
	for _, f := range files {
		if f.Name() == inlineFile {
			continue
		}
		if err := a.load(f.Name(), nil); err != nil {
			return nil, err
		}
	}
	style, err := staticFiles.ReadFile("static/" + inlineFile)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", inlineFile, err)
	}
	a.inline = smaller(string(style))
	return a, nil
}

// load takes in a file, and before it what it imports: its digest covers their addresses. from is the way that led here.
func (a *assets) load(name string, from []string) error {
	if a.byName[name] != "" {
		return nil
	}
	if slices.Contains(from, name) {
		return fmt.Errorf("read %s: it imports itself, by way of %s", name, strings.Join(from, ", "))
	}
	content, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for _, found := range imported.FindAllSubmatch(content, -1) {
		next := string(found[1])
		if err := a.load(next, append(from, name)); err != nil {
			return err
		}
		a.need(name, append(slices.Clone(a.imports[next]), next))
	}
	content = imported.ReplaceAllFunc(content, func(found []byte) []byte {
		address := a.byName[string(imported.FindSubmatch(found)[1])]
		return []byte(`from "./` + strings.TrimPrefix(address, a.prefix) + `"`)
	})
	digest := sha256.Sum256(content)
	ending := path.Ext(name)
	address := a.prefix + strings.TrimSuffix(name, ending) + "." + hex.EncodeToString(digest[:6]) + ending
	a.byPath[address] = asset{contentType: assetType(ending), content: content}
	a.byName[name] = address
	return nil
}

func (a *assets) need(name string, files []string) {
	for _, f := range files {
		if !slices.Contains(a.imports[name], f) {
			a.imports[name] = append(a.imports[name], f)
		}
	}
}

// url is the address of a file of static/.
func (a *assets) url(name string) string { return a.byName[name] }

// serve answers a request for an asset and reports whether it was one. They are the same for everybody and hold nothing
// of anybody, so every cache may keep them.
func (a *assets) serve(w http.ResponseWriter, r *http.Request) bool {
	found, ok := a.byPath[r.URL.Path]
	if !ok || !allowed(r.Method, false) {
		return false
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", found.contentType)
	if r.Method != http.MethodHead {
		w.Write(found.content) // an error means that the visitor went away
	}
	return true
}
