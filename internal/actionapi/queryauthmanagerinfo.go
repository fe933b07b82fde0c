package actionapi

import (
	"gatehouse/auth"
	"gatehouse/internal/actionapi/result"
	"gatehouse/internal/actionapi/schema"
	"gatehouse/internal/message"
)

// The places of authmanagerinfo's parameters.
const (
	infoOperation = iota
	infoRequestsFor
	infoMergeFields
	infoMessageFormat
)

// queryAuthManagerInfo is meta=authmanagerinfo: what can be done, and the fields that each action wants.
func queryAuthManagerInfo() *module {
	return &module{
		name: "authmanagerinfo", path: "query+authmanagerinfo", public: true, run: runAuthManagerInfo,
		answer: authManagerInfoAnswer(),
		params: prefixed("ami", []param{
			infoOperation: {name: "securitysensitiveoperation"},
			infoRequestsFor: {name: "requestsfor", typ: typeEnum, values: []string{
				string(auth.ActionLogin), string(auth.ActionLoginContinue), string(auth.ActionCreate), string(auth.ActionCreateContinue),
				string(auth.ActionLink), string(auth.ActionLinkContinue), string(auth.ActionChange), string(auth.ActionRemove),
				string(auth.ActionUnlink),
			}},
			infoMergeFields:   mergeFieldsParam(),
			infoMessageFormat: messageFormatParam(),
		}),
		manual: manual{class: "ApiQueryAuthManagerInfo", group: groupMeta, prefix: "ami", pages: []string{"Authmanagerinfo"}, examples: []example{
			{"login", "action=query&meta=authmanagerinfo&amirequestsfor=login"},
			{"login-merged", "action=query&meta=authmanagerinfo&amirequestsfor=login&amimergerequestfields=1"},
			{"securitysensitiveoperation", "action=query&meta=authmanagerinfo&amisecuritysensitiveoperation=foo"},
		}},
	}
}

func runAuthManagerInfo(c *call, args []value, out *result.Object) error {
	m := c.api.Manager
	o := &result.Object{Members: c.takeMembers(7)}
	o.Flag("canauthenticatenow", true) // a session by cookie can always take another account
	o.Flag("cancreateaccounts", m.CanCreateAccounts())
	o.Flag("canlinkaccounts", m.CanLinkAccounts())
	if args[infoOperation].set {
		o.Text("securitysensitiveoperationstatus", string(m.Sensitive(c.client())))
	}
	out.Child("authmanagerinfo", o)
	if !args[infoRequestsFor].set {
		return nil
	}
	kept, err := m.Preserved(c.ctx, c.client())
	if err != nil {
		return err
	}
	o.Flag("haspreservedstate", kept.Any)
	o.Flag("hasprimarypreservedstate", kept.Primary)
	o.Text("preservedusername", string(kept.Username))
	action := auth.Action(args[infoRequestsFor].text)
	requests, err := m.Requests(c.ctx, action, c.client())
	if err != nil {
		return err
	}
	if action == auth.ActionCreate {
		c.countShown()
	}
	w := flowWriter{
		lang:   c.language(),
		format: message.Format(args[infoMessageFormat].text),
		merge:  args[infoMergeFields].set,
	}
	key := offerKey{action, c.creator.Anonymous(), w.lang, w.format, w.merge}
	members, err := c.api.offers.members(key, w, requests)
	o.Add(members)
	return err
}

func authManagerInfoAnswer() []schema.Member {
	return []schema.Member{schema.Must("authmanagerinfo", schema.Object(append([]schema.Member{
		schema.Must("canauthenticatenow", schema.Flag()),
		schema.Must("cancreateaccounts", schema.Flag().About("Whether the site makes accounts at all.")),
		schema.Must("canlinkaccounts", schema.Flag()),
		schema.May("securitysensitiveoperationstatus", schema.Words(string(auth.SensitiveOK), string(auth.SensitiveReauth), string(auth.SensitiveFail))),
		schema.May("haspreservedstate", schema.Flag()),
		schema.May("hasprimarypreservedstate", schema.Flag()),
		schema.May("preservedusername", schema.Text()),
	}, requestMembers()...)...))}
}
