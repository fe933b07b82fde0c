package special

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// assets are the stylesheet, the script and the icon. Each stands under an address with a digest of its content, so that
// browsers keep it for good and a new version is another address.
type assets struct {
	prefix string
	byPath map[string]asset
	byName map[string]string
}

type asset struct {
	contentType string
	content     []byte
}

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
	a := &assets{prefix: prefix, byPath: map[string]asset{}, byName: map[string]string{}}
	for _, f := range files {
		content, err := staticFiles.ReadFile("static/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Name(), err)
		}
		digest := sha256.Sum256(content)
		ending := path.Ext(f.Name())
		address := prefix + strings.TrimSuffix(f.Name(), ending) + "." + hex.EncodeToString(digest[:6]) + ending
		a.byPath[address] = asset{contentType: assetType(ending), content: content}
		a.byName[f.Name()] = address
	}
	return a, nil
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
