package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// markdown is the record as people read it.
func (r *report) markdown() string {
	var w strings.Builder
	fmt.Fprintf(&w, "# Record of a measurement\n\nWritten by `%s`; what the figures mean and what holds them back is in docs/performance.md.\n\n", r.Command)
	r.writeCircumstances(&w)
	w.WriteString("\n")
	r.writeVerdicts(&w)
	for _, f := range r.Figures {
		f.write(&w)
	}
	return w.String()
}

// summary is what a page about the figures shows of them.
func (r *report) summary() string {
	var w strings.Builder
	fmt.Fprintf(&w, "Commit %s, %s, %s, %d cores, %s; load average at the start %s.\n\n", r.Commit, r.Started.Format("2006-01-02"),
		r.Machine.CPU, r.Machine.Cores, r.Go, r.Machine.LoadAvg)
	r.writeVerdicts(&w)
	return w.String()
}

func (r *report) writeVerdicts(w *strings.Builder) {
	w.WriteString("| figure | engine | measured | must reach | goal |\n|---|---|---|---|---|\n")
	for _, f := range r.Figures {
		for _, v := range f.Verdicts {
			v.write(w, f.ID)
		}
	}
}

func (r *report) writeCircumstances(w *strings.Builder) {
	m := r.Machine
	line := func(what, value string) { fmt.Fprintf(w, "| %s | %s |\n", what, value) }
	w.WriteString("| | |\n|---|---|\n")
	line("date", r.Started.Format("2006-01-02 15:04")+" to "+r.Finished.Format("15:04")+" UTC")
	line("commit", r.Commit)
	line("Go", r.Go)
	line("machine", fmt.Sprintf("%s, %d cores, %.0f GB, %s", m.CPU, m.Cores, float64(m.Memory)/1e9, m.Kernel))
	line("disk", fmt.Sprintf("%s, %s fsyncs/s of 4 KiB, one after the other", m.Disk, number(m.Fsyncs)))
	line("load average at the start", m.LoadAvg)
	line("measurements", fmt.Sprintf("%d of %s each after a warm-up; median, and the least and greatest", r.Repeats,
		time.Duration(r.Duration*float64(time.Second))))
	w.WriteString("\nGenerator, server and database share the cores: what the generator spends is missing from the server. " +
		"\"server\", \"database\" and \"generator\" are the processors each kept busy on average, \"µs each\" the processor time for one of the " +
		"server and the database (SQLite is in the server). " +
		"Without an offered rate the loop is closed: every client sends as soon as it is answered. " +
		"With one it is open: visitors come at that rate, and their latency runs from the moment they were to come. " +
		"Latencies are in milliseconds; an account takes two requests.\n")
}

func (v verdict) write(w *strings.Builder, id string) {
	sign := "≥"
	if v.AtMost {
		sign = "≤"
	}
	reached := func(limit float64) string {
		mark := "no"
		if v.reaches(limit) {
			mark = "yes"
		}
		return fmt.Sprintf("%s %s: %s", sign, number(limit), mark)
	}
	fmt.Fprintf(w, "| %s %s | %s | %s %s | %s | %s |\n", id, v.What, v.Engine, number(v.Value), v.Unit, reached(v.Floor), reached(v.Goal))
}

func (f figureReport) write(w *strings.Builder) {
	fmt.Fprintf(w, "\n## %s: %s\n\nServer settings: `%s`.\n\n", f.ID, f.Title, strings.Join(f.Settings, "` `"))
	for _, n := range f.Notes {
		fmt.Fprintf(w, "- %s\n", n)
	}
	w.WriteString("\n| engine | what | clients | offered | median | spread | p50 | p90 | p99 | p99.9 | server | database | generator | µs each |\n" +
		"|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range f.Rows {
		r.write(w)
	}
	for _, r := range f.Rows {
		if r.Refused+r.Broken > 0 {
			fmt.Fprintf(w, "\n%s, %s: %d refused, %d broken connections; the first: `%s`\n", r.Engine, r.What, r.Refused, r.Broken, r.Why)
		}
	}
}

func (r row) write(w *strings.Builder) {
	cells := []string{string(r.Engine), r.What, blankIfZero(float64(r.Clients)), blankIfZero(r.Offered),
		strings.TrimSpace(number(median(r.Values)) + " " + r.Unit), "", "", "", "", "", "", "", "", ""}
	if len(r.Values) > 1 {
		cells[5] = number(slices.Min(r.Values)) + " – " + number(slices.Max(r.Values))
	}
	if l := r.Latency; l != nil {
		for i, ms := range []float64{l.P50, l.P90, l.P99, l.P999} {
			cells[6+i] = number(ms)
		}
	}
	if len(r.Uses) > 0 {
		var servers, databases, generators []float64
		for _, u := range r.Uses {
			servers, databases, generators = append(servers, u.Server), append(databases, u.Database), append(generators, u.Generator)
		}
		server, database, each := mean(servers), mean(databases), 1e6/mean(r.Values)
		cells[10], cells[11], cells[12] = number(server), blankIfZero(database), number(mean(generators))
		cells[13] = number(server * each)
		if database > 0 {
			cells[13] += " + " + number(database*each)
		}
	}
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

func blankIfZero(x float64) string {
	if x == 0 {
		return ""
	}
	return number(x)
}

// number writes x with as many digits as mean something.
func number(x float64) string {
	switch {
	case x >= 100 || x == float64(int64(x)):
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case x >= 1:
		return strconv.FormatFloat(x, 'f', 2, 64)
	default: // shares: enough to see on which side of a limit
		return strconv.FormatFloat(x, 'f', 3, 64)
	}
}
