package special

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// Limits is what the pages read of limits on how often things may be done, and the one thing that they do about them.
type Limits interface {
	// Rules are the limits in force.
	Rules() []auth.LimitRule
	// Full gives those who are at a limit, by key, behind the key after. Search narrows it to a network or a name.
	Full(ctx context.Context, q auth.FullQuery) ([]auth.FullLimit, error)
	// Lift begins one count anew, by the hand of an account; false if there was nothing to lift.
	Lift(ctx context.Context, by auth.Account, key string) (bool, error)
	// Lifted gives what was lifted lately, newest first.
	Lifted(ctx context.Context, limit int) ([]auth.LogEntry, error)
}

// limitsPage is Special:Limits: what is limited, who is at a limit, and a button that lifts it.
type limitsPage struct{ cfg Config }

const (
	limitRows  = 50
	liftedRows = 10
)

type limitData struct {
	Form                 form
	Rules                []limitRule
	Rows                 []limitRow
	Lifted               []liftedRow
	Action, Search, Next string
	Token, First         string
	Uselang              string
}

type limitRule struct {
	Act       string
	What      message.Key
	Everybody bool
	Told      []string
}

type limitRow struct {
	Key, Who, Wait string
	What           message.Key
	Count, Limit   int64
}

type liftedRow struct {
	auth.LogEntry
	Exact string
	What  message.Key
}

// nameOfAct is what people know as what is counted.
func nameOfAct(act string) message.Key {
	switch act {
	case "create":
		return "gatehouse-limits-create"
	case "attempt":
		return "gatehouse-limits-attempt"
	case "login":
		return "gatehouse-limits-login"
	case "logins":
		return "gatehouse-limits-logins"
	case "badcaptcha":
		return "gatehouse-limits-captcha"
	}
	return "gatehouse-limits-mail"
}

// Serve shows the limits, and lifts one.
func (p limitsPage) Serve(ctx context.Context, v *Visit) (Answer, error) {
	if !v.Posted() {
		return p.show(ctx, v, 0)
	}
	if why, status := objection(p.cfg, v); !why.IsZero() {
		return p.show(ctx, v, status, problem{message: why})
	}
	lifted, err := p.cfg.Limits.Lift(ctx, v.Creator.Account, v.Form.Get("wpLift"))
	if err != nil {
		return Answer{}, err
	}
	if lifted {
		p.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "limit lifted", slog.Int64("by", int64(v.Creator.Account.ID)))
	}
	return Answer{Location: v.link(titleLimits, searchParams(v.Form.Get("search")))}, nil
}

func searchParams(search string) url.Values {
	if search == "" {
		return nil
	}
	return url.Values{"search": {search}}
}

func (p limitsPage) show(ctx context.Context, v *Visit, status int, why ...problem) (Answer, error) {
	d := limitData{
		Action: v.site.articleURL(titleLimits), Search: strings.TrimSpace(v.param("search")), Token: signedForm(v)[0].Value, Uselang: v.uselang,
	}
	for _, r := range p.cfg.Limits.Rules() {
		d.Rules = append(d.Rules, limitRule{r.Act, nameOfAct(r.Act), r.Everybody, toldRule(v, r)})
	}
	if err := p.full(ctx, v, &d); err != nil {
		return Answer{}, err
	}
	lifted, err := p.cfg.Limits.Lifted(ctx, liftedRows)
	if err != nil {
		return Answer{}, fmt.Errorf("read what was lifted: %w", err)
	}
	for _, e := range lifted {
		d.Lifted = append(d.Lifted, liftedRow{e, exact(e.Time), nameOfAct(e.Comment)})
	}
	tell(v, &d.Form, why)
	return Answer{
		Status: status, Template: "limits", Title: message.New("gatehouse-limits-title"), Faulty: len(why) > 0, Data: d,
	}, nil
}

// full reads one page of those who are at a limit. It continues behind a key and not at a number.
func (p limitsPage) full(ctx context.Context, v *Visit, d *limitData) error {
	q := auth.FullQuery{After: v.Query.Get("offset"), Search: d.Search, Limit: limitRows + 1}
	rows, err := p.cfg.Limits.Full(ctx, q)
	if err != nil {
		return fmt.Errorf("read full limits: %w", err)
	}
	if q.After != "" {
		d.First = v.link(titleLimits, searchParams(d.Search))
	}
	if len(rows) > limitRows {
		rows = rows[:limitRows]
		next := url.Values{"offset": {rows[limitRows-1].Key}}
		if d.Search != "" {
			next.Set("search", d.Search)
		}
		d.Next = v.link(titleLimits, next)
	}
	for _, l := range rows {
		d.Rows = append(d.Rows, limitRow{
			Key: l.Key, Who: whoIsLimited(v, l), What: nameOfAct(l.Act), Wait: v.Language.Duration(wholeSeconds(l.Wait)), Count: l.Count, Limit: l.Limit,
		})
	}
	return nil
}

// wholeSeconds rounds up: whoever comes back in time is let in.
func wholeSeconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

func whoIsLimited(v *Visit, l auth.FullLimit) string {
	switch {
	case l.Everybody:
		return v.text("gatehouse-limits-everybody")
	case l.Account != "":
		return v.text("gatehouse-limits-account", message.Plaintext(string(l.Account)))
	case l.OfName:
		return v.text("gatehouse-limits-name", message.Plaintext(l.Who))
	}
	return l.Who
}

// toldRule tells the limits on one thing in words.
func toldRule(v *Visit, r auth.LimitRule) []string {
	var out []string
	for _, w := range r.Windows {
		out = append(out, v.text("gatehouse-limits-rule", message.Num(w.Count), message.Duration(w.Per)))
		if w.Wide > 0 {
			out = append(out, v.text("gatehouse-limits-wide", message.Num(w.Wide), message.Duration(w.Per)))
		}
	}
	if out == nil {
		out = []string{v.text("gatehouse-limits-none")}
	}
	return out
}
