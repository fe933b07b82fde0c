package settings

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// Manual is what a description says besides the tags.
type Manual struct {
	// Title heads a Markdown page.
	Title string
	// Intro says how settings are given; "|" starts a new paragraph.
	Intro string
	// Prefix begins the names of environment variables.
	Prefix string
}

// WriteTOML prints a file with every setting at its default, each under its manual. The file reads back as the defaults.
func (s *Schema) WriteTOML(w io.Writer, m Manual) error {
	p := printer{w: w}
	p.comment(m.Intro)
	for _, section := range s.sections {
		p.line("")
		if keyed(section) {
			p.tomlFree(section, m)
			continue
		}
		p.comment(section.Manual)
		p.line("[" + section.Path + "]")
		for _, k := range section.Keys {
			p.line("")
			p.comment(k.Manual)
			for _, e := range k.entries() {
				p.wrapped("#   ", lastPart(e.Path)+": "+e.Manual)
			}
			for _, fact := range k.facts(m.Prefix) {
				p.comment(fact)
			}
			p.line(lastPart(k.Path) + " = " + literal(k, k.Default))
		}
	}
	return p.err
}

// tomlFree prints a table of which there can be any number, commented out, since there is none by default.
func (p *printer) tomlFree(section Section, m Manual) {
	k := section.Keys[0]
	p.comment(k.Manual)
	p.comment("Environment: " + m.Prefix + VariableName(k.Path) + " (JSON).")
	head := "# [" + k.Path + ".NAME]"
	if k.typ.Kind() == reflect.Slice {
		head = "# [[" + k.Path + "]]"
	}
	p.line(head)
	for _, e := range k.entries() {
		p.line("#")
		p.comment(e.Manual)
		p.line("# " + lastPart(e.Path) + " = " + literal(e, e.shownValue()))
	}
}

// WriteMarkdown prints the manual of every setting as a page.
func (s *Schema) WriteMarkdown(w io.Writer, m Manual) error {
	p := printer{w: w}
	p.line("# " + m.Title)
	p.paragraphs(m.Intro)
	for _, section := range s.sections {
		p.line("")
		p.line("## `" + section.Path + "`")
		if !keyed(section) {
			p.paragraphs(section.Manual)
		}
		for _, k := range section.Keys {
			p.markdownKey(section, k, m)
		}
	}
	return p.err
}

func (p *printer) markdownKey(section Section, k Key, m Manual) {
	if !keyed(section) {
		p.line("")
		p.line("### `" + k.Path + "`")
	}
	p.paragraphs(k.Manual)
	for i, e := range k.entries() {
		if i == 0 {
			p.line("")
		}
		fact := ""
		if e.Default != "" {
			fact = " Default `" + literal(e, e.Default) + "`."
		} else if e.Example != "" {
			fact = " Example `" + literal(e, e.Example) + "`."
		}
		p.line("* `" + lastPart(e.Path) + "`: " + strings.ReplaceAll(e.Manual, "|", " ") + fact)
	}
	p.line("")
	if keyed(section) {
		p.line("None by default. Environment: `" + m.Prefix + VariableName(k.Path) + "` (JSON).")
		return
	}
	facts := "Default: `" + literal(k, k.Default) + "`."
	if len(k.Choices) > 0 {
		facts += " Choices: `" + strings.Join(k.Choices, "`, `") + "`."
	}
	if k.Example != "" {
		facts += " Example: `" + literal(k, k.Example) + "`."
	}
	p.line(facts + " Environment: `" + m.Prefix + VariableName(k.Path) + "`.")
}

// keyed reports whether the section is a list or map of tables rather than a table.
func keyed(s Section) bool { return len(s.Keys) == 1 && s.Keys[0].Path == s.Path }

// entries are the keys of one table in a list or map of tables.
func (k Key) entries() []Key {
	if kind := k.typ.Kind(); kind != reflect.Slice && kind != reflect.Map || !isTable(k.typ.Elem()) {
		return nil
	}
	return keysOf(k.typ.Elem(), "", nil)
}

// shownValue is the example, else the default.
func (k Key) shownValue() string {
	if k.Example != "" {
		return k.Example
	}
	return k.Default
}

// facts are the lines under a manual: what can be chosen, an example, the variable.
func (k Key) facts(prefix string) []string {
	var out []string
	if len(k.Choices) > 0 {
		out = append(out, "Choices: "+strings.Join(k.Choices, ", "))
	}
	if k.Example != "" {
		out = append(out, "Example: "+literal(k, k.Example))
	}
	return append(out, "Environment: "+prefix+VariableName(k.Path))
}

// literal is a tag's value as TOML.
func literal(k Key, text string) string {
	switch {
	case readsText(k.typ), k.typ.Kind() == reflect.String:
		return strconv.Quote(text)
	case k.typ.Kind() == reflect.Bool:
		if text == "" {
			return "false"
		}
		return text
	case k.typ.Kind() == reflect.Int64:
		if text == "" {
			return "0"
		}
		return text
	}
	v, err := parseJSON(text)
	if err != nil {
		return "[]"
	}
	return inline(k.typ, v)
}

// inline writes a JSON value as TOML on one line, tables in the order of their fields.
func inline(t reflect.Type, v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = inline(t.Elem(), item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, f := range fields(t) {
			if item, ok := v[f.name]; ok {
				parts = append(parts, f.name+" = "+inline(f.Type, item))
			}
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case string:
		return strconv.Quote(v)
	case json.Number:
		return string(v)
	}
	return fmt.Sprint(v)
}

// printer writes lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s+"\n")
	}
}

// comment writes text as comments, wrapped, an empty one between paragraphs.
func (p *printer) comment(text string) {
	for i, paragraph := range strings.Split(text, "|") {
		if i > 0 {
			p.line("#")
		}
		p.wrapped("# ", paragraph)
	}
}

func (p *printer) wrapped(head, text string) {
	for _, l := range wrap(text, 98) {
		p.line(head + l)
	}
}

func (p *printer) paragraphs(text string) {
	for _, paragraph := range strings.Split(text, "|") {
		p.line("")
		for _, l := range wrap(paragraph, 120) {
			p.line(l)
		}
	}
}

// wrap breaks text at blanks into lines of at most width bytes, longer words standing alone.
func wrap(text string, width int) []string {
	var lines []string
	current := ""
	for _, word := range strings.Fields(text) {
		if current != "" && len(current)+1+len(word) > width {
			lines, current = append(lines, current), ""
		}
		if current != "" {
			current += " "
		}
		current += word
	}
	if current == "" {
		return lines
	}
	return append(lines, current)
}
