package special

import (
	"context"
	"strings"

	"gatehouse/internal/message"
)

// version is Special:Version: which program this is, and on what terms. api.php names Special:Version/License/MediaWiki as the
// place of the license, because that is where its clients look.
type version struct{ cfg Config }

type versionData struct {
	Version string
	// License says that the page is about the license alone.
	License bool
}

// Serve shows the page.
func (p version) Serve(ctx context.Context, v *Visit) (Answer, error) {
	data := versionData{Version: p.cfg.Version}
	switch part, name, _ := strings.Cut(v.Subpage, "/"); {
	case v.Subpage == "":
	case strings.EqualFold(part, "License") && name == "MediaWiki":
		data.License = true
	default:
		return notFound{}.Serve(ctx, v)
	}
	title := message.Key("gatehouse-version-title")
	if data.License {
		title = "gatehouse-version-license-title"
	}
	return Answer{Template: "version", Title: message.New(title), Data: data}, nil
}
