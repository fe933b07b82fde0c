package auth

import (
	"bytes"
	"encoding/json"
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
