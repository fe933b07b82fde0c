package actionapi

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gatehouse/internal/message"
)

// everyModule lists the API as a whole, its actions, their parts and the formats.
func everyModule(a *api) []*module {
	all := []*module{a.root}
	for _, m := range a.root.submodules() {
		all = append(all, m)
		all = append(all, m.submodules()...)
	}
	return all
}

func apiOf(t testing.TB) *api {
	t.Helper()
	return newSite(t, change{}).Handler.(*api)
}

// TestEveryModuleIsDescribed wants of every module what manual.go says: a class, a group, an example that begins as calls
// of it do, and a text for the module, each parameter, each described value and each example.
func TestEveryModuleIsDescribed(t *testing.T) {
	a := apiOf(t)
	for _, m := range everyModule(a) {
		d := &m.manual
		if d.class == "" {
			t.Errorf("%s: its manual has no class; see manual.go", m.path)
		}
		if !slices.Contains([]group{groupAction, groupFormat, groupList, groupMeta, groupProp}, d.group) && m != a.root {
			t.Errorf("%s: its manual has no group; see manual.go", m.path)
		}
		if len(d.examples) == 0 {
			t.Errorf("%s: its manual has no example; see manual.go", m.path)
		}
		for i := range m.params {
			if p := &m.params[i]; !strings.HasPrefix(p.name, d.prefix) || m.shortName(p) == "" {
				t.Errorf("%s: the parameter %s does not begin with the prefix %q", m.path, p.name, d.prefix)
			}
			checkParam(t, m, &m.params[i])
		}
		for _, e := range d.examples {
			checkExample(t, a, m, e)
		}
	}
}

// checkParam wants a table that makes sense.
func checkParam(t *testing.T, m *module, p *param) {
	t.Helper()
	if p.described && p.typ != typeEnum {
		t.Errorf("%s: %s is described, but has no values", m.path, p.name)
	}
	if p.submodules != nil && !slices.Equal(p.values, names(p.submodules)) {
		t.Errorf("%s: the values of %s are not its submodules", m.path, p.name)
	}
	if p.preset == "" || p.typ != typeEnum {
		return
	}
	for _, v := range strings.Split(p.preset, "|") {
		if !slices.Contains(p.values, v) {
			t.Errorf("%s: %s has the default %q, which is none of its values", m.path, p.name, v)
		}
	}
}

// checkExample wants an example to call the module with parameters that there are.
func checkExample(t *testing.T, a *api, m *module, e example) {
	t.Helper()
	sent, err := url.ParseQuery(e.query)
	if err != nil {
		t.Errorf("%s: example %s: %v", m.path, e.word, err)
		return
	}
	known := map[string]bool{"format": true}
	dynamic := false
	for _, used := range modulesOfCall(a, sent) {
		for i := range used.params {
			known[used.params[i].name] = true
		}
		dynamic = dynamic || !used.manual.dynamic.isZero()
		m.seen(t, used, e)
	}
	for name := range sent {
		if !known[name] && !dynamic {
			t.Errorf("%s: example %s sends %s, which nothing reads", m.path, e.word, name)
		}
	}
}

// seen complains of an example of a part of a query that is not POSTed, but leads to a module that has to be.
func (m *module) seen(t *testing.T, used *module, e example) {
	t.Helper()
	if used.mustPost && !m.mustPost && m.manual.group != "" {
		t.Errorf("%s: example %s calls %s, which needs POST", m.path, e.word, used.path)
	}
}

// modulesOfCall are the modules that read a call's parameters.
func modulesOfCall(a *api, sent url.Values) []*module {
	all := []*module{a.root}
	for i := 0; i < len(all); i++ {
		for j := range all[i].params {
			p := &all[i].params[j]
			for _, v := range strings.Split(sent.Get(p.name), "|") {
				if sub := find(p.submodules, v); sub != nil {
					all = append(all, sub)
				}
			}
		}
	}
	return all
}

// TestEveryHelpTextIsThere wants a text for every key that the modules make, and for every text a module. A text uses no
// more parameters than it is given.
func TestEveryHelpTextIsThere(t *testing.T) {
	a := apiOf(t)
	used := map[message.Key]bool{}
	need := func(where string, msg message.Message) {
		used[msg.Key] = true
		text, ok := a.english.Text(msg.Key)
		if !ok {
			t.Errorf("%s has no text: put %q into internal/i18n/messages/apihelp/en.json", where, msg.Key)
		}
		for _, found := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(text, -1) {
			if n, _ := strconv.Atoi(found[1]); n > len(msg.Params) {
				t.Errorf("%s: the text %q uses $%d, and is given %d parameters", where, msg.Key, n, len(msg.Params))
			}
		}
	}
	for _, m := range everyModule(a) {
		need("module "+m.path, m.summary())
		used[m.extended().Key] = true
		for _, more := range m.description()[2:] {
			need("module "+m.path, more.Message)
		}
		if !m.manual.dynamic.isZero() {
			need("module "+m.path, m.dynamicText()[0].Message)
		}
		for i := range m.params {
			needOfParam(m, &m.params[i], need)
		}
		for _, e := range m.manual.examples {
			need("example "+e.word+" of "+m.path, m.exampleText(e))
		}
	}
	for _, key := range a.Catalogue.Keys() {
		if strings.HasPrefix(string(key), "apihelp-") && !used[key] && key != helpDisabled {
			t.Errorf("the text %q belongs to nothing that there is", key)
		}
	}
}

func needOfParam(m *module, p *param, need func(string, message.Message)) {
	for _, msg := range m.paramTexts(p) {
		need("parameter "+p.name+" of "+m.path, msg)
	}
	if p.described {
		for _, v := range p.values {
			need("value "+v+" of "+p.name+" of "+m.path, m.valueText(p, v))
		}
	}
}
