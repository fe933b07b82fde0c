package gatehouse

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gatehouse/auth"
)

// TestDashboard: each metric and each label that docs/grafana/gatehouse.json asks for is in /metrics of a server that was
// used, and so is each step.
func TestDashboard(t *testing.T) {
	body, err := os.ReadFile("docs/grafana/gatehouse.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct{ List []struct{ Query any } }
	}
	if err := json.Unmarshal(body, &dashboard); err != nil {
		t.Fatal(err)
	}
	told := metricsOfAUsedServer(t)
	names, asked := regexp.MustCompile(`gatehouse_[a-z_]+`), 0
	labels := regexp.MustCompile(`(gatehouse_[a-z_]+)\{([^}]*)\}|by \(([a-z, ]+)\) \([^(]*\(?(gatehouse_[a-z_]+)`)
	for _, p := range dashboard.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			for _, name := range names.FindAllString(target.Expr, -1) {
				asked++
				if !strings.Contains(told, "\n"+name+"{") && !strings.Contains(told, "\n"+name+" ") {
					t.Errorf("%s asks for %s, which /metrics does not have", p.Title, name)
				}
			}
			for _, m := range regexp.MustCompile(`step="([a-z]+)"`).FindAllStringSubmatch(target.Expr, -1) {
				if !slices.Contains(auth.FunnelSteps(), auth.FunnelStep(m[1])) {
					t.Errorf("%s asks for the step %s", p.Title, m[1])
				}
			}
			for _, m := range labels.FindAllStringSubmatch(target.Expr, -1) {
				checkLabels(t, told, p.Title, m)
			}
		}
	}
	if asked < 10 {
		t.Errorf("%d metrics are asked for: does the test still find them?", asked)
	}
	for _, v := range dashboard.Templating.List[1:] {
		name := names.FindString(strings.ReplaceAll(strings.TrimSpace(jsonText(t, v.Query)), `\`, ""))
		if !strings.Contains(told, "\n"+name+"{") {
			t.Errorf("a choice asks for %s", name)
		}
	}
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkLabels wants every label of a query on some line of its metric. m has a metric with its selector, or labels to sum by
// and their metric.
func checkLabels(t *testing.T, told, title string, m []string) {
	t.Helper()
	metric, list := m[1], regexp.MustCompile(`[a-z_]+(?:=~?)`).FindAllString(m[2], -1)
	if m[3] != "" {
		metric, list = m[4], strings.Split(m[3], ", ")
	}
	line := regexp.MustCompile(`(?m)^` + metric + `\{([^}]*)\}`).FindStringSubmatch(told)
	for _, label := range list {
		label = strings.TrimRight(label, "=~")
		if label == "instance" { // Prometheus adds it
			continue
		}
		if line == nil || !strings.Contains(","+line[1], ","+label+"=") {
			t.Errorf("%s asks %s for the label %s", title, metric, label)
		}
	}
}

// metricsOfAUsedServer are those of a server on which an account was made, one was refused, and mail waits.
func metricsOfAUsedServer(t *testing.T) string {
	t.Helper()
	s := newServer(t, asking(t, "image"))
	c := newClient(t, s.Handler())
	id, _ := c.asked("create")
	if got := c.createAnswering("Ann", id, "0"); got == "PASS" {
		t.Fatal(got)
	}
	id, _ = c.asked("create")
	if got := c.createAnswering("Ann", id, s.word(t, id)); got != "PASS" {
		t.Fatal(got)
	}
	s.metrics.mailTried("sent")
	w := httptest.NewRecorder()
	s.adminHandler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}
