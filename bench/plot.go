package main

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// plots writes one picture for each figure into dir: p1.svg and so on.
func (r *report) plots(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of plots: %w", err)
	}
	for _, f := range r.Figures {
		caption := fmt.Sprintf("Commit %s, %s, %s, %d cores. Bars are medians of %d, lines from the least to the greatest.",
			r.Commit, r.Started.Format("2006-01-02"), r.Machine.CPU, r.Machine.Cores, r.Repeats)
		picture := f.plot(caption)
		if picture == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, strings.ToLower(f.ID)+".svg"), []byte(picture), 0o644); err != nil {
			return fmt.Errorf("write a plot: %w", err)
		}
	}
	return nil
}

// The measures of a plot, in pixels.
const (
	plotWidth  = 760
	labelWidth = 370
	barRoom    = 260
	barHeight  = 16
	lineHeight = 22
	plotTop    = 44
)

// plotted tells whether a row has a bar: what was measured as fast as it goes, or memory; no shares, no counts.
func (r row) plotted() bool {
	return r.Offered == 0 && len(r.Values) > 0 && (strings.HasSuffix(r.Unit, "/s") || r.Unit == "MB" || r.Unit == "ms")
}

// plot draws the figure's rows as bars, each unit to its own scale. It is empty without any.
func (f figureReport) plot(caption string) string {
	most := map[string]float64{}
	lines := 0
	for _, r := range f.Rows {
		if r.plotted() {
			lines++
			most[scale(r.Unit)] = max(most[scale(r.Unit)], slices.Max(r.Values))
		}
	}
	if lines == 0 {
		return ""
	}
	height := plotTop + lines*lineHeight + 26
	var w strings.Builder
	fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="sans-serif" font-size="12">
<style>text{fill:#202122}.sqlite{fill:#36c}.postgres{fill:#14866d}.bare{fill:#a2a9b1}line{stroke:#202122}.paper{fill:#fff}</style>
<title>%s: %s</title>
<rect class="paper" width="100%%" height="100%%"/>
<text x="8" y="24" font-size="15" font-weight="bold">%s: %s</text>
`, plotWidth, height, f.ID, html.EscapeString(f.Title), f.ID, html.EscapeString(f.Title))
	y := plotTop
	for _, r := range f.Rows {
		if r.plotted() {
			r.bar(&w, y, most[scale(r.Unit)])
			y += lineHeight
		}
	}
	fmt.Fprintf(&w, "<text x=\"8\" y=\"%d\" font-size=\"10\">%s</text>\n</svg>\n", y+16, html.EscapeString(caption))
	return w.String()
}

// scale is what rates of any thing share.
func scale(unit string) string {
	if strings.HasSuffix(unit, "/s") {
		return "/s"
	}
	return unit
}

func (r row) bar(w *strings.Builder, y int, most float64) {
	label, class := string(r.Engine)+": "+r.What, string(r.Engine)
	if r.Clients > 0 {
		label += fmt.Sprintf(", %d clients", r.Clients)
	}
	if strings.HasPrefix(r.What, "bare") {
		class = "bare"
	}
	x := func(v float64) float64 { return labelWidth + barRoom*v/max(most, 1e-9) }
	fmt.Fprintf(w, `<text x="%d" y="%d" text-anchor="end">%s</text><rect class="%s" x="%d" y="%d" width="%.1f" height="%d"/>`,
		labelWidth-8, y+12, html.EscapeString(label), class, labelWidth, y, x(median(r.Values))-labelWidth, barHeight)
	if len(r.Values) > 1 {
		fmt.Fprintf(w, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`,
			x(slices.Min(r.Values)), y+barHeight/2, x(slices.Max(r.Values)), y+barHeight/2)
	}
	fmt.Fprintf(w, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", x(slices.Max(r.Values))+6, y+12,
		html.EscapeString(number(median(r.Values))+" "+r.Unit))
}
