package special

import "testing"

// TestPageNames holds the names of pages to the table of pages: each leads somewhere, and nothing has no name.
func TestPageNames(t *testing.T) {
	named := map[string]bool{}
	for _, p := range PageNames() {
		for _, alias := range p.Aliases {
			if named[pageKey(alias)] {
				t.Errorf("PageNames has %q twice", alias)
			}
			named[pageKey(alias)] = true
		}
	}
	table := pages(Config{})
	for key := range table {
		if !named[key] {
			t.Errorf("PageNames has no name for the page %q", key)
		}
	}
	for key := range named {
		if _, ok := table[key]; !ok {
			t.Errorf("PageNames has %q, which is no page", key)
		}
	}
}
