// Package gatehouse is an account-creation server that speaks MediaWiki's Action API: every program that can create an
// account on a wiki can create one here.
//
// Load or DefaultConfig gives a Config, New wires a Server from it, and Server.Handler is an http.Handler to mount
// anywhere; Run does all of it for a program that is nothing but the server. OpenOperator is the operator's hand on the
// store, beside a running server or without one.
//
// This package is the only place where parts are wired. What an account creation is stands in package auth; how it is
// spoken over HTTP in internal/actionapi (api.php) and internal/special (the pages); what it is kept in, in
// internal/store. Nothing below this package imports it, and nothing in it is global: a program may run several servers.
package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"go.opentelemetry.io/otel/trace"

	"gatehouse/internal/captcha"
	"gatehouse/internal/funnel"
	"gatehouse/internal/keyring"
	"gatehouse/internal/outbox"
	"gatehouse/internal/password"
	"gatehouse/internal/provider/openid"
	"gatehouse/internal/seam"
	"gatehouse/internal/store/sqlstore"
	"gatehouse/internal/websession"
)

// Version is the version of gatehouse.
const Version = "0.1.0"

// Options are what a program may bring along. The zero value is fine.
type Options struct {
	// Logger gets everything worth a line; nil = slog.Default.
	Logger *slog.Logger
	// ClientAddr gives the address a request came from; nil = by server.trusted_proxies. For programs that mount the handler
	// behind something that knows better.
	ClientAddr func(*http.Request) netip.Addr
	// Tracing gets a span for each request, each phase of a flow, each question to another server and each mail; nil = none. Its
	// owner shuts it down after Close. A trace that a request says to belong to is believed of server.trusted_proxies.
	Tracing trace.TracerProvider
}

// Server is a wired server. It is safe for concurrent use.
type Server struct {
	// patience is with clients of the listeners that the server itself opens.
	patience patience

	cfg     Config
	log     *slog.Logger
	store   *sqlstore.Store
	keys    *keyring.Keyring
	session *websession.Manager
	budget  *password.Budget
	metrics *metrics
	tracing *tracing // nil where nobody asked for it
	// funnel counts how far people come, ledger keeps it.
	funnel *funnel.Counters
	ledger *funnel.Ledger
	openid *openid.Desk  // nil where no provider is configured
	desk   *captcha.Desk // nil where nobody is asked for captchas
	mail   *mailParts
	// delivery sends the mail that waits; nil where there is no mail server.
	delivery *outbox.Worker
	handler  http.Handler
	// seam is where clock and randomness come from; edge is what the handler was made of.
	seam seam.Seam
	edge edge
	// storeClock replaces the store's own clock, which on PostgreSQL is the one that all instances share; nil = it does not.
	storeClock func() time.Time
}

// New wires a server: it makes or migrates the store, opens the keys and builds the handlers. It listens to nothing and
// starts nothing; Close what it returns. A Config that does not validate, or asks for what this version does not have, is
// an error that names every fault.
func New(ctx context.Context, cfg Config, o Options) (*Server, error) {
	return build(ctx, cfg, o, seam.Seam{})
}

func build(ctx context.Context, cfg Config, o Options, parts seam.Seam) (*Server, error) {
	if err := usable(cfg); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: o.Logger, patience: usualPatience(), seam: parts.Filled(), storeClock: parts.Clock}
	if s.log == nil {
		s.log = slog.Default()
	}
	for _, w := range cfg.Warnings() {
		s.log.Warn(w)
	}
	if err := s.wire(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// usable refuses what could not run.
func usable(cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	if missing := cfg.Unbuilt(); len(missing) > 0 {
		return fmt.Errorf("this version does not have what the configuration asks for: %v", missing)
	}
	return nil
}

// Handler answers api.php, the pages and "/". It does not look at the host: put it wherever the configured addresses lead,
// and run Upkeep beside it.
func (s *Server) Handler() http.Handler { return s.handler }

// Writes counts the transactions that this server's store has committed, so that a measurement can show what does not
// write.
func (s *Server) Writes() uint64 { return s.store.Writes() }

// Close ends the store. The handler must not be used afterwards.
func (s *Server) Close() error {
	if s.store == nil {
		return nil
	}
	if err := s.store.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}
