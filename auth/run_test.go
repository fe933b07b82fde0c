package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// TestAttemptsAreOneLineEach posts names that would break a log, or fill it.
func TestAttemptsAreOneLineEach(t *testing.T) {
	var log bytes.Buffer
	m := newTestManager(t, newFakeStore(), func(c *Config) {
		c.Primary = []PrimaryProvider{&scripted{id: "p"}}
		c.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	for typed, want := range map[string]string{
		"Norm":                             "Norm",
		"norm\n{\"status\":\"PASS\"}":      "norm\n{\"status\":\"PASS\"}",
		"N" + strings.Repeat("n", 254):     "N" + strings.Repeat("n", 254),
		"N" + strings.Repeat("n", 255):     "N" + strings.Repeat("n", 254) + "…",
		"Nn" + strings.Repeat("é", 500000): "Nn" + strings.Repeat("é", 126) + "…",
	} {
		log.Reset()
		if _, err := m.BeginLogin(t.Context(), visitor("v"), named(typed)); err != nil {
			t.Fatal(err)
		}
		var line struct{ Msg, Status, Reason, Name, Addr string }
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			t.Fatalf("%.20q: %v in %.200q", typed, err, log.String())
		}
		if line.Name != want || line.Msg != "login" || line.Status != "FAIL" || line.Addr != "192.0.2.1" {
			t.Errorf("%.20q is logged as %+v", typed, line)
		}
	}
}

func TestFaultsAreReportedToo(t *testing.T) {
	var seen []Outcome
	s, broken := newFakeStore(), &scripted{id: "p"}
	m := newTestManager(t, s, func(c *Config) {
		c.Primary = []PrimaryProvider{broken}
		c.Observe = func(o Outcome) { seen = append(seen, o) }
	})
	for _, tt := range []struct {
		err  error
		want Outcome
	}{
		{errBroken, Outcome{Flow: "create", Phase: "primary", Status: "FAULT"}},
		{&OverloadError{}, Outcome{Flow: "create", Phase: "primary", Status: Fail, Reason: "actionthrottledtext"}},
	} {
		seen, broken.begin = nil, func(*Creation) (Response, error) { return Response{}, tt.err }
		if _, err := m.BeginCreation(t.Context(), visitor("v"), named("Zane")); !errors.Is(err, tt.err) {
			t.Errorf("got %v", err)
		}
		if len(seen) != 1 || seen[0] != tt.want {
			t.Errorf("reported %+v, want %+v", seen, tt.want)
		}
	}
}
