package gatehouse

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOpenAPIStandsBesideTheAPI holds that the description is where the configuration puts the API, names that place, and is
// found from the first page and the help.
func TestOpenAPIStandsBesideTheAPI(t *testing.T) {
	cfg := testConfig(t)
	cfg.Server.ScriptPath = "/mediawiki/w"
	cfg.Server.PublicURL = "https://accounts.example"
	web := httptest.NewServer(newServer(t, cfg).Handler())
	t.Cleanup(web.Close)
	get := func(path string) string {
		t.Helper()
		resp, err := http.Get(web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", path, resp.Status, err)
		}
		return string(body)
	}
	const place = "/mediawiki/w/openapi.json"
	var document struct {
		OpenAPI string
		Servers []struct{ URL string }
	}
	if err := json.Unmarshal([]byte(get(place)), &document); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.1.") || len(document.Servers) != 1 || document.Servers[0].URL != "https://accounts.example/mediawiki/w" {
		t.Errorf("it says %+v", document)
	}
	for _, page := range []string{"/", "/mediawiki/w/api.php"} {
		if !strings.Contains(get(page), `href="`+place+`"`) {
			t.Errorf("%s does not lead there", page)
		}
	}
}
