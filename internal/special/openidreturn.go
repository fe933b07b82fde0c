package special

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// openIDReturn is Special:OpenIDConnectReturn: browsers come back here from a third party, and go on to where their flow was
// begun, with a code that is good there and nowhere else.
//
// A browser that brings the cookie of the flow goes on at once. Any other may be an app's, or somebody's who was sent a link:
// its person is told what they are about to do, and where it leads, and only a click goes on, to this machine or to a host on
// the operator's list.
type openIDReturn struct{ cfg Config }

// Serve answers a browser that came back.
func (p openIDReturn) Serve(ctx context.Context, v *Visit) (Answer, error) {
	r := auth.Return{
		State: v.Query.Get("state"), Code: v.Query.Get("code"), Issuer: v.Query.Get("iss"), Refusal: v.Query.Get("error"),
		Place: v.Subpage,
	}
	if p.cfg.Arrivals == nil || r.State == "" {
		return unexpected(), nil
	}
	d, err := p.cfg.Arrivals.Expected(ctx, r)
	if errors.Is(err, auth.ErrNotFound) {
		return unexpected(), nil
	}
	if err != nil {
		return Answer{}, err
	}
	v.goOnIn(p.cfg.Catalogue, d.ReturnURL)
	own, err := p.own(ctx, v, d.Action, r.State)
	if err != nil {
		return Answer{}, err
	}
	back, err := url.Parse(d.ReturnURL)
	if err != nil || !own && !p.mayGoTo(back) {
		return refusedReturn(back), nil
	}
	code, err := p.cfg.Arrivals.Arrive(ctx, r)
	if errors.Is(err, auth.ErrNotFound) {
		return unexpected(), nil
	}
	if err != nil {
		return Answer{}, err
	}
	target := withAnswer(d.ReturnURL, code, r.State)
	if own {
		return Answer{Status: http.StatusFound, Location: target}, nil
	}
	return askToGoOn(d, back, target), nil
}

// own reports whether the browser brings the cookie of the flow that was sent away with the state.
func (p openIDReturn) own(ctx context.Context, v *Visit, a auth.Action, state string) (bool, error) {
	waiting, err := p.cfg.Manager.Pending(ctx, a+"-continue", v.client())
	if err != nil || waiting.Status != auth.Redirect {
		return false, err
	}
	target, err := url.Parse(waiting.RedirectTarget)
	return err == nil && target.Query().Get("state") == state, nil
}

// mayGoTo reports whether a browser without the flow's cookie may be led to the address: to this machine, where an app of
// the same person waits, or to a host on the list.
func (p openIDReturn) mayGoTo(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsLoopback() || host == "localhost" {
		return true
	}
	return slices.ContainsFunc(p.cfg.ReturnHosts, func(listed string) bool {
		return strings.EqualFold(listed, host) && usualPort(u) || strings.EqualFold(listed, net.JoinHostPort(host, u.Port()))
	})
}

func usualPort(u *url.URL) bool {
	return u.Port() == "" || u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80"
}

// withAnswer adds code and state to an address and leaves the rest of it as it was written: clients compare.
func withAnswer(address, code, state string) string {
	before, fragment, has := strings.Cut(address, "#")
	join := "?"
	if strings.Contains(before, "?") {
		join = "&"
	}
	if strings.HasSuffix(before, "?") || strings.HasSuffix(before, "&") {
		join = ""
	}
	out := before + join + "code=" + url.QueryEscape(code) + "&state=" + url.QueryEscape(state)
	if has {
		out += "#" + fragment
	}
	return out
}

// unexpected answers a browser that nothing waits for.
func unexpected() Answer {
	return Answer{
		Status: http.StatusNotFound, Template: "notice", Faulty: true, Title: message.New("gatehouse-return-unknown-title"),
		Data: notice{Text: message.New("gatehouse-return-unknown")},
	}
}

// refusedReturn says why the browser does not go on. Nothing was redeemed: whoever has the flow's cookie still can.
func refusedReturn(back *url.URL) Answer {
	host := ""
	if back != nil {
		host = back.Host
	}
	return Answer{
		Status: http.StatusForbidden, Template: "notice", Faulty: true, Title: message.New("gatehouse-return-refused-title"),
		Data: notice{Text: message.New("gatehouse-return-refused", message.Plaintext(host))},
	}
}

// returnData is what the page before the click shows.
type returnData struct {
	What         message.Message
	Host, Target string
}

func askToGoOn(d auth.Departure, back *url.URL, target string) Answer {
	key := message.Key("gatehouse-return-create")
	switch d.Action {
	case auth.ActionLogin:
		key = "gatehouse-return-login"
	case auth.ActionLink:
		key = "gatehouse-return-link"
	}
	return Answer{
		Template: "return", Title: message.New("gatehouse-return-title", message.Nested(d.At)),
		Data: returnData{
			What: message.New(key, message.Nested(d.At), message.Plaintext(string(d.Name)), message.Plaintext(back.Host)),
			Host: back.Host, Target: target,
		},
	}
}
