package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlots(t *testing.T) {
	r := report{Repeats: 3, Figures: []figureReport{
		{ID: "P2", Title: "a < b", Rows: []row{
			{Engine: sqlite, What: "accounts & more", Unit: "accounts/s", Values: []float64{90, 110, 100}, Clients: 64},
			{Engine: sqlite, What: "bare engine", Unit: "accounts/s", Values: []float64{200}},
			{Engine: sqlite, What: "paced", Unit: "accounts/s", Values: []float64{70}, Offered: 70},
			{Engine: sqlite, What: "share", Unit: "×", Values: []float64{0.5}},
		}},
		{ID: "P9", Rows: []row{{What: "share", Unit: "×", Values: []float64{0.5}}}},
	}}
	dir := filepath.Join(t.TempDir(), "plots")
	if err := r.plots(dir); err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(filepath.Join(dir, "p2.svg"))
	if err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(string(picture)))
	for err == nil {
		_, err = d.Token()
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("it is no XML: %v", err)
	}
	for what, want := range map[string]int{"<rect class=\"sqlite\"": 1, "<rect class=\"bare\"": 1, "accounts &amp; more, 64 clients": 1, "paced": 0, "share": 0} {
		if got := strings.Count(string(picture), what); got != want {
			t.Errorf("%s: %d times, want %d", what, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "p9.svg")); err == nil {
		t.Error("a figure without bars has a plot")
	}
}
