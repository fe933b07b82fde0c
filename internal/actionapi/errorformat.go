package actionapi

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
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
		return rateLimited(path, overload.RetryAfter)
	}
	if errors.Is(err, context.Canceled) && c.ctx.Err() != nil {
		c.api.Logger.InfoContext(c.ctx, "api client went away", "request", c.id, "module", path)
	} else {
		c.api.Logger.ErrorContext(c.ctx, "api call failed", "request", c.id, "module", path, "error", err)
	}
	e := fail("", wire.Internal)
	e.msg = wire.Internal.MessageAbout(faultClass, message.Text(c.id), message.Text(faultClass))
	e.data = []result.Member{result.Named("errorclass", result.Text(faultClass))}
	return e
}

// rateLimited sends the client away for a while.
func rateLimited(module string, wait time.Duration) *usageError {
	seconds := int64(math.Ceil(max(wait.Seconds(), 1)))
	e := fail(module, wire.RateLimited)
	e.header = []string{"Retry-After", strconv.FormatInt(seconds, 10)}
	return e
}

// faultClass is what the wire calls every fault of ours; the log tells them apart.
const faultClass = "Fault"

// addError puts an error into the document.
func (c *call) addError(root *result.Object, e *usageError) {
	format := c.errorFormat()
	if format == errorFormatBC {
		o := &result.Object{Content: "docref"}
		o.Text("code", e.code())
		o.Text("info", message.Plain(e.msg, c.api.english))
		o.Add(e.data)
		c.addDocref(o, e)
		root.Child("error", o)
		return
	}
	errs := &result.List{Item: "error"}
	for _, f := range e.all() {
		errs.Append(result.Of(c.describe(&f, format)))
	}
	root.List("errors", errs)
	root.Content = "docref"
	c.addDocref(root, e)
}

func (c *call) addDocref(o *result.Object, e *usageError) {
	if e.module == "" {
		return
	}
	l := c.errorLanguage()
	where := message.Plain(message.New("api-usage-docref", message.Text(c.api.url)), l)
	o.Text("docref", where+" "+message.Plain(message.New(wire.DeprecationHelp.Key()), l))
}

// describe gives an error or warning as an object of a list, in any format but bc.
func (c *call) describe(f *finding, format errorFormat) *result.Object {
	o := &result.Object{}
	o.Text("code", f.code())
	c.addText(o, f.msg, format)
	if len(f.data) > 0 {
		o.Child("data", &result.Object{Members: f.data, Assoc: true})
	}
	if f.module != "" {
		o.Text("module", f.module)
	}
	return o
}

// addText puts a message into o as the format has it.
func (c *call) addText(o *result.Object, m message.Message, format errorFormat) {
	switch format {
	case errorFormatRaw:
		o.Text("key", string(m.Key))
		o.Put("params", rawParams(m, "param"))
	case errorFormatHTML:
		o.Text("html", message.HTML(m, c.errorLanguage()))
		o.Content = "html"
	case errorFormatWikitext:
		o.Text("text", message.Wikitext(m, c.errorLanguage()))
		o.Content = "text"
	case errorFormatPlaintext:
		o.Text("text", message.Plain(m, c.errorLanguage()))
		o.Content = "text"
	}
}

// addWarnings puts the warnings into the document, each once.
func (c *call) addWarnings(root *result.Object) {
	warnings := distinct(append(c.warnings, c.late...))
	if len(warnings) == 0 {
		return
	}
	format := c.errorFormat()
	if format == errorFormatBC {
		root.Child("warnings", c.bcWarnings(warnings))
		return
	}
	l := &result.List{Item: "warning"}
	for i := range warnings {
		l.Append(result.Of(c.describe(&warnings[i], format)))
	}
	root.List("warnings", l)
}

// distinct leaves out what was said before. There are as many warnings as parameters at most, and nearly always none.
func distinct(all []finding) []finding {
	kept := all[:0]
	for i := range all {
		if !slices.ContainsFunc(kept, all[i].is) {
			kept = append(kept, all[i])
		}
	}
	return kept
}

// bcWarnings are lines of plain English under the last part of the module's path. The module that warned last stands
// first.
func (c *call) bcWarnings(warnings []finding) *result.Object {
	var modules []string
	lines := map[string]string{}
	for i := range warnings {
		w := &warnings[i]
		name := w.module[strings.LastIndexByte(w.module, '+')+1:]
		text := message.Plain(w.msg, c.api.english)
		if old, ok := lines[name]; ok {
			text = old + "\n" + text
		} else {
			modules = append(modules, name)
		}
		lines[name] = text
	}
	all := &result.Object{}
	for _, name := range slices.Backward(modules) {
		o := &result.Object{Content: "warnings"}
		o.Text("warnings", lines[name])
		all.Child(name, o)
	}
	return all
}

// rawParams are the parameters of a message as data; item names them in XML.
func rawParams(m message.Message, item string) result.Node {
	l := &result.List{Items: make([]result.Node, len(m.Params)), Item: item}
	for i, p := range m.Params {
		l.Items[i] = rawParam(p)
	}
	return result.OfList(l)
}

func rawParam(p message.Param) result.Node {
	o := &result.Object{}
	switch p.Kind {
	case message.KindText:
		return result.Text(p.Text)
	case message.KindInt:
		return result.Number(p.Number)
	case message.KindNull:
		return result.Null()
	case message.KindNum, message.KindDuration:
		o.Number(string(p.Kind), p.Number)
	case message.KindList:
		items := &result.List{}
		for _, q := range p.List {
			items.Append(rawParam(q))
		}
		o.List("list", items)
		o.Text("type", string(p.ListType))
	case message.KindMessage:
		return rawMessage(*p.Message)
	default:
		o.Text(string(p.Kind), p.Text)
	}
	return result.Of(o)
}

// rawMessage is a message as data.
func rawMessage(m message.Message) result.Node {
	o := &result.Object{}
	o.Text("key", string(m.Key))
	o.Put("params", rawParams(m, ""))
	return result.Of(o)
}
