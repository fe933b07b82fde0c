package actionapi

import (
	"strings"
	"testing"
)

// withPages gives a site the special pages of a test.
func withPages(c *Config) {
	c.SpecialPages = []SpecialPage{{"Userlogin", []string{"UserLogin", "Login"}}, {"Log", []string{"Log"}}}
}

func TestTitles(t *testing.T) {
	s := newSite(t, change{api: withPages})
	const invalid = `{"title":"TITLE","invalidreason":"…","invalid":true}`
	for raw, want := range map[string]string{
		"Foo":                                 `{"ns":0,"title":"Foo","missing":true}`,
		"foo__bar ":                           `{"ns":0,"title":"Foo bar","missing":true}`,
		"Main Page":                           `{"ns":0,"title":"Main Page","missing":true,"known":true}`,
		"user:zane":                           `{"ns":2,"title":"User:Zane","missing":true}`,
		"User_talk:a/b":                       `{"ns":3,"title":"User talk:A/b","missing":true}`,
		"project:x":                           `{"ns":4,"title":"Testwiki:X","missing":true}`,
		"TESTWIKI talk: x":                    `{"ns":5,"title":"Testwiki talk:X","missing":true}`,
		"Image:x.png":                         `{"ns":6,"title":"File:X.png","missing":true}`,
		"nowhere:x":                           `{"ns":0,"title":"Nowhere:x","missing":true}`,
		":Foo":                                `{"ns":0,"title":"Foo","missing":true}`,
		"Foo#part":                            `{"ns":0,"title":"Foo","missing":true}`,
		"A&amp;B":                             `{"ns":0,"title":"A&B","missing":true}`,
		"é":                                   `{"ns":0,"title":"É","missing":true}`,
		"Special:Login":                       `{"ns":-1,"title":"Special:Login","special":true}`,
		"special:user login/x":                `{"ns":-1,"title":"Special:User login/x","special":true}`,
		"Special:Nothing":                     `{"ns":-1,"title":"Special:Nothing","missing":true,"special":true}`,
		"Media:X.png":                         `{"ns":-2,"title":"Media:X.png","missing":true,"special":true}`,
		"User:":                               invalid,
		"::a":                                 invalid,
		"#a":                                  invalid,
		"a<b":                                 invalid,
		"a[b":                                 invalid,
		"a%20b":                               invalid,
		"a&b;c":                               invalid,
		"Talk:User:x":                         invalid,
		"./x":                                 invalid,
		"a/../b":                              invalid,
		"a~~~b":                               invalid,
		strings.Repeat("a", 256):              invalid,
		"a\uFFFDb":                            invalid,
		strings.Repeat("é", 127):              `{"ns":0,"title":"` + "É" + strings.Repeat("é", 126) + `","missing":true}`,
		"Special:" + strings.Repeat("a", 512): `{"ns":-1,"title":"Special:A` + strings.Repeat("a", 511) + `","missing":true,"special":true}`,
	} {
		a := s.client(t).get("action=query&format=json&formatversion=2&utf8=1", "titles", raw)
		if reason, ok := a.at("query.pages.0.invalidreason").(string); ok {
			quoted := strings.ReplaceAll(reason, `"`, `\"`)
			a.text = strings.Replace(a.text, `"`+quoted+`"`, `"…"`, 1)
		}
		if !strings.Contains(a.text, `"pages":[`+strings.Replace(want, "TITLE", raw, 1)+`]}`) {
			t.Errorf("%s: got %s, want %s", raw, a.text, want)
		}
	}
}

// TestPagesOfAQuery: the places of pages, what is normalized, and ids, in both versions and in XML.
func TestPagesOfAQuery(t *testing.T) {
	s := newSite(t, change{api: withPages})
	for _, tt := range []struct{ query, value, want string }{
		{"formatversion=1&indexpageids=", "a|Special:Log|<|B|a_|A", `{"batchcomplete":"","query":{"normalized":[{"from":"a","to":"A"},{"from":"a_","to":"A"}],` +
			`"pageids":["-3","-4","-2","-1"],"pages":{"-3":{"ns":0,"title":"A","missing":""},"-4":{"ns":0,"title":"B","missing":""},` +
			`"-2":{"title":"<","invalidreason":"A title cannot have \"<\" in it.","invalid":""},"-1":{"ns":-1,"title":"Special:Log","special":""}}}}`},
		{"formatversion=2", "B|C", `{"batchcomplete":true,"query":{"pages":[{"ns":0,"title":"B","missing":true},{"ns":0,"title":"C","missing":true}]}}`},
		{"formatversion=2&meta=tokens", "b", `{"batchcomplete":true,"query":{"normalized":[{"fromencoded":false,"from":"b","to":"B"}],` +
			`"pages":[{"ns":0,"title":"B","missing":true}],"tokens":{"csrftoken":"+\\"}}}`},
		{"formatversion=2&errorformat=raw", ">", `{"batchcomplete":true,"query":{"pages":[{"title":">","invalidreason":{"code":"title-invalid-characters",` +
			`"key":"title-invalid-characters","params":[{"plaintext":">"}]},"invalid":true}]}}`},
		{"formatversion=2", "", `{"batchcomplete":true}`},
	} {
		if a := s.client(t).get("action=query&format=json&"+tt.query, "titles", tt.value); a.text != tt.want {
			t.Errorf("%s, %s:\n got %s\nwant %s", tt.query, tt.value, a.text, tt.want)
		}
	}
	for query, want := range map[string]string{
		"pageids=7|0|-3|7":                        `{"batchcomplete":"","query":{"pages":{"7":{"pageid":7,"missing":""}}}}`,
		"pageids=7&formatversion=2&indexpageids=": `{"batchcomplete":true,"query":{"pageids":["7"],"pages":[{"pageid":7,"missing":true}]}}`,
		"revids=7|8&formatversion=2":              `{"batchcomplete":true,"query":{"badrevids":{"7":{"revid":7,"missing":true},"8":{"revid":8,"missing":true}}}}`,
	} {
		if a := s.client(t).get("action=query&format=json&" + query); a.text != want {
			t.Errorf("%s:\n got %s\nwant %s", query, a.text, want)
		}
	}
	for query, code := range map[string]string{"titles=A&pageids=1": "multisource", "pageids=1&revids=1": "multisource", "pageids=x": "badinteger"} {
		if a := s.client(t).get("action=query&format=json&" + query); a.code() != code {
			t.Errorf("%s: %s", query, a.text)
		}
	}
	if a := s.client(t).get("action=query&format=xml&titles=A"); !strings.Contains(a.text, `<pages><page _idx="-1" ns="0" title="A" missing="" /></pages>`) {
		t.Errorf("xml: %s", a.text)
	}
	private := newSite(t, change{api: func(c *Config) { c.Private = true }})
	if a := private.client(t).get("action=query&format=json&meta=tokens&titles=A"); a.code() != "readapidenied" {
		t.Errorf("private: %s", a.text)
	}
}

// FuzzTitle: the form that titles have is its own form, and no title becomes one without a reason.
func FuzzTitle(f *testing.F) {
	for _, s := range []string{"a", "User:x", "::", "Talk:User:", "&lt;", "A%2", "x/..", "\u200eA", "Image: b_c", "Special:"} {
		f.Add(s)
	}
	spaces := newNamespaces("Wiki")
	f.Fuzz(func(t *testing.T, raw string) {
		one, why := spaces.parseTitle(raw)
		if !why.IsZero() {
			return
		}
		if two, why := spaces.parseTitle(one.String()); !why.IsZero() || two.String() != one.String() {
			t.Errorf("%q is %q, and that is %q, %v", raw, one, two, why)
		}
	})
}
