package gatehouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"gatehouse/auth"
	"gatehouse/internal/actionapi"
	"gatehouse/internal/outbox"
)

// Spans tell how a request spent its time: one for the request, below it one for each phase of a flow, and one for each server
// that was asked. Nobody's name, address or answer is in them. The submissions of one flow are traces of their own, hours
// apart perhaps; they carry the same gatehouse.flow, which is no secret and leads back to nothing.

const tracerName = "gatehouse"

// tracing is nil where nobody asked for spans: then nothing is measured.
type tracing struct {
	tracer trace.Tracer
	// proxies may hand a trace on to us; whoever else says that a request belongs to one is not believed.
	proxies []netip.Prefix
	parent  propagation.TraceContext
}

func newTracing(p trace.TracerProvider, proxies []netip.Prefix) *tracing {
	if p == nil {
		return nil
	}
	return &tracing{tracer: p.Tracer(tracerName, trace.WithInstrumentationVersion(Version)), proxies: proxies}
}

// requests gives each request a span. What it is called is known once the call was understood; see called.
func (t *tracing) requests(h http.Handler) http.Handler {
	if t == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if t.believes(r.RemoteAddr) {
			ctx = t.parent.Extract(ctx, propagation.HeaderCarrier(r.Header))
		}
		ctx, span := t.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer),
			trace.WithAttributes(attribute.String("http.request.method", r.Method), attribute.String("url.path", r.URL.Path)))
		defer span.End()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (t *tracing) believes(peer string) bool {
	addr, err := netip.ParseAddrPort(peer)
	return err == nil && slices.ContainsFunc(t.proxies, func(p netip.Prefix) bool { return p.Contains(addr.Addr().Unmap()) })
}

// called names the span of a call of the API by its module.
func (t *tracing) called(ctx context.Context, o actionapi.Observation) {
	if t == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	span.SetName("api " + o.Module)
	span.SetAttributes(attribute.Int("http.response.status_code", o.Status), attribute.String("gatehouse.module", o.Module),
		attribute.String("gatehouse.code", o.Code))
	if o.Status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, o.Code)
	}
}

// phase gives a phase of a flow a span.
func (t *tracing) phase(ctx context.Context, p auth.Phase) (context.Context, func(auth.Status, error)) {
	digest := sha256.Sum256([]byte("trace " + p.Client))
	ctx, span := t.tracer.Start(ctx, p.Flow+" "+p.Name, trace.WithAttributes(
		attribute.String("gatehouse.flow", hex.EncodeToString(digest[:8])), attribute.String("gatehouse.phase", p.Name)))
	return ctx, func(status auth.Status, err error) {
		if status != "" {
			span.SetAttributes(attribute.String("gatehouse.status", string(status)))
		}
		end(span, err)
	}
}

// end closes a span. What an error says may have somebody's name in it: only that there was one is told.
func end(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// outgoing gives each request to another server a span. The trace is not handed on: it is nobody else's.
func (t *tracing) outgoing(next http.RoundTripper) http.RoundTripper {
	if t == nil {
		return next
	}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		ctx, span := t.tracer.Start(r.Context(), r.Method+" "+r.URL.Host, trace.WithSpanKind(trace.SpanKindClient),
			trace.WithAttributes(attribute.String("server.address", r.URL.Hostname())))
		resp, err := next.RoundTrip(r.WithContext(ctx))
		if err == nil {
			span.SetAttributes(attribute.Int("http.response.status_code", resp.StatusCode))
		}
		end(span, err)
		return resp, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// carrier gives each mail that is handed over a span.
func (t *tracing) carrier(next outbox.Carrier) outbox.Carrier {
	if t == nil {
		return next
	}
	return tracedCarrier{next, t}
}

type tracedCarrier struct {
	outbox.Carrier
	t *tracing
}

func (c tracedCarrier) Connect(ctx context.Context) (outbox.Way, error) {
	ctx, span := c.t.tracer.Start(ctx, "mail connect", trace.WithSpanKind(trace.SpanKindClient))
	way, err := c.Carrier.Connect(ctx)
	end(span, err)
	if err != nil {
		return nil, err
	}
	return tracedWay{way, c.t}, nil
}

type tracedWay struct {
	outbox.Way
	t *tracing
}

func (w tracedWay) Send(ctx context.Context, row auth.MailRow) error {
	ctx, span := w.t.tracer.Start(ctx, "mail send", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("gatehouse.mail", string(row.Kind))))
	err := w.Way.Send(ctx, row)
	end(span, err)
	return err
}
