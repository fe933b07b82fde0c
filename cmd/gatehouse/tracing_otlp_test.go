//go:build otlp

package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"gatehouse"
)

// TestTracingReachesACollector sends the spans of one request by OTLP, the last of them as the server stops.
func TestTracingReachesACollector(t *testing.T) {
	var names []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var batch collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &batch)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		for _, resource := range batch.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					names = append(names, span.Name)
				}
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	defer web.Close()
	cfg := gatehouse.DefaultConfig()
	cfg.Store.URL, cfg.Tracing.Endpoint = "memory:", web.URL+"/v1/traces"
	err := withTracing(t.Context(), cfg, gatehouse.Options{Logger: slog.New(slog.DiscardHandler)}, func(o gatehouse.Options) error {
		s, err := gatehouse.New(t.Context(), cfg, o)
		if err != nil {
			return err
		}
		r := httptest.NewRequest(http.MethodGet, "/w/api.php?action=query&meta=tokens&format=json", nil)
		s.Handler().ServeHTTP(httptest.NewRecorder(), r)
		return s.Close()
	})
	if err != nil || !slices.Contains(names, "api query") {
		t.Errorf("the collector has %v; %v", names, err)
	}
}
