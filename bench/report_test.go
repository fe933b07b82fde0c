package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, row := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3}, {[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 2, 3}, 2.5},
	} {
		if got := median(row.values); got != row.want {
			t.Errorf("%v: %v", row.values, got)
		}
	}
}

func TestVerdicts(t *testing.T) {
	for _, row := range []struct {
		v    verdict
		want string
	}{
		{verdict{What: "rate", Engine: sqlite, Unit: "/s", Value: 3000, Floor: 2500, Goal: 5000},
			"| P9 rate | sqlite | 3000 /s | ≥ 2500: yes | ≥ 5000: no |\n"},
		{verdict{What: "rate", Engine: sqlite, Unit: "×", Value: 0.84, Floor: 0.85, Goal: 0.9},
			"| P9 rate | sqlite | 0.840 × | ≥ 0.850: no | ≥ 0.900: no |\n"},
		{verdict{What: "memory", Engine: postgres, Unit: "MB", Value: 40, Floor: 40, Goal: 39, AtMost: true},
			"| P9 memory | postgres | 40 MB | ≤ 40: yes | ≤ 39: no |\n"},
	} {
		var w strings.Builder
		row.v.write(&w, "P9")
		if w.String() != row.want {
			t.Errorf("%s, want %s", w.String(), row.want)
		}
	}
}

func TestMarkdownShowsEveryRow(t *testing.T) {
	r := report{Repeats: 3, Figures: []figureReport{{
		ID: "P9", Title: "something", Settings: []string{"a=1", "b=2"}, Notes: []string{"a note"},
		Rows: []row{
			{Engine: sqlite, What: "accounts", Unit: "accounts/s", Values: []float64{90, 110, 100.4}, Clients: 8,
				Latency: &latency{P50: 1.234, P90: 2, P99: 30.12, P999: 400.4}, Uses: []usage{{1, 0.5, 0.2}, {2, 0.5, 0.2}, {1.5, 0.5, 0.2}}},
			{Engine: sqlite, What: "paced", Unit: "accounts/s", Values: []float64{70}, Offered: 70.7, Refused: 2, Broken: 1, Why: "no"},
		},
	}}}
	got := r.markdown()
	for _, want := range []string{
		"## P9: something\n", "`a=1` `b=2`", "- a note\n",
		"| sqlite | accounts | 8 |  | 100 accounts/s | 90 – 110 | 1.23 | 2 | 30.1 | 400 | 1.50 | 0.200 | 0.500 | 14980 + 1997 |\n",
		"| sqlite | paced |  | 70.7 | 70 accounts/s |",
		"sqlite, paced: 2 refused, 1 broken connections; the first: `no`",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestChoices(t *testing.T) {
	for _, row := range []struct {
		list string
		want int
	}{
		{"P1", 1}, {"p2, P3", 2}, {"P4", 1}, {"P7", 0}, {"", 0},
	} {
		got, err := chooseFigures(row.list)
		if len(got) != row.want || (err == nil) != (row.want > 0) {
			t.Errorf("%q: %d figures, %v", row.list, len(got), err)
		}
	}
	if got, err := chooseEngines("sqlite,postgres", ""); err != nil || len(got) != 1 {
		t.Errorf("without PostgreSQL: %v, %v", got, err)
	}
	if _, err := chooseEngines("postgres", ""); err == nil {
		t.Error("nothing to measure on was taken")
	}
	if _, err := chooseEngines("mysql", ""); err == nil {
		t.Error("an unknown engine was taken")
	}
}

func TestWriteIntoKeepsTheRestOfThePage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	page := "before\n" + figuresBegin + "old\n" + figuresEnd + "\nafter\n"
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	r := report{Figures: []figureReport{{ID: "P9", Verdicts: []verdict{{What: "rate", Engine: sqlite, Value: 3}}}}}
	for range 2 {
		if err := r.writeInto(file); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if want := "before\n" + figuresBegin + r.summary() + figuresEnd + "\nafter\n"; err != nil || string(got) != want {
			t.Fatalf("%v, %s", err, got)
		}
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r.writeInto(file) == nil {
		t.Error("a page without marks was taken")
	}
}
