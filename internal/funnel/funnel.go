// Package funnel counts how far people come when they make an account: how often each step was reached, and by which code
// submissions were refused, by language and kind of client and by nothing else.
//
// Counting is one atomic addition, because the first step is a page that anybody may read. A Ledger moves what was counted
// to a store, in the background and in sums by the hour, so that a day's figures outlive a restart and several servers add
// up. What was only looked at makes nobody write: it is written with the next form that is sent in.
//
// The edges and the Manager say what happened; what the figures look like is the pages' and the metrics' business.
package funnel

import (
	"slices"
	"strings"
	"sync/atomic"

	"gatehouse/auth"
	"gatehouse/internal/message"
	"gatehouse/internal/wire"
)

// clients are the kinds of client, languages those that are told apart. Everything else is of the last language.
var (
	clients   = [...]string{"page", "api", "sandbox", "account"}
	languages = [...]string{"ar", "de", "en", "es", "fr", "hi", "hu", "ja", "nan", "ru", "zh-hant", otherLanguage}
	steps     = auth.FunnelSteps()
)

// Refusals that have no code on the wire.
const (
	codeFault = "fault"
	codeOther = "other"
	// CodeEmpty: fields of a form were left empty. CodeForeign: the form came from another site's page.
	CodeEmpty   = "emptyfield"
	CodeForeign = "crossorigin"
)

const otherLanguage = "other"

// Clients lists the kinds of client, Languages the languages that are told apart, "other" last.
func Clients() []string   { return slices.Clone(clients[:]) }
func Languages() []string { return slices.Clone(languages[:]) }

// place is what of an audience is counted.
type place struct{ client, language int }

func placeOf(a auth.Audience) place {
	p := place{language: languageOf(a.Language)}
	switch {
	case a.SignedIn:
		p.client = 3
	case a.Via == auth.ViaSandbox:
		p.client = 2
	case a.Via == auth.ViaAPI:
		p.client = 1
	}
	return p
}

// languageOf finds a language or, for a regional form, the language it is a form of.
func languageOf(code string) int {
	for i, l := range languages {
		if l == code {
			return i
		}
	}
	if base, _, regional := strings.Cut(code, "-"); regional {
		return languageOf(base)
	}
	return len(languages) - 1
}

// Counters count in memory, from their making on. They are safe for concurrent use, and counting makes no garbage.
type Counters struct {
	codes  []string
	number map[string]int // of a code
	// cells are the steps of a place and then its codes.
	cells [len(clients)][len(languages)][]atomic.Int64
}

// NewCounters gives counters at zero.
func NewCounters() *Counters {
	c := &Counters{codes: codes(), number: map[string]int{}}
	for i, code := range c.codes {
		c.number[code] = i
	}
	for i := range c.cells {
		for j := range c.cells[i] {
			c.cells[i][j] = make([]atomic.Int64, len(steps)+len(c.codes))
		}
	}
	return c
}

// codes are those of the table, and ours; the last is for what is in neither.
func codes() []string {
	out := []string{codeFault, CodeEmpty, CodeForeign}
	for _, row := range wire.Table() {
		out = append(out, row.Code)
	}
	slices.Sort(out)
	return append(slices.Compact(out), codeOther)
}

func (c *Counters) add(p place, s auth.FunnelStep) {
	for i, step := range steps {
		if step == s {
			c.cells[p.client][p.language][i].Add(1)
		}
	}
}

// Shown counts a form that was shown, or the fields of it that were asked for.
func (c *Counters) Shown(a auth.Audience) { c.add(placeOf(a), auth.FunnelShown) }

// Closed counts somebody who was not shown a form.
func (c *Counters) Closed(a auth.Audience) { c.add(placeOf(a), auth.FunnelClosed) }

// TurnedAway counts a submission that was refused before the Manager saw it; begins says that it was the first of its flow.
func (c *Counters) TurnedAway(a auth.Audience, code string, begins bool) {
	p := placeOf(a)
	if begins {
		c.add(p, auth.FunnelSubmitted)
	}
	c.refuse(p, code)
}

func (c *Counters) refuse(p place, code string) {
	i, ok := c.number[code]
	if !ok {
		i = len(c.codes) - 1
	}
	c.cells[p.client][p.language][len(steps)+i].Add(1)
}

// milestones are the steps that a submission may reach.
var milestones = [...]struct {
	reached auth.Milestones
	step    auth.FunnelStep
}{
	{auth.ReachedCaptcha, auth.FunnelCaptcha}, {auth.ReachedAway, auth.FunnelAway}, {auth.ReachedReturn, auth.FunnelReturn},
	{auth.ReachedAccount, auth.FunnelMade}, {auth.ReachedOffer, auth.FunnelOffer}, {auth.ReachedFactor, auth.FunnelFactor},
	{auth.ReachedSkipping, auth.FunnelSkipped},
}

// Outcome counts how a submission ended that the Manager has seen. Only creations are counted.
func (c *Counters) Outcome(o auth.Outcome) {
	if o.Flow != "create" {
		return
	}
	p := placeOf(o.From)
	if o.Begins {
		c.add(p, auth.FunnelSubmitted)
	}
	for _, m := range milestones {
		if o.Reached.Has(m.reached) {
			c.add(p, m.step)
		}
	}
	switch o.Status {
	case auth.Pass:
		c.add(p, auth.FunnelDone)
	case auth.UI, auth.Redirect:
	case auth.Fail:
		c.refuse(p, wire.Code(message.New(o.Reason)))
	default:
		c.refuse(p, codeFault)
	}
}

// Each calls f for every cell that is not zero.
func (c *Counters) Each(f func(cell auth.FunnelCell, count int64)) {
	c.visit(func(at index, cell auth.FunnelCell) {
		if n := c.cells[at.client][at.language][at.cell].Load(); n != 0 {
			f(cell, n)
		}
	})
}

// index is where a cell stands.
type index struct{ client, language, cell int }

func (c *Counters) visit(f func(index, auth.FunnelCell)) {
	for i, client := range clients {
		for j, language := range languages {
			for k := range c.cells[i][j] {
				cell := auth.FunnelCell{Client: client, Language: language, Step: auth.FunnelRefused}
				if k < len(steps) {
					cell.Step = steps[k]
				} else {
					cell.Code = c.codes[k-len(steps)]
				}
				f(index{i, j, k}, cell)
			}
		}
	}
}
