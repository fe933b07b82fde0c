// Package conformance_test asks this server, and a real MediaWiki, what the recordings of this folder say.
package conformance_test

import (
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse"
	"gatehouse/internal/mediawikitest"
	"gatehouse/internal/recording"
	"gatehouse/internal/replay"
)

// startGatehouse runs a server as it is delivered, but in memory and with nothing that limits creations.
func startGatehouse(t *testing.T) *url.URL {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	cfg := gatehouse.DefaultConfig()
	cfg.Store.URL, cfg.Server.PublicURL = "memory:", "http://"+web.Listener.Addr().String()
	cfg.Throttle.Creations = nil
	s, err := gatehouse.New(t.Context(), cfg, gatehouse.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	web.Config.Handler = s.Handler()
	web.Start()
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return address(t, web.URL+"/w/api.php")
}

func address(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func readFile(t *testing.T, file string) []recording.Exchange {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, exchanges, err := recording.Read(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return exchanges
}

func readAllow(t *testing.T, file string) *replay.Allow {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	allow, err := replay.ReadAllow(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return allow
}

// play replays and reports each difference that nothing allows.
func play(t *testing.T, exchanges []recording.Exchange, api *url.URL, allow *replay.Allow) {
	t.Helper()
	result, err := replay.Against(t.Context(), exchanges, replay.Target{API: api, Random: rand.Reader, Compare: replay.Rules{Masks: replay.Masks(), Allow: allow}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range result.Differences {
		t.Error(d)
	}
	for _, d := range result.Allowed {
		t.Log(d)
	}
	if result.Exchanges != len(exchanges) || len(exchanges) == 0 {
		t.Errorf("%d of %d exchanges were played", result.Exchanges, len(exchanges))
	}
}

// TestExpectations holds this server to the recordings of this folder.
func TestExpectations(t *testing.T) {
	api := startGatehouse(t)
	for name, exchanges := range expectations(t) {
		t.Run(name, func(t *testing.T) { play(t, exchanges, api, nil) })
	}
}

// TestExpectationsOnMediaWiki holds the recordings to a real MediaWiki: what they expect is the protocol and no habit of ours.
func TestExpectationsOnMediaWiki(t *testing.T) {
	api := address(t, mediawikitest.Start(t, like143())+"/api.php")
	for name, exchanges := range expectations(t) {
		t.Run(name, func(t *testing.T) { play(t, exchanges, api, nil) })
	}
}

func expectations(t *testing.T) map[string][]recording.Exchange {
	t.Helper()
	files, err := filepath.Glob("*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings here: %v", err)
	}
	out := map[string][]recording.Exchange{}
	for _, file := range files {
		out[strings.TrimSuffix(file, ".jsonl")] = readFile(t, file)
	}
	return out
}

// allowIsTrue holds that each rule is needed, and that its reason is a row of docs/divergences.md.
func allowIsTrue(t *testing.T, allow *replay.Allow) {
	t.Helper()
	page, err := os.ReadFile("../docs/divergences.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range allow.Rules {
		row, ok := strings.CutPrefix(r.Reason, "docs/divergences.md: ")
		if !ok || !strings.Contains(string(page), "\n| "+row) {
			t.Errorf("%s: no row of docs/divergences.md begins %q", r.Pattern, row)
		}
	}
	for _, pattern := range allow.Unused() {
		t.Errorf("no difference needs the rule %s", pattern)
	}
}
