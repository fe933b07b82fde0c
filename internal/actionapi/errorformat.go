package actionapi

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// errorFormat is how errors and warnings are told.
type errorFormat string

const (
	errorFormatBC        errorFormat = "bc" // one error in English, warnings by module
	errorFormatHTML      errorFormat = "html"
	errorFormatNone      errorFormat = "none"
	errorFormatPlaintext errorFormat = "plaintext"
	errorFormatRaw       errorFormat = "raw"
	errorFormatWikitext  errorFormat = "wikitext"
)

// errorFormats lists them as the values of a parameter.
func errorFormats() []string { return []string{"plaintext", "wikitext", "html", "raw", "none", "bc"} }

// errorFormat is what the client chose; bc where that is no format.
func (c *call) errorFormat() errorFormat {
	if f := c.in.text("errorformat"); f != "" && slices.Contains(errorFormats(), f) {
		return errorFormat(f)
	}
	return errorFormatBC
}

// usage turns any error into one for the client. What is our fault is logged under the call's id, and the client is told the
// id and nothing else.
func (c *call) usage(err error) *usageError {
	var known *usageError
	if errors.As(err, &known) {
		return known
	}
	path := mainModule
	if c.module != nil {
		path = c.module.path
	}
	var overload *auth.OverloadError
	if errors.As(err, &overload) {
		seconds := int64(math.Ceil(max(overload.RetryAfter.Seconds(), 1)))
		e := fail(path, wire.RateLimited)
		e.header = []string{"Retry-After", strconv.FormatInt(seconds, 10)}
		return e
	}
	if errors.Is(err, context.Canceled) && c.ctx.Err() != nil {
		c.api.Logger.InfoContext(c.ctx, "api client went away", "request", c.id, "module", path)
	} else {
		c.api.Logger.ErrorContext(c.ctx, "api call failed", "request", c.id, "module", path, "error", err)
	}
	e := fail(path, wire.Internal)
	e.msg = wire.Internal.MessageAbout(faultClass, message.Text(c.id), message.Text(faultClass))
	e.data = []member{{"errorclass", textNode(faultClass)}}
	e.internal = true
	return e
}

// faultClass is what the wire calls every fault of ours; the log tells them apart.
const faultClass = "Fault"

// addError puts an error into the document.
func (c *call) addError(root *object, e *usageError) {
	format := c.errorFormat()
	if format == errorFormatBC {
		o := &object{content: "docref"}
		o.text("code", e.code())
		o.text("info", message.Plain(e.msg, c.api.english))
		o.add(e.data)
		c.addDocref(o, e)
		root.child("error", o)
		return
	}
	errs := &list{item: "error"}
	errs.append(objectNode(c.describe(&e.finding, format)))
	root.put("errors", listNode(errs))
	root.content = "docref"
	c.addDocref(root, e)
}

func (c *call) addDocref(o *object, e *usageError) {
	if e.internal {
		return
	}
	l := c.errorLanguage()
	where := message.Plain(message.New("api-usage-docref", message.Text(c.api.url)), l)
	o.text("docref", where+" "+message.Plain(message.New(wire.DeprecationHelp.Key()), l))
}

// describe gives an error or warning as an object of a list, in any format but bc.
func (c *call) describe(f *finding, format errorFormat) *object {
	o := &object{}
	o.text("code", f.code())
	c.addText(o, f.msg, format)
	if len(f.data) > 0 {
		o.child("data", &object{members: f.data})
	}
	o.text("module", f.module)
	return o
}

// addText puts a message into o as the format has it.
func (c *call) addText(o *object, m message.Message, format errorFormat) {
	switch format {
	case errorFormatRaw:
		o.text("key", string(m.Key))
		o.put("params", rawParams(m, "param"))
	case errorFormatHTML:
		o.text("html", message.HTML(m, c.errorLanguage()))
		o.content = "html"
	case errorFormatWikitext:
		o.text("text", message.Wikitext(m, c.errorLanguage()))
		o.content = "text"
	case errorFormatPlaintext:
		o.text("text", message.Plain(m, c.errorLanguage()))
		o.content = "text"
	}
}

// addWarnings puts the warnings into the document.
func (c *call) addWarnings(root *object) {
	if len(c.warnings) == 0 {
		return
	}
	format := c.errorFormat()
	if format == errorFormatBC {
		root.child("warnings", c.bcWarnings())
		return
	}
	l := &list{item: "warning"}
	for i := range c.warnings {
		l.append(objectNode(c.describe(&c.warnings[i], format)))
	}
	root.put("warnings", listNode(l))
}

// bcWarnings are lines of plain English under the last part of the module's path.
func (c *call) bcWarnings() *object {
	all := &object{}
	for i := range c.warnings {
		w := &c.warnings[i]
		name := w.module[strings.LastIndexByte(w.module, '+')+1:]
		text := message.Plain(w.msg, c.api.english)
		if old, ok := all.get(name); ok {
			old.object.members[0].value.text += "\n" + text
			continue
		}
		o := &object{content: "warnings"}
		o.text("warnings", text)
		// The module that warned last stands first.
		all.members = slices.Insert(all.members, 0, member{name, objectNode(o)})
	}
	return all
}

// rawParams are the parameters of a message as data; item names them in XML.
func rawParams(m message.Message, item string) node {
	l := &list{items: make([]node, len(m.Params)), item: item}
	for i, p := range m.Params {
		l.items[i] = rawParam(p)
	}
	return listNode(l)
}

func rawParam(p message.Param) node {
	o := &object{}
	switch p.Kind {
	case message.KindText:
		return textNode(p.Text)
	case message.KindInt:
		return numberNode(p.Number)
	case message.KindNull:
		return node{kind: kindNull}
	case message.KindNum, message.KindDuration:
		o.number(string(p.Kind), p.Number)
	case message.KindList:
		items := &list{}
		for _, q := range p.List {
			items.append(rawParam(q))
		}
		o.put("list", listNode(items))
		o.text("type", string(p.ListType))
	case message.KindMessage:
		return rawMessage(*p.Message)
	default:
		o.text(string(p.Kind), p.Text)
	}
	return objectNode(o)
}

// rawMessage is a message as data.
func rawMessage(m message.Message) node {
	o := &object{}
	o.text("key", string(m.Key))
	o.put("params", rawParams(m, ""))
	return objectNode(o)
}
