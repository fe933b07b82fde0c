//go:build otlp

package main

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.39.0"

	"gatehouse"
)

// flushWithin is how long the last spans may take when the server stops.
const flushWithin = 5 * time.Second

// withTracing calls serve with what sends spans to the collector of cfg, and sends the rest of them afterwards.
func withTracing(ctx context.Context, cfg gatehouse.Config, o gatehouse.Options, serve func(gatehouse.Options) error) error {
	if cfg.Tracing.Endpoint == "" {
		return serve(o)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(cfg.Tracing.Endpoint))
	if err != nil {
		return fmt.Errorf("set up tracing: %w", err)
	}
	name := cfg.Server.HostName
	if name == "" {
		name = cfg.PublicURL()
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(1/float64(cfg.Tracing.OneIn)))),
		sdktrace.WithResource(resource.NewSchemaless(semconv.ServiceName("gatehouse"), semconv.ServiceVersion(gatehouse.Version),
			semconv.ServiceInstanceID(name))),
	)
	o.Tracing = provider
	err = serve(o)
	// The server's own context is over by now.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWithin)
	defer cancel()
	if down := provider.Shutdown(last); down != nil && o.Logger != nil {
		o.Logger.Warn("the last spans were not sent", "error", down)
	}
	return err
}
