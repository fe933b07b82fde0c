//go:build !otlp

package main

import (
	"context"
	"errors"

	"gatehouse"
)

// withTracing calls serve. This binary cannot send spans: the protocol would make it larger, busy or not, for the few who
// collect them.
func withTracing(_ context.Context, cfg gatehouse.Config, o gatehouse.Options, serve func(gatehouse.Options) error) error {
	if cfg.Tracing.Endpoint != "" {
		return errors.New("tracing.endpoint is set, and this binary cannot send spans; build it with: go build -tags otlp ./cmd/gatehouse")
	}
	return serve(o)
}
