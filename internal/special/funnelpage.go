package special

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/internal/message"
)

// Figures is where the sums of the funnel are read.
type Figures interface {
	// Sums gives the sums of the hours since from.
	Sums(ctx context.Context, from time.Time) ([]auth.FunnelSum, error)
}

// funnelPage is Special:Funnel: how many people reach each step of making an account.
type funnelPage struct{ cfg Config }

// The kinds of client and the languages that are told apart, in the order in which they are shown.
var (
	funnelClients   = []string{"page", "api", "sandbox", "account"}
	funnelLanguages = []string{"ar", "de", "en", "es", "fr", "hi", "hu", "ja", "nan", "ru", "zh-hant", "other"}
	funnelPeriods   = []struct {
		word   string
		length time.Duration
	}{{"1d", 24 * time.Hour}, {"7d", 7 * 24 * time.Hour}, {"30d", 30 * 24 * time.Hour}}
)

type funnelData struct {
	Action                      string
	Periods, Languages, Clients []option
	Keep                        []pair
	Steps                       []funnelRow
	Refusals                    []funnelRow
	// ByLanguage and ByClient tell of each how many saw the form, sent it in, and finished.
	ByLanguage, ByClient []funnelLine
	Chart                chart
}

type funnelRow struct {
	Step  message.Key
	Code  string
	Count int64
	// Share is of those who saw the form, in percent; empty without any.
	Share string
}

type funnelLine struct {
	Name                   string
	Shown, Submitted, Done int64
}

// chart is a drawing of bars, in units of its own.
type chart struct {
	Width, Height int
	Bars          []bar
}

type bar struct {
	X, Y, Width, Height int
	Title               string
}

// nameOfStep is what people know a step as.
func nameOfStep(s auth.FunnelStep) message.Key {
	switch s {
	case auth.FunnelClosed:
		return "gatehouse-funnel-closed"
	case auth.FunnelShown:
		return "gatehouse-funnel-shown"
	case auth.FunnelSubmitted:
		return "gatehouse-funnel-submitted"
	case auth.FunnelRefused:
		return "gatehouse-funnel-refused"
	case auth.FunnelCaptcha:
		return "gatehouse-funnel-captcha"
	case auth.FunnelAway:
		return "gatehouse-funnel-out"
	case auth.FunnelReturn:
		return "gatehouse-funnel-back"
	case auth.FunnelMade:
		return "gatehouse-funnel-made"
	case auth.FunnelOffer:
		return "gatehouse-funnel-offered"
	case auth.FunnelFactor:
		return "gatehouse-funnel-set"
	case auth.FunnelSkipped:
		return "gatehouse-funnel-skipped"
	}
	return "gatehouse-funnel-done"
}

func nameOfClient(client string) message.Key {
	switch client {
	case "page":
		return "gatehouse-funnel-client-page"
	case "api":
		return "gatehouse-funnel-client-api"
	case "sandbox":
		return "gatehouse-funnel-client-sandbox"
	}
	return "gatehouse-funnel-client-account"
}

// languageName is what a language calls itself.
func (p funnelPage) languageName(v *Visit, code string) string {
	if l, ok := p.cfg.Catalogue.Language(code); ok && l.Code() == code {
		return l.Name()
	}
	if code == "other" {
		return v.text("gatehouse-funnel-other")
	}
	return code
}

// Serve shows the figures of a period, of one language and one kind of client or of all.
func (p funnelPage) Serve(ctx context.Context, v *Visit) (Answer, error) {
	d := funnelData{Action: v.site.articleURL(titleFunnel), Keep: keep(v, "uselang")}
	var period, language, client string
	period, d.Periods = choose(periodOptions(v), v.Query.Get("period"))
	language, d.Languages = choose(p.languageOptions(v), v.Query.Get("language"))
	client, d.Clients = choose(clientOptions(v), v.Query.Get("client"))
	sums, err := p.cfg.Figures.Sums(ctx, since(p.cfg.Clock(), period))
	if err != nil {
		return Answer{}, fmt.Errorf("read the funnel: %w", err)
	}
	steps, codes := map[auth.FunnelStep]int64{}, map[string]int64{}
	lines := map[string]*funnelLine{}
	for _, s := range sums {
		if (language == "" || s.Language == language) && (client == "" || s.Client == client) {
			steps[s.Step] += s.Count
			if s.Step == auth.FunnelRefused {
				codes[s.Code] += s.Count
			}
		}
		if client == "" || s.Client == client {
			addLine(lines, "language "+s.Language, s)
		}
		if language == "" || s.Language == language {
			addLine(lines, "client "+s.Client, s)
		}
	}
	d.Steps, d.Refusals = stepRows(v, steps), refusalRows(codes)
	d.Chart = drawSteps(v, d.Steps)
	for _, code := range funnelLanguages {
		if l := lines["language "+code]; l != nil {
			l.Name = p.languageName(v, code)
			d.ByLanguage = append(d.ByLanguage, *l)
		}
	}
	for _, kind := range funnelClients {
		if l := lines["client "+kind]; l != nil {
			l.Name = v.text(nameOfClient(kind))
			d.ByClient = append(d.ByClient, *l)
		}
	}
	return Answer{Template: "funnel", Title: message.New("gatehouse-funnel-title"), Data: d}, nil
}

// since is the beginning of the hour in which the period began.
func since(now time.Time, period string) time.Time {
	for _, p := range funnelPeriods {
		if p.word == period {
			return now.Add(-p.length).Truncate(time.Hour)
		}
	}
	return now.Add(-24 * time.Hour).Truncate(time.Hour)
}

func addLine(lines map[string]*funnelLine, name string, s auth.FunnelSum) {
	l := lines[name]
	if l == nil {
		l = &funnelLine{}
		lines[name] = l
	}
	switch s.Step {
	case auth.FunnelShown:
		l.Shown += s.Count
	case auth.FunnelSubmitted:
		l.Submitted += s.Count
	case auth.FunnelDone:
		l.Done += s.Count
	}
}

func periodOptions(v *Visit) []option {
	var out []option
	for _, p := range funnelPeriods {
		out = append(out, option{Value: p.word, Label: v.Language.Duration(int64(p.length / time.Second))})
	}
	return out
}

func (p funnelPage) languageOptions(v *Visit) []option {
	out := []option{{Label: v.text("gatehouse-funnel-all")}}
	for _, code := range funnelLanguages {
		out = append(out, option{Value: code, Label: p.languageName(v, code)})
	}
	return out
}

func clientOptions(v *Visit) []option {
	out := []option{{Label: v.text("gatehouse-funnel-all")}}
	for _, kind := range funnelClients {
		out = append(out, option{Value: kind, Label: v.text(nameOfClient(kind))})
	}
	return out
}

// stepRows are the steps in order, those that nobody reached too, with their share of those who saw the form.
func stepRows(v *Visit, counts map[auth.FunnelStep]int64) []funnelRow {
	shown := counts[auth.FunnelShown]
	var out []funnelRow
	for _, step := range auth.FunnelSteps() {
		r := funnelRow{Step: nameOfStep(step), Count: counts[step]}
		if shown > 0 && step != auth.FunnelClosed && step != auth.FunnelRefused {
			r.Share = v.Language.Number((r.Count*100+shown/2)/shown) + " %"
		}
		out = append(out, r)
	}
	return out
}

// refusalRows are the codes, the most frequent first.
func refusalRows(counts map[string]int64) []funnelRow {
	var out []funnelRow
	for code, n := range counts {
		out = append(out, funnelRow{Code: code, Count: n})
	}
	slices.SortFunc(out, func(a, b funnelRow) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code)) })
	return out
}

// The size of a drawing, and of the gap between its bars.
const (
	chartHeight = 120
	barWidth    = 40
	barGap      = 8
)

// drawSteps draws a bar for each step, the highest as high as the drawing.
func drawSteps(v *Visit, rows []funnelRow) chart {
	most := int64(1)
	for _, r := range rows {
		most = max(most, r.Count)
	}
	c := chart{Width: len(rows)*(barWidth+barGap) - barGap, Height: chartHeight}
	for i, r := range rows {
		h := int(r.Count * chartHeight / most)
		if r.Count > 0 {
			h = max(h, 2)
		}
		c.Bars = append(c.Bars, bar{
			X: i * (barWidth + barGap), Y: chartHeight - h, Width: barWidth, Height: h, Title: v.text(r.Step) + ": " + v.Language.Number(r.Count),
		})
	}
	return c
}
