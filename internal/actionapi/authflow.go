package actionapi

import (
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/i18n"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
	"gatehouse/internal/wire"
)

// The places of the parameters that the modules of authentication flows share, in front of their own.
const (
	flowRequests = iota
	flowMessageFormat
	flowMergeFields
	flowPreserveState
	flowReturnURL
	flowContinue
	flowToken
)

// flowParams is the table of a module that runs a flow to do the action.
func flowParams(prefix string, action auth.Action, missingToken wire.Notice) []param {
	return prefixed(prefix, []param{
		flowRequests:      {name: "requests", multi: true, help: helpText{helpRequests, []string{string(action)}}},
		flowMessageFormat: messageFormatParam(),
		flowMergeFields:   mergeFieldsParam(),
		flowPreserveState: {name: "preservestate", typ: typeFlag, help: helpText{key: helpPreserveState}, ownToo: true},
		flowReturnURL:     {name: "returnurl", help: helpText{key: helpReturnURL}},
		flowContinue:      {name: "continue", typ: typeFlag, help: helpText{key: helpContinue}},
		flowToken:         {name: "token", typ: typeSecret, required: true, sensitive: true, missing: missingToken},
	})
}

func mergeFieldsParam() param {
	return param{name: "mergerequestfields", typ: typeFlag, help: helpText{key: helpMergeFields}}
}

func messageFormatParam() param {
	return param{name: "messageformat", typ: typeEnum, preset: string(message.FormatWikitext), help: helpText{key: helpMessageFormat},
		values: []string{string(message.FormatHTML), string(message.FormatWikitext), string(message.FormatRaw), string(message.FormatNone)}}
}

// flowModule makes a module that runs a flow to do the action; the token it needs is of the type.
func flowModule(name, prefix string, action auth.Action, token websession.TokenType, missingToken wire.Notice) *module {
	return &module{
		name: name, path: name, answer: flowAnswer(name), params: flowParams(prefix, action, missingToken), token: token, tokenParam: flowToken,
		needs:  []int{flowContinue, flowReturnURL},
		writes: true, public: true, mustPost: true,
		manual: manual{
			group: groupAction, prefix: prefix,
			more:    []helpText{{helpGeneralUsage, []string{prefix, name, name, string(action), string(token)}}},
			dynamic: helpText{helpMoreFields, []string{string(action)}},
		},
	}
}

// checkStart makes sure that the submission either begins a flow, with an address to come back to, or continues one.
func (c *call) checkStart(args []value) error {
	m := c.module
	back, again := m.manual.prefix+"returnurl", m.manual.prefix+"continue"
	if !args[flowReturnURL].set && !args[flowContinue].set {
		return about(m.path, wire.MissingAtLeastOneOf, again, back)
	}
	if v := args[flowReturnURL]; v.set && !validReturnURL(v.text) {
		e := fail(m.path, wire.BadURL)
		e.msg = wire.BadURL.MessageAbout(back, message.Text(back), message.Text(message.EscapeWikitext(v.text)))
		return e
	}
	return nil
}

// loadAnswers fills the requests that are offered for the action from what was sent. A name that none of them has stays
// unrecognised.
func (c *call) loadAnswers(action auth.Action, args []value) (auth.Answers, error) {
	if wanted := args[flowRequests]; wanted.set {
		return c.loadChosen(action, wanted.list)
	}
	offered, err := c.api.Manager.Requests(c.ctx, action, c.client())
	if err != nil {
		return nil, err
	}
	return c.load(offered)
}

// loadChosen is loadAnswers for the requests with these ids alone.
func (c *call) loadChosen(action auth.Action, ids []string) (auth.Answers, error) {
	offered, err := c.api.Manager.Requests(c.ctx, action, c.client())
	if err != nil {
		return nil, err
	}
	return c.load(slices.DeleteFunc(slices.Clone(offered), func(r auth.Request) bool {
		return !slices.Contains(ids, string(r.ID))
	}))
}

func (c *call) load(offered []auth.Request) (auth.Answers, error) {
	s := auth.Submission{Texts: map[string]string{}, Lists: map[string][]string{}}
	var inQuery []string
	for _, r := range offered {
		for _, f := range r.Fields {
			sent := c.take(f, &s)
			if f.Sensitive && sent && c.in.lookup(f.Name).inQuery && !slices.Contains(inQuery, f.Name) {
				inQuery = append(inQuery, f.Name)
			}
		}
	}
	if len(inQuery) > 0 {
		return nil, mustPost(c.module.path, inQuery)
	}
	return auth.Load(offered, s), nil
}

// take moves what was sent for a field into s and reports whether the name itself was sent. Image buttons come as name_x
// and name_y.
func (c *call) take(f auth.Field, s *auth.Submission) bool {
	if f.Type == auth.FieldButton || f.Type == auth.FieldCheckbox {
		if x := c.in.take(f.Name + "_x"); x != nil {
			s.Texts[f.Name+"_x"] = x.text
			c.in.take(f.Name + "_y")
		}
	}
	p := c.in.take(f.Name)
	switch {
	case p == nil:
		return false
	case p.isList:
		s.Lists[f.Name] = p.list
	default:
		s.Texts[f.Name] = p.text
	}
	return true
}

// flowWriter writes what a flow answers.
type flowWriter struct {
	lang   *i18n.Language
	format message.Format
	// merge gives one map of fields beside the requests.
	merge bool
}

func (c *call) flowWriter(args []value) flowWriter {
	return flowWriter{
		lang:   c.language(),
		format: message.Format(args[flowMessageFormat].text),
		merge:  args[flowMergeFields].set,
	}
}

// response writes an authentication response.
func (w flowWriter) response(r auth.Response) (*result.Object, error) {
	o := &result.Object{}
	o.Text("status", string(r.Status))
	if r.Status == auth.Pass {
		if r.Username != "" {
			o.Text("username", string(r.Username))
		}
		return o, nil
	}
	if r.Status == auth.Redirect {
		o.Text("redirecttarget", r.RedirectTarget)
		if len(r.RedirectData) > 0 {
			o.Put("redirectdata", mapNode(r.RedirectData))
		}
	}
	if r.Status != auth.Fail {
		if err := w.requests(o, r.Requests); err != nil {
			return nil, err
		}
	}
	if r.Status != auth.Redirect {
		m := message.Several(r.Messages, w.lang)
		w.message(o, "message", m)
		o.Text("messagecode", wire.Code(m))
	}
	if r.Status == auth.Fail || r.Status == auth.Restart {
		o.Flag("canpreservestate", r.CanPreserve)
	}
	return o, nil
}

// requests puts requests into o, and with the merge flag their fields beside them.
func (w flowWriter) requests(o *result.Object, requests []auth.Request) error {
	l := &result.List{Items: make([]result.Node, 0, len(requests))}
	for i := range requests {
		l.Append(w.request(&requests[i]))
	}
	o.List("requests", l)
	if !w.merge {
		return nil
	}
	fields, err := auth.MergeFields(requests)
	if err != nil {
		return err
	}
	o.Put("fields", w.fields(fields))
	return nil
}

func (w flowWriter) request(r *auth.Request) result.Node {
	o := &result.Object{Members: make([]result.Member, 0, 6)}
	o.Text("id", string(r.ID))
	metadata := &result.Object{Assoc: true}
	for _, d := range r.Metadata {
		metadata.Text(d.Name, d.Value)
	}
	o.Child("metadata", metadata)
	o.Text("required", requiredWord(r.Required))
	provider, account := r.Provider, r.Account
	if provider.IsZero() {
		class, _, _ := strings.Cut(string(r.ID), ":")
		provider = message.Literal(class)
	}
	if account.IsZero() {
		account = message.Literal(string(r.ID))
	}
	w.message(o, "provider", provider)
	w.message(o, "account", account)
	if !w.merge {
		o.Put("fields", w.fields(r.Fields))
	}
	return result.Of(o)
}

func requiredWord(r auth.Required) string {
	switch r {
	case auth.Optional:
		return wire.RequiredOptional
	case auth.PrimaryRequired:
		return wire.RequiredPrimary
	}
	return wire.RequiredAlways
}

func (w flowWriter) fields(fields []auth.Field) result.Node {
	all := &result.Object{Members: make([]result.Member, 0, len(fields))}
	for i := range fields {
		f := &fields[i]
		o := &result.Object{Members: make([]result.Member, 0, 7)}
		o.Text("type", string(f.Type))
		if f.Value != nil {
			o.Text("value", *f.Value)
		}
		if len(f.Options) > 0 {
			options := &result.Object{}
			for _, choice := range f.Options {
				options.Text(choice.Value, message.Wikitext(choice.Label, w.lang))
			}
			o.Child("options", options)
		}
		w.message(o, "label", f.Label)
		w.message(o, "help", f.Help)
		o.Flag("optional", f.Optional)
		o.Flag("sensitive", f.Sensitive)
		all.Child(f.Name, o)
	}
	return result.Of(all)
}

// message puts m into o in the format asked for; nothing where there is no message or none is wanted.
func (w flowWriter) message(o *result.Object, name string, m message.Message) {
	if m.IsZero() {
		return
	}
	switch w.format {
	case message.FormatWikitext:
		o.Text(name, message.Wikitext(m, w.lang))
	case message.FormatHTML:
		o.Text(name, message.HTML(m, w.lang))
	case message.FormatRaw:
		o.Put(name, rawMessage(m))
	}
}

// mapNode is a map as an object, sorted by name.
func mapNode(m map[string]string) result.Node {
	o := &result.Object{}
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		o.Text(name, m[name])
	}
	return result.Of(o)
}
