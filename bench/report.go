package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// report is the record of one run.
type report struct {
	Started  time.Time      `json:"started"`
	Finished time.Time      `json:"finished"`
	Command  string         `json:"command"`
	Commit   string         `json:"commit"` // a + behind it: with changes that are not committed
	Go       string         `json:"go"`
	Machine  machine        `json:"machine"`
	Duration float64        `json:"seconds_per_measurement"`
	Repeats  int            `json:"repeats"`
	Figures  []figureReport `json:"figures"`
}

// figureReport is one figure with all that was measured for it.
type figureReport struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Settings []string  `json:"settings"` // what the server was told with --set
	Notes    []string  `json:"notes"`
	Rows     []row     `json:"rows"`
	Verdicts []verdict `json:"verdicts"`
}

// row is one measurement with its repetitions.
type row struct {
	Engine engine    `json:"engine"`
	What   string    `json:"what"`
	Unit   string    `json:"unit,omitempty"`
	Values []float64 `json:"values"` // one a repetition
	// Offered is the rate of arrivals in a second of an open loop; 0 = closed loop.
	Offered float64  `json:"offered,omitempty"`
	Clients int      `json:"clients,omitempty"`
	Latency *latency `json:"latency,omitempty"` // over all repetitions
	Uses    []usage  `json:"processors,omitempty"`
	Refused int64    `json:"refused,omitempty"`
	Broken  int64    `json:"broken,omitempty"`
	Why     string   `json:"first_failure,omitempty"`
}

// verdict holds a measurement against what it must reach.
type verdict struct {
	Engine engine  `json:"engine"`
	What   string  `json:"what"`
	Unit   string  `json:"unit,omitempty"`
	Value  float64 `json:"value"`
	// Floor is what a release must reach, Goal what we are after.
	Floor float64 `json:"floor"`
	Goal  float64 `json:"goal"`
	// AtMost turns it round: the value must not be above.
	AtMost bool `json:"at_most,omitempty"`
}

// reaches reports whether the value is as good as limit.
func (v verdict) reaches(limit float64) bool {
	if v.AtMost {
		return v.Value <= limit
	}
	return v.Value >= limit
}

func (b *bench) newReport(ctx context.Context) (*report, error) {
	m, err := describeMachine(b.dir)
	if err != nil {
		return nil, err
	}
	c, err := commit(ctx)
	if err != nil {
		return nil, err
	}
	return &report{
		Started: time.Now().UTC(), Command: strings.Join(append([]string{"go run ./bench"}, os.Args[1:]...), " "), Commit: c,
		Go: runtime.Version(), Machine: m, Duration: b.duration.Seconds(), Repeats: b.repeats,
	}, nil
}

// write keeps the record as path.json and path.md.
func (r *report) write(path string) error {
	encoded, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return fmt.Errorf("encode the record: %w", err)
	}
	if err := os.WriteFile(path+".json", append(encoded, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	if err := os.WriteFile(path+".md", []byte(r.markdown()), 0o644); err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	return nil
}

// The marks in a page between which its figures stand.
const (
	figuresBegin = "<!-- figures: written by make bench -->\n"
	figuresEnd   = "<!-- /figures -->"
)

// writeInto puts the summary between the marks of a page.
func (r *report) writeInto(file string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the page for the figures: %w", err)
	}
	before, rest, ok := strings.Cut(string(page), figuresBegin)
	_, after, ok2 := strings.Cut(rest, figuresEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s does not have the marks for the figures", file)
	}
	if err := os.WriteFile(file, []byte(before+figuresBegin+r.summary()+figuresEnd+after), 0o644); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}
