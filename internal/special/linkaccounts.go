package special

import (
	"context"
	"net/http"
	"slices"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/websession"
)

// linkAccounts is Special:LinkAccounts: whoever is signed in links sign-ins elsewhere to their account, and unlinks them.
type linkAccounts struct{ cfg Config }

func (p linkAccounts) flow() flow {
	return flow{
		cfg: p.cfg, title: titleLinkAccounts, token: websession.TokenCSRF, tokenField: csrfField,
		first: auth.ActionLink, later: auth.ActionLinkContinue,
		begin: p.cfg.Manager.BeginLink, goOn: p.cfg.Manager.ContinueLink, done: p.done,
		template: "linkaccounts", heading: "gatehouse-link-title", busy: "gatehouse-link-busy", submitName: "wpSubmit", back: "gatehouse-step-back",
	}
}

// linkData is what the page shows beside the buttons that link.
type linkData struct {
	flowData
	Lead   message.Message
	Linked []linkedRow
	// Last says that something is linked which cannot be unlinked.
	Last bool
}

type linkedRow struct {
	ID   string
	Text message.Message
}

// Serve shows what is linked, or links and unlinks.
func (p linkAccounts) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if a, ok := mustProve(p.cfg, v, titleLinkAccounts); !ok {
		return a, nil
	}
	if v.Posted() && v.Form.Has("wpUnlink") {
		return p.unlink(ctx, v)
	}
	a, err := p.flow().serve(ctx, v)
	if err != nil {
		return a, err
	}
	return p.complete(ctx, v, a)
}

// complete adds what is linked to the page that begins.
func (p linkAccounts) complete(ctx context.Context, v *Visit, a Answer) (Answer, error) {
	data, ok := a.Data.(flowData)
	if !ok || a.Template != "linkaccounts" {
		return a, nil
	}
	requests, err := p.cfg.Manager.Requests(ctx, auth.ActionUnlink, v.client())
	if err != nil {
		return Answer{}, err
	}
	shown := linkData{flowData: data, Lead: message.New("gatehouse-link-lead", message.Plaintext(string(v.Creator.Account.Name)))}
	for _, r := range requests {
		shown.Linked = append(shown.Linked, linkedRow{
			ID: string(r.ID), Text: message.New("gatehouse-link-linked", message.Nested(r.Provider), message.Nested(r.Account)),
		})
	}
	if len(requests) == 0 && p.cfg.Identities != nil {
		all, err := p.cfg.Identities.IdentitiesOf(ctx, v.Creator.Account.ID)
		if err != nil {
			return Answer{}, err
		}
		shown.Last = slices.ContainsFunc(all, func(i auth.Identity) bool { return !i.Passkey() })
	}
	a.Data = shown
	return a, nil
}

func (p linkAccounts) unlink(ctx context.Context, v *Visit) (Answer, error) {
	refuse := func(status int, why ...problem) (Answer, error) {
		a, err := p.flow().showFirst(ctx, v, why)
		if err != nil {
			return a, err
		}
		a.Status = status
		return p.complete(ctx, v, a)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return refuse(status, problem{message: why})
	}
	chosen := auth.Answers{{ID: auth.RequestID(v.Form.Get("wpUnlink"))}}
	offered, err := p.cfg.Manager.Requests(ctx, auth.ActionUnlink, v.client())
	if err != nil {
		return Answer{}, err
	}
	if !offersRequest(offered, chosen[0].ID) {
		return refuse(http.StatusConflict, problem{message: message.New("gatehouse-changed-meanwhile")})
	}
	check, err := p.cfg.Manager.EditCredentials(ctx, v.client(), auth.ActionUnlink, chosen)
	if err != nil {
		return Answer{}, err
	}
	if !check.OK() {
		return refuse(0, problemsOf(check.Findings)...)
	}
	return done("gatehouse-unlink-done-title", "gatehouse-unlink-done"), nil
}

func offersRequest(requests []auth.Request, id auth.RequestID) bool {
	for _, r := range requests {
		if r.ID == id {
			return true
		}
	}
	return false
}

func (p linkAccounts) done(context.Context, *Visit, auth.Response) (Answer, error) {
	return done("gatehouse-link-done-title", "gatehouse-link-done"), nil
}
