package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"gatehouse/internal/message"
)

// TestAttemptsAreOneLineEach (row 49 of the security checklist): the line of an attempt names accounts that there are, in their
// one form, and nothing else of what was typed for a name: that may be a password, or break a log, or fill it.
func TestAttemptsAreOneLineEach(t *testing.T) {
	var log bytes.Buffer
	s := newFakeStore()
	s.accounts["Norm"] = Account{ID: 1, Name: "Norm"}
	m := newTestManager(t, s, func(c *Config) {
		c.Primary = []PrimaryProvider{&scripted{id: "p", begin: always(Passed()), login: func(l *Login) (Response, error) {
			if a, err := s.AccountByName(t.Context(), Name(l.Answers.username())); err == nil {
				l.Claimed = a.Name
			}
			return Failed(message.New("wrongpassword")), nil
		}}}
		c.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	for _, tt := range []struct{ flow, typed, name, status string }{
		{"login", "Norm", "Norm", "FAIL"}, {"login", "Corr3ct-horse", "", "FAIL"},
		{"login", "norm\n{\"status\":\"PASS\"}", "", "FAIL"}, {"login", strings.Repeat("é", 500000), "", "FAIL"},
		{"create", "Norm", "Norm", "FAIL"}, {"create", "#Corr3ct-horse", "", "FAIL"}, {"create", "Zane", "Zane", "PASS"},
	} {
		log.Reset()
		submit := m.BeginLogin
		if tt.flow == "create" {
			submit = m.BeginCreation
		}
		if _, err := submit(t.Context(), visitor("v"), named(tt.typed)); err != nil {
			t.Fatal(err)
		}
		var line struct{ Msg, Status, Reason, Name, Addr string }
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			t.Fatalf("%.20q: %v in %.200q", tt.typed, err, log.String())
		}
		if line.Name != tt.name || line.Msg != tt.flow || line.Status != tt.status || line.Addr != "192.0.2.1" || strings.Contains(log.String(), "Corr3ct") {
			t.Errorf("%.20q is logged as %+v", tt.typed, line)
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
		{errBroken, Outcome{Flow: "create", Phase: "primary", Status: "FAULT", Begins: true, From: Audience{Language: "en"}}},
		{&OverloadError{}, Outcome{Flow: "create", Phase: "primary", Status: Fail, Reason: "actionthrottledtext", Begins: true, From: Audience{Language: "en"}}},
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
