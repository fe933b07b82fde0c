package gatehouse

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// traced is a server with one OpenID provider whose spans are kept.
func traced(t *testing.T, set func(*Config)) (*outside, *tracetest.InMemoryExporter) {
	t.Helper()
	kept := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(kept))
	o := newOutside(t, set, "example.net")
	s, err := New(t.Context(), o.cfg, Options{Logger: slog.New(slog.DiscardHandler), Tracing: provider})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.server.Close(); err != nil {
		t.Fatal(err)
	}
	o.server = s
	return o, kept
}

func attributeOf(s tracetest.SpanStub, key attribute.Key) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

// TestTracesOfAFlow: a flow's submissions are traces that carry one mark; phases and questions to the provider stand below their
// request; and nobody's name, password or address is told.
func TestTracesOfAFlow(t *testing.T) {
	o, kept := traced(t, func(c *Config) { c.TOTP.AtCreation = "optional" })
	c := o.client()
	who := url.Values{"subject": {"marked-subject"}, "preferred_username": {"Marked"}, "email": {"marked@example.org"}}
	asked := o.through(c, "createaccount", "example.net", who, url.Values{"username": {"Marked"}})
	if got := c.step("createaccount", "createaccount", "code", appCode(t, setupOf(t, asked)["secret"].(string), 0)); got["status"] != "PASS" {
		t.Fatalf("got %v", got)
	}
	spans := kept.GetSpans()
	names, flows, parents := map[string]int{}, map[string]bool{}, map[string]tracetest.SpanStub{}
	for _, s := range spans {
		names[s.Name]++
		parents[s.SpanContext.SpanID().String()] = s
		if flow := attributeOf(s, "gatehouse.flow"); flow != "" && strings.HasPrefix(s.Name, "create") {
			flows[flow] = true
		}
		for _, a := range s.Attributes {
			if v := a.Value.String(); strings.Contains(strings.ToLower(v), "marked") || strings.Contains(v, "127.0.0.1:") && a.Key != "server.address" {
				t.Errorf("%s tells %s = %q", s.Name, a.Key, v)
			}
		}
	}
	provider, _ := url.Parse(o.cfg.OIDC[0].Issuer)
	for _, want := range []string{"api createaccount", "api query", "create commit", "POST " + provider.Host} {
		if names[want] == 0 {
			t.Errorf("no span is called %q; there are %v", want, names)
		}
	}
	if len(flows) != 1 {
		t.Errorf("the flow's phases carry %d marks", len(flows))
	}
	for _, s := range spans {
		above := parents[s.Parent.SpanID().String()]
		if strings.HasPrefix(s.Name, "create ") && above.Name != "api createaccount" {
			t.Errorf("%s stands below %q", s.Name, above.Name)
		}
	}
}

// A trace goes on behind a proxy that is trusted, and nobody else decides what is traced together.
func TestTraceOfAProxy(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for proxies, want := range map[string]bool{"127.0.0.1/32": true, "10.0.0.0/8": false} {
		o, kept := traced(t, func(c *Config) { c.Server.TrustedProxies = []string{proxies} })
		web := httptest.NewServer(o.server.Handler())
		r, err := http.NewRequest(http.MethodGet, web.URL+"/wiki/Special:CreateAccount", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		web.Close()
		spans := kept.GetSpans()
		if len(spans) != 1 || (spans[0].SpanContext.TraceID().String() == trace) != want {
			t.Errorf("proxies %s: %v", proxies, spans)
		}
	}
}
