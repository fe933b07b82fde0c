package special

import (
	"context"
	"net/url"
	"strings"
)

// apiHelp is Special:ApiHelp: descriptions of the API link to it. It leads to action=help, which has the manuals.
type apiHelp struct{ cfg Config }

// Serve leads on. The subpage is a module's path; "sub/" in front of it asks for its parts too, "rsub/" for all below it.
func (p apiHelp) Serve(_ context.Context, v *Visit) (Answer, error) {
	query := url.Values{"action": {"help"}}
	path := v.Subpage
	if rest, ok := strings.CutPrefix(path, "sub/"); ok {
		path = rest
		query.Set("submodules", "1")
	} else if rest, ok := strings.CutPrefix(path, "rsub/"); ok {
		path = rest
		query.Set("recursivesubmodules", "1")
	}
	if path != "" {
		query.Set("modules", path)
	}
	if v.uselang != "" {
		query.Set("uselang", v.uselang)
	}
	return Answer{Location: v.site.ScriptPath + "/api.php?" + query.Encode()}, nil
}
