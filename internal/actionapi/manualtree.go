package actionapi

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// What modules say of where they come from. Clients that look for "MediaWiki" mean the protocol; name and license are ours.
const (
	coreSource     = "MediaWiki"
	coreNamespace  = `MediaWiki\Api\`
	productName    = "gatehouse"
	productLicense = "Apache-2.0"
)

// documentation is where the reference's pages about modules stand.
const documentation = "https://www.mediawiki.org/wiki/Special:MyLanguage/API:"

func (d *manual) className() string { return cmp.Or(d.namespace, coreNamespace) + d.class }

func (d *manual) sourceName() string { return cmp.Or(d.source, coreSource) }

// urls are the addresses of documentation.
func (d *manual) urls() []string {
	urls := make([]string, len(d.pages))
	for i, p := range d.pages {
		urls[i] = documentation + p
	}
	return urls
}

// licenseLink is where the site tells of the module's license.
func (a *api) licenseLink(m *module) string {
	return a.Site.Server + a.Site.ArticlePath + "Special:Version/License/" + url.PathEscape(m.manual.sourceName())
}

// told is the module as it is told of: one that is switched off has nothing but its name.
func (m *module) told() *module {
	if !m.disabled {
		return m
	}
	return &module{name: m.name, path: m.path, public: true, disabled: true, run: m.run,
		manual: manual{class: "ApiDisabled", group: m.manual.group}}
}

// flags are what programs should know before they call the module.
func (m *module) flags() []string {
	var out []string
	for _, f := range []struct {
		name string
		on   bool
	}{
		{"deprecated", m.manual.deprecated}, {"internal", m.manual.internal}, {"readrights", !m.public || m.manual.reads},
		{"writerights", m.writes}, {"mustbeposted", m.mustPost}, {"generator", m.manual.generator},
	} {
		if f.on {
			out = append(out, f.name)
		}
	}
	return out
}

// submodules are those that the values of parameters name, sorted.
func (m *module) submodules() []*module {
	var all []*module
	for i := range m.params {
		all = append(all, m.params[i].submodules...)
	}
	slices.SortFunc(all, func(a, b *module) int { return strings.Compare(a.name, b.name) })
	return all
}

// moduleAt finds the module of a path, such as "query+tokens"; teller is the path of the module that says where there is
// none.
func (a *api) moduleAt(path, teller string) (*module, *usageError) {
	if path == mainModule {
		return a.root, nil
	}
	parts := strings.Split(path, "+")
	if len(parts) == 1 {
		parts = strings.Split(path, " ") // a plus that nobody escaped
	}
	m := a.root
	for i, name := range parts {
		parent := m
		subs := parent.submodules()
		if len(subs) == 0 {
			return nil, fail(teller, wire.NoSubmodules, message.Text(message.EscapeWikitext(strings.Join(parts[:i], "+"))))
		}
		if m = find(subs, name); m == nil {
			return nil, fail(teller, wire.NoSuchSubmodule, message.Text(parent.path), message.Text(message.EscapeWikitext(name)))
		}
	}
	return m, nil
}

// secret reports whether the parameter's value has to stay in the body of a POST.
func (p *param) secret() bool { return p.sensitive || p.typ == typeSecret || p.typ == typePassword }

// sortedSubmodules are the modules that the values name; those that nobody should begin to use come last.
func (p *param) sortedSubmodules() []*module {
	rank := func(m *module) int {
		n := 0
		if m.manual.deprecated {
			n = 1
		}
		if m.manual.internal {
			n += 2
		}
		return n
	}
	return slices.SortedFunc(slices.Values(p.submodules), func(a, b *module) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.name, b.name))
	})
}

// sortedValues are the values of an enum as manuals list them.
func (p *param) sortedValues() []string {
	if p.submodules != nil {
		return names(p.sortedSubmodules())
	}
	return slices.Sorted(slices.Values(p.values))
}
