package actionapi

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// described is a site's document, ready to hold values to it.
type described struct {
	document map[string]any
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

const documentAddress = "http://wiki.test/w/openapi.json"

// describe fetches the document as a program does.
func (s *site) describe(t testing.TB) *described {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/w/openapi.json", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	d := &described{compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	d.document = unmarshal(t, w.Body.String()).(map[string]any)
	must(t, d.compiler.AddResource(documentAddress, d.document))
	return d
}

func unmarshal(t testing.TB, text string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// schema is a component's, as a validator has it.
func (d *described) schema(t testing.TB, component string) *jsonschema.Schema {
	t.Helper()
	if d.compiled[component] == nil {
		s, err := d.compiler.Compile(documentAddress + "#/components/schemas/" + component)
		must(t, err)
		d.compiled[component] = s
	}
	return d.compiled[component]
}

func (d *described) components() map[string]any {
	return d.document["components"].(map[string]any)["schemas"].(map[string]any)
}

// TestOpenAPIDocument holds the document to the specification: the official schema, and for what that leaves out, a compiler
// of JSON Schema.
func TestOpenAPIDocument(t *testing.T) {
	d := newSite(t, change{}).describe(t)
	official, err := os.Open("testdata/openapi/schema.json")
	must(t, err)
	defer official.Close()
	rules, err := jsonschema.UnmarshalJSON(official)
	must(t, err)
	c := jsonschema.NewCompiler()
	const address = "https://spec.openapis.org/oas/3.1/schema/2022-10-07"
	must(t, c.AddResource(address, rules))
	compiled, err := c.Compile(address)
	must(t, err)
	if err := compiled.Validate(d.document); err != nil {
		t.Errorf("not a document of OpenAPI 3.1: %v", err)
	}
	if err := compiled.Validate(map[string]any{"openapi": "3.1.1", "info": map[string]any{}}); err == nil {
		t.Error("the official schema takes anything")
	}
	for name := range d.components() {
		d.schema(t, name)
	}
}

// TestOpenAPINames holds that every name that the document refers to is there, and every one that is there is referred to.
func TestOpenAPINames(t *testing.T) {
	d := newSite(t, change{}).describe(t)
	used := map[string]bool{}
	walk(d.document, func(o map[string]any) {
		for _, key := range []string{"$ref", "mapping"} {
			refs := []any{o[key]}
			if mapping, ok := o[key].(map[string]any); ok {
				refs = slices.Collect(maps.Values(mapping))
			}
			for _, ref := range refs {
				if name, ok := ref.(string); ok {
					used[strings.TrimPrefix(name, "#/components/schemas/")] = true
				}
			}
		}
	})
	components := d.components()
	for name := range used {
		if components[name] == nil {
			t.Errorf("nothing is called %s", name)
		}
	}
	for name := range components {
		if !used[name] {
			t.Errorf("%s is used by nothing", name)
		}
	}
}

// walk visits every object of a document.
func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, inner := range v {
			walk(inner, visit)
		}
	case []any:
		for _, inner := range v {
			walk(inner, visit)
		}
	}
}

// TestEveryModuleDescribesItsAnswer: whoever adds a module says what it answers, schema.Nothing if that is nothing.
func TestEveryModuleDescribesItsAnswer(t *testing.T) {
	a := newSite(t, change{}).Handler.(*api)
	for _, m := range slices.Concat(a.actions, a.metas, a.lists) {
		if m.answer == nil {
			t.Errorf("%s does not", m.path)
		}
	}
}

// TestExamplesFitTheirRequests holds the examples of the manuals, which the document shows, to what it says of requests.
func TestExamplesFitTheirRequests(t *testing.T) {
	d := newSite(t, change{}).describe(t)
	post := d.document["paths"].(map[string]any)["/api.php"].(map[string]any)["post"].(map[string]any)
	content := post["requestBody"].(map[string]any)["content"].(map[string]any)["application/x-www-form-urlencoded"].(map[string]any)
	examples := content["examples"].(map[string]any)
	if len(examples) < 20 {
		t.Errorf("%d examples", len(examples))
	}
	for name, example := range examples {
		sent := example.(map[string]any)["value"].(map[string]any)
		if err := d.schema(t, sent["action"].(string)+".request").Validate(sent); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sent["nosuchparameter"] = json.Number("1")
		if err := d.schema(t, sent["action"].(string)+".request").Validate(sent); err == nil {
			t.Errorf("%s: a number for a field, or an unknown parameter, is taken", name)
		}
	}
}

func TestOpenAPIOverHTTP(t *testing.T) {
	s := newSite(t, change{api: func(c *Config) { c.Private, c.ReadOnly, c.Site.ScriptPath = true, "moving house", "/deep/er" }})
	send := func(method, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/deep/er/openapi.json?x=1", nil)
		r.Header.Set("Origin", "https://elsewhere.test")
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	w := send("GET", "")
	tag := w.Header().Get("ETag")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600", "Content-Type": "application/json; charset=utf-8",
		"X-Content-Type-Options": "nosniff", "Set-Cookie": "", "Vary": "Accept-Encoding", "Content-Encoding": "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if w.Code != 200 || len(tag) < 10 || !strings.Contains(w.Body.String(), `"servers":[{"url":"http://wiki.test/deep/er"}]`) {
		t.Errorf("answered %d, %q: %.300s", w.Code, tag, w.Body)
	}
	if again := send("GET", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("ETag") != tag {
		t.Errorf("the same again: %d, %d bytes", again.Code, again.Body.Len())
	}
	if other := send("GET", `"x"`); other.Code != 200 || other.Body.String() != w.Body.String() {
		t.Errorf("another: %d", other.Code)
	}
	r := httptest.NewRequest("GET", "/deep/er/openapi.json", nil)
	r.Header.Set("Accept-Encoding", "br, gzip")
	zipped := httptest.NewRecorder()
	s.ServeHTTP(zipped, r)
	unzip, err := gzip.NewReader(zipped.Body)
	must(t, err)
	if same, err := io.ReadAll(unzip); err != nil || string(same) != w.Body.String() || zipped.Header().Get("Content-Encoding") != "gzip" ||
		zipped.Header().Get("ETag") == tag {
		t.Errorf("compressed: %v, %v", err, zipped.Header())
	}
	if head := send("HEAD", ""); head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("ETag") != tag {
		t.Errorf("HEAD: %d, %d bytes", head.Code, head.Body.Len())
	}
	if ask := send("OPTIONS", ""); ask.Code != http.StatusNoContent || ask.Header().Get("Access-Control-Allow-Methods") != "GET, HEAD" {
		t.Errorf("OPTIONS: %d", ask.Code)
	}
	if post := send("POST", ""); post.Code != http.StatusMethodNotAllowed || post.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("POST: %d", post.Code)
	}
}

// TestNoSecretsInAddresses holds that the document lets nobody put a password or a token into a query.
func TestNoSecretsInAddresses(t *testing.T) {
	d := newSite(t, change{}).describe(t)
	components := d.components()
	get := d.document["paths"].(map[string]any)["/api.php"].(map[string]any)["get"].(map[string]any)
	for _, p := range get["parameters"].([]any) {
		p := p.(map[string]any)
		ref, _ := p["schema"].(map[string]any)["$ref"].(string)
		value, _ := components[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any)
		if value["format"] == "password" {
			t.Errorf("%s stands in the query", p["name"])
		}
	}
}
