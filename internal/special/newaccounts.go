package special

import (
	"context"
	"net/url"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// newAccounts is Special:NewAccounts: accounts made lately, for those who may do something about them. It shows what the
// public log has, with more filters, and nothing else: the addresses of visitors are not kept.
type newAccounts struct{ cfg Config }

type newAccountsData struct {
	Action         string
	Prefix, By     string
	FromDay, ToDay string
	Hows           []option
	Keep           []pair
	Rows           []newAccountRow
	Newer, Older   string
}

type newAccountRow struct {
	logRow
	Tag   string
	Block string
}

// newAccountsView is what an address asks for.
type newAccountsView struct {
	logView
	how            string
	fromDay, toDay string
	query          auth.LogQuery
}

const dayLayout = "2006-01-02"

// Serve shows one page of accounts.
func (p newAccounts) Serve(ctx context.Context, v *Visit) (Answer, error) {
	view, hows := p.view(v)
	entries, more, err := logPage(p).read(ctx, view.logView, view.query)
	if err != nil {
		return Answer{}, err
	}
	d := newAccountsData{
		Action: v.site.articleURL(titleNewAccounts), Prefix: view.prefix, By: view.performer, FromDay: view.fromDay, ToDay: view.toDay,
		Hows: hows, Keep: keep(v, "uselang"),
	}
	for _, e := range entries {
		row := newAccountRow{logRow: logRowOf(v, e), Tag: e.Tag}
		row.Block = v.link(titleBlock, url.Values{fieldTarget: {string(e.Target)}})
		d.Rows = append(d.Rows, row)
	}
	d.Newer, d.Older = turns(view.listing(), entries, more, func(at auth.LogEntry, dir string) string {
		return view.link(v, at, dir)
	})
	return Answer{Template: "newaccounts", Title: message.New("gatehouse-newaccounts-title"), Data: d}, nil
}

func (p newAccounts) view(v *Visit) (newAccountsView, []option) {
	hows := []option{
		{Value: "", Label: v.text("gatehouse-newaccounts-how-any")},
		{Value: "self", Label: v.text("gatehouse-newaccounts-how-self")},
		{Value: "other", Label: v.text("gatehouse-newaccounts-how-other")},
		{Value: "byemail", Label: v.text("gatehouse-newaccounts-how-byemail")},
		{Value: "pass", Label: v.text("gatehouse-newaccounts-how-pass")},
	}
	if p.cfg.Identities != nil {
		hows = append(hows, option{Value: "outside", Label: v.text("gatehouse-newaccounts-how-outside")})
	}
	view := newAccountsView{logView: logPage(p).view(v.Query)}
	view.kind = auth.LogNewUsers
	view.how, hows = choose(hows, v.Query.Get("how"))
	q := view.logView.query()
	q.Action = map[string]string{"self": auth.LogCreate, "other": auth.LogCreate2, "byemail": auth.LogByEmail}[view.how]
	q.Tagged, q.Outside = view.how == "pass", view.how == "outside"
	if day, ok := parseDay(v.Query.Get("from")); ok {
		q.From, view.fromDay = day, day.Format(dayLayout)
	}
	if day, ok := parseDay(v.Query.Get("to")); ok {
		q.To, view.toDay = day.Add(24*time.Hour-time.Second), day.Format(dayLayout)
	}
	view.query = q
	return view, hows
}

func parseDay(s string) (time.Time, bool) {
	t, err := time.Parse(dayLayout, strings.TrimSpace(s))
	return t, err == nil
}

func (view newAccountsView) link(v *Visit, at auth.LogEntry, dir string) string {
	return v.link(titleNewAccounts, filled(map[string]string{
		"offset": positionOf(at), "page": view.prefix, "user": view.performer, "how": view.how, "from": view.fromDay, "to": view.toDay,
		"dir": dir,
	}))
}
