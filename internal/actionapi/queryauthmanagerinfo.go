package actionapi

import (
	"time"

	"gatehouse/auth"
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
		params: prefixed("ami", []param{
			infoOperation: {name: "securitysensitiveoperation"},
			infoRequestsFor: {name: "requestsfor", typ: typeEnum, values: []string{
				string(auth.ActionLogin), string(auth.ActionLoginContinue), string(auth.ActionCreate), string(auth.ActionCreateContinue),
				string(auth.ActionLink), string(auth.ActionLinkContinue), string(auth.ActionChange), string(auth.ActionRemove),
				string(auth.ActionUnlink),
			}},
			infoMergeFields:   {name: "mergerequestfields", typ: typeFlag},
			infoMessageFormat: messageFormatParam(),
		}),
	}
}

func runAuthManagerInfo(c *call, args []value, out *object) error {
	m := c.api.Manager
	o := &object{members: make([]member, 0, 8)}
	o.flag("canauthenticatenow", true) // a session by cookie can always take another account
	o.flag("cancreateaccounts", m.CanCreateAccounts())
	o.flag("canlinkaccounts", m.CanLinkAccounts())
	if args[infoOperation].set {
		o.text("securitysensitiveoperationstatus", c.operationStatus())
	}
	out.child("authmanagerinfo", o)
	if !args[infoRequestsFor].set {
		return nil
	}
	o.flag("haspreservedstate", false)
	o.flag("hasprimarypreservedstate", false)
	o.text("preservedusername", "")
	action := auth.Action(args[infoRequestsFor].text)
	requests, err := m.Requests(c.ctx, action, c.client())
	if err != nil {
		return err
	}
	w := flowWriter{
		lang:   c.language(),
		format: message.Format(args[infoMessageFormat].text),
		merge:  args[infoMergeFields].set,
	}
	key := offerKey{action, c.creator.Anonymous(), w.lang, w.format, w.merge}
	members, err := c.api.offers.members(key, w, requests)
	o.add(members)
	return err
}

// reauthenticateAfter is how long a sign-in is good for what is sensitive.
const reauthenticateAfter = time.Hour

// operationStatus tells whether the caller may do something sensitive now: "ok", or "reauth" to sign in first.
func (c *call) operationStatus() string {
	if !c.creator.Anonymous() && c.now().Sub(c.session.AuthenticatedAt()) < reauthenticateAfter {
		return "ok"
	}
	return "reauth"
}
