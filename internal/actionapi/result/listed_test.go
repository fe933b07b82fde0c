package result

import "testing"

// TestListed is a map that is a list in format version 2 alone.
func TestListed(t *testing.T) {
	page := &Object{}
	page.Text("title", "A")
	pages := &Object{Listed: true, Item: "page"}
	pages.Child("-1", page)
	pages.Child("7", page)
	root := &Object{}
	root.Child("pages", pages)
	root.Put("q", Decimal("0.8"))
	for _, tt := range []struct{ got, want string }{
		{string(JSON{}.Append(nil, root)), `{"pages":{"-1":{"title":"A"},"7":{"title":"A"}},"q":0.8}`},
		{string(JSON{Modern: true}.Append(nil, root)), `{"pages":[{"title":"A"},{"title":"A"}],"q":0.8}`},
		{string(PHP{}.Append(nil, root)), `a:2:{s:5:"pages";a:2:{i:-1;a:1:{s:5:"title";s:1:"A";}i:7;a:1:{s:5:"title";s:1:"A";}}s:1:"q";d:0.8;}`},
		{string(PHP{Modern: true}.Append(nil, root)), `a:2:{s:5:"pages";a:2:{i:0;a:1:{s:5:"title";s:1:"A";}i:1;a:1:{s:5:"title";s:1:"A";}}s:1:"q";d:0.8;}`},
		{string(XML{}.Append(nil, root)), `<?xml version="1.0"?><api q="0.8"><pages><page _idx="-1" title="A" /><page _idx="7" title="A" /></pages></api>`},
	} {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
}
