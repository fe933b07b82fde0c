package gatehouse

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestGuardTellsAReferenceAlone(t *testing.T) {
	var log bytes.Buffer
	h := guarded(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "half=made")
		panic(errors.New("innermost detail"))
	}), slog.New(slog.NewTextHandler(&log, nil)))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/w/api.php?password=marked-secret", nil))
	body, reference, _ := strings.Cut(strings.TrimSpace(w.Body.String()), "Reference: ")
	if w.Code != http.StatusInternalServerError || strings.Contains(body, "detail") || reference == "" {
		t.Errorf("answered %d %q", w.Code, w.Body)
	}
	if got := w.Result().Header; got.Get("Set-Cookie") != "" || got.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", got)
	}
	for _, part := range []string{"level=ERROR", "reference=" + reference, "innermost detail", "guard_test.go"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the log lacks %q: %s", part, log.String())
		}
	}
	if strings.Contains(log.String(), "marked-secret") {
		t.Errorf("the log has the query: %s", log.String())
	}
}

func TestGuardLetsConnectionsBeBrokenOff(t *testing.T) {
	defer func() {
		if fault := recover(); fault != http.ErrAbortHandler {
			t.Errorf("recovered %v", fault)
		}
	}()
	h := guarded(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), slog.New(slog.DiscardHandler))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}
