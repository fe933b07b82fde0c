package actionapi

import (
	"html"
	"strings"

	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
)

// helpMessage is one paragraph of a manual.
type helpMessage struct {
	message.Message
	// otherwise is shown where the message has no text. It may have none either: then there is no paragraph.
	otherwise message.Key
	// value is what the paragraph tells of, where that is one value of a parameter: wikitext.
	value                string
	deprecated, internal bool
}

// The words in front of values that nobody should begin to use.
const (
	helpValueOutdated message.Key = "api-help-param-deprecated-label"
	helpValueInternal message.Key = "api-help-param-internal-label"
)

// What the reference shows in place of texts that are not there: the first has no words.
const (
	helpNothingMore             = "api-help-no-extended-description"
	helpUndescribed message.Key = "api-help-param-no-description"
)

// description is what a module does.
func (m *module) description() []helpMessage {
	all := []helpMessage{{Message: m.summary()}, {Message: m.extended(), otherwise: helpNothingMore}}
	for _, h := range m.manual.more {
		all = append(all, helpMessage{Message: message.New(h.key, message.Texts(h.params...)...)})
	}
	return all
}

// dynamicText tells of parameters that are in no table.
func (m *module) dynamicText() []helpMessage {
	return []helpMessage{{Message: m.tell(m.manual.dynamic.key, m.manual.dynamic.params...)}}
}

// paramHelp tells what a parameter is for, then what its values mean.
func (m *module) paramHelp(p *param) []helpMessage {
	var all []helpMessage
	for _, msg := range m.paramTexts(p) {
		all = append(all, helpMessage{Message: msg})
	}
	for _, sub := range p.sortedSubmodules() {
		all = append(all, helpMessage{
			Message: sub.told().summary(), value: "[[Special:ApiHelp/" + sub.path + "|" + sub.name + "]]",
			deprecated: sub.manual.deprecated, internal: sub.manual.internal,
		})
	}
	if p.described {
		for _, v := range p.values {
			all = append(all, helpMessage{Message: m.valueText(p, v), otherwise: helpUndescribed, value: v})
		}
	}
	return all
}

// helpWriter writes manuals in a language and a format.
type helpWriter struct {
	lang   *i18n.Language
	format message.Format
}

// put puts paragraphs into o in the format asked for; nothing where none is wanted.
func (w helpWriter) put(o *result.Object, name string, all []helpMessage) {
	switch w.format {
	case message.FormatWikitext:
		o.Text(name, w.wikitext(all))
	case message.FormatHTML:
		o.Text(name, w.html(all))
	case message.FormatRaw:
		l := &result.List{Item: "msg"}
		for _, m := range all {
			l.Append(m.raw())
		}
		o.List(name, l)
	}
}

func (m helpMessage) raw() result.Node {
	o := &result.Object{}
	o.Text("key", string(m.Key))
	o.Put("params", rawParams(m.Message, "param"))
	if m.value != "" {
		o.Text("forvalue", m.value)
	}
	return result.Of(o)
}

// shown is the message that has the words: m's own, what is shown otherwise, or none. The language that shows keys has
// both.
func (w helpWriter) shown(m helpMessage) message.Message {
	shown := m.Message
	if m.otherwise == "" {
		return shown
	}
	if w.lang.Code() == message.QQX {
		shown.Key += " / " + m.otherwise
		return shown
	}
	for _, key := range []message.Key{m.Key, m.otherwise} {
		if _, ok := w.lang.Text(key); ok {
			shown.Key = key
			return shown
		}
	}
	return message.Message{}
}

// wikitext joins paragraphs by empty lines, values by line ends.
func (w helpWriter) wikitext(all []helpMessage) string {
	var b strings.Builder
	list := false
	for _, m := range all {
		text := message.Wikitext(w.shown(m), w.lang)
		if m.value != "" {
			text = `;<span dir="ltr" lang="en">` + m.value + "</span>:" + w.labels(m) + text
		}
		switch {
		case text == "":
			continue
		case b.Len() > 0 && list && m.value != "":
			b.WriteByte('\n')
		case b.Len() > 0:
			b.WriteString("\n\n")
		}
		b.WriteString(text)
		list = m.value != ""
	}
	return b.String()
}

// labels warn of a value.
func (w helpWriter) labels(m helpMessage) string {
	s := ""
	if m.deprecated {
		s += `<span class="apihelp-deprecated">` + w.word(helpValueOutdated) + "</span> "
	}
	if m.internal {
		s += `<span class="apihelp-internal">` + w.word(helpValueInternal) + "</span> "
	}
	return s
}

func (w helpWriter) word(key message.Key) string {
	return html.EscapeString(message.Plain(message.New(key), w.lang))
}

// html joins paragraphs; a single one stands bare, and values make one list.
func (w helpWriter) html(all []helpMessage) string {
	blocks, values := w.blocks(all)
	if len(blocks) == 1 && values == 0 {
		return blocks[0]
	}
	return joinBlocks(blocks, values)
}

// blocks gives paragraphs, bare where they are one each, and behind them the values, of which it tells how many there are.
func (w helpWriter) blocks(all []helpMessage) (blocks []string, values int) {
	for _, m := range all {
		text := w.ofItsLanguage(m)
		switch {
		case m.value != "":
			values++
			term := message.HTML(message.Literal(m.value), w.lang)
			blocks = append(blocks, `<dt><span dir="ltr" lang="en">`+term+"</span></dt>\n<dd>"+w.labels(m)+text+"</dd>")
		case text != "":
			blocks = append(blocks, text)
		}
	}
	return blocks, values
}

// ofItsLanguage gives the words of m, and says so where they are in another language than the manual around them.
func (w helpWriter) ofItsLanguage(m helpMessage) string {
	shown := w.shown(m)
	text := message.HTML(shown, w.lang)
	of := w.lang.Of(shown.Key)
	if of == w.lang || text == "" {
		return text
	}
	tag := "span"
	if isBlock(text) {
		tag = "div"
	}
	return "<" + tag + ` lang="` + of.Tag() + `" dir="` + of.Direction() + `">` + text + "</" + tag + ">"
}

func isBlock(html string) bool {
	for _, tag := range []string{"<p>", "<ul>", "<ol>", "<div "} {
		if strings.HasPrefix(html, tag) {
			return true
		}
	}
	return false
}

// joinBlocks makes paragraphs of what stands bare, and one list of the values behind them.
func joinBlocks(blocks []string, values int) string {
	paragraphs := len(blocks) - values
	for i, s := range blocks[:paragraphs] {
		if !isBlock(s) {
			blocks[i] = "<p>" + s + "</p>"
		}
	}
	if paragraphs < len(blocks) {
		blocks[paragraphs] = "<dl>" + blocks[paragraphs]
		blocks[len(blocks)-1] += "</dl>"
	}
	return strings.Join(blocks, "\n")
}
