package special

import "testing"

// TestTemplatesParse: every page's template is right, though a server parses it only when it is shown.
func TestTemplatesParse(t *testing.T) {
	all, err := listTemplates()
	if err != nil || len(all) < 10 {
		t.Fatalf("%d templates, %v", len(all), err)
	}
	for name, parsed := range all {
		if page, err := parsed(); err != nil || page.Lookup("frame") == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
